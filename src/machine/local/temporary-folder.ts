import { join, resolve } from 'node:path'

/** What Linux takes as the path of a socket is 107 bytes; 12 of them are for the slash and the name in the folder. */
const folderBytesMax = 107 - 12

/** The folder for temporary files; `/tmp` where that one's path is too long for the names of sockets. */
export function temporaryFolder(preferred: string): string {
  const longest = join(resolve(preferred), 'paritas-XXXXXX')
  return Buffer.byteLength(longest) <= folderBytesMax ? resolve(preferred) : '/tmp'
}
