import { constants, createReadStream, open } from 'node:fs'
import { Socket } from 'node:net'
import { addAbortSignal, type Readable } from 'node:stream'
import { isatty, ReadStream } from 'node:tty'
import { promisify } from 'node:util'
import { findFile } from './named-file.ts'

const blockBytes = 1 << 18

/**
 * Opens a file, a pipe that perhaps nobody writes to yet, or a terminal: nobody waits in the system for one that is
 * silent, where no signal ends it. The stream fails with what the operating system says, and when `signal` is aborted.
 */
export async function openForReading(name: string, signal: AbortSignal): Promise<Readable> {
  return addAbortSignal(signal, await readable(name))
}

async function readable(name: string): Promise<Readable> {
  const { path, stats, descriptor } = await findFile(name)
  const isPipe = stats?.isFIFO() || stats?.isSocket()
  if (!isPipe && !stats?.isCharacterDevice()) return createReadStream(path, { highWaterMark: blockBytes })
  const fd = descriptor ?? (await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK))
  if (isPipe) return new Socket({ fd, readable: true, writable: false })
  return isatty(fd) ? new ReadStream(fd) : createReadStream('', { fd, highWaterMark: blockBytes })
}
