import { once } from 'node:events'
import { open, url } from 'node:inspector'
import { createServer } from 'node:net'

const usualPort = 9229

/** Lets a debugger come to this process and its threads, where debuggers look first, or where there is room. Node says where. */
export async function inspectThisProcess(): Promise<void> {
  if (url() === undefined) open((await isFree(usualPort)) ? usualPort : 0, '127.0.0.1')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
