/**
 * A folder of files, as far as checkpoints need one. Everything that reaches the disk goes through here, so that a test
 * can cut the power at any byte. Errors are those of the operating system.
 */
export interface Folder {
  names(): Promise<string[]>
  /** A new file, empty; one that has the name is emptied. */
  create(name: string): Promise<FileInWriting>
  /** Up to `bytes` bytes from offset `from` on; fewer only where the file ends. */
  read(name: string, from: number, bytes: number): Promise<Uint8Array>
  /** Replaces what has the new name, at one stroke. Durable after `sync`. */
  rename(name: string, newName: string): Promise<void>
  /** Does nothing if there is no such file. */
  remove(name: string): Promise<void>
  /** Until this has resolved, a power cut may take back which names there are. */
  sync(): Promise<void>
}

export interface FileInWriting {
  /** `at`: offset in the file. What fails may have written a part. */
  write(at: number, bytes: Uint8Array): Promise<void>
  /** What was written before is on the disk when this has resolved. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Ending of what is not complete yet. */
export const partialEnding = '.partial'

/**
 * Writes a file under a name that it gets only when all of it is on the disk. False: `write` gave it up. What fails or
 * is given up leaves nothing behind; only where the sync of the folder fails, at the very end, the file has its name,
 * until a power cut may take that back.
 */
export async function writeWhole(
  folder: Folder,
  name: string,
  write: (file: FileInWriting) => Promise<boolean>,
): Promise<boolean> {
  const partial = name + partialEnding
  try {
    const isComplete = await writeDurably(folder, partial, write)
    if (isComplete) await folder.rename(partial, name)
    else await folder.remove(partial)
    if (isComplete) await folder.sync()
    return isComplete
  } catch (error) {
    // The first error is the one to tell of.
    await folder.remove(partial).catch(() => {})
    throw error
  }
}

async function writeDurably(
  folder: Folder,
  name: string,
  write: (file: FileInWriting) => Promise<boolean>,
): Promise<boolean> {
  const file = await folder.create(name)
  try {
    const isComplete = await write(file)
    if (isComplete) await file.sync()
    return isComplete
  } finally {
    await file.close()
  }
}
