/**
 * Writing to a file that a user has named. What is no file of a disk may take its time: a named pipe is opened only when
 * somebody reads it. Whoever waits for that in the system cannot be woken by a signal, nor ended; so nobody waits there.
 */
import { type BigIntStats, close, constants, open, writeFile } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import type { NamedFile } from './named-file.ts'

/** An open file, or a stream for what may have to be waited for. `isOwn`: to be closed. */
export type Outlet =
  | { readonly kind: 'file'; readonly descriptor: number; readonly isOwn: boolean }
  | { readonly kind: 'stream'; readonly stream: Writable; readonly isOwn: boolean }

const openFile = promisify(open)
const closeFile = promisify(close)
const writeToFile = promisify(writeFile)

/** The system does not tell when somebody opens a pipe to read it. */
const pauseMs = 50

/**
 * Opens a file to be written, and empties it unless this process had it open already. Throws what the operating system
 * says, and what `signal` is aborted with.
 */
export async function openOutlet({ path, stats, descriptor }: NamedFile, signal: AbortSignal): Promise<Outlet> {
  if (descriptor !== null) {
    if (!mayBlock(stats!) && !isatty(descriptor)) return { kind: 'file', descriptor, isOwn: false }
    const standard = { 1: process.stdout, 2: process.stderr }[descriptor]
    if (standard) return { kind: 'stream', stream: standard, isOwn: false }
    return pipeOutlet(descriptor)
  }
  if (stats?.isFIFO()) return pipeOutlet(await openPipe(path, signal))
  return { kind: 'file', descriptor: await openFile(path, 'w'), isOwn: true }
}

/**
 * As `openOutlet`, but a file gives its name to a new one: who had it open goes on writing into the old one, and lines
 * of two writers do not mix. One that cannot be replaced is emptied.
 */
export async function openNewOutlet(file: NamedFile, signal: AbortSignal): Promise<Outlet> {
  const { path, stats, descriptor } = file
  const isReplaced = descriptor === null && (stats === null || stats.isFile())
  while (isReplaced && (await isRemoved(path))) {
    try {
      const mode = stats === null ? 0o666 : Number(stats.mode) & 0o777
      return { kind: 'file', descriptor: await openFile(path, 'wx', mode), isOwn: true }
    } catch (error) {
      // Another writer was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return openOutlet(file, signal)
}

async function isRemoved(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** Resolves when the system has taken all of `text`. Throws what it says, and what `signal` is aborted with. */
export async function writeText(outlet: Outlet, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (outlet.kind === 'file') return writeToFile(outlet.descriptor, text)
  const { stream } = outlet
  await new Promise<void>((resolve, reject) => {
    const abandon = (): void => reject(signal.reason)
    signal.addEventListener('abort', abandon)
    stream.write(text, (error) => {
      signal.removeEventListener('abort', abandon)
      if (error) reject(error)
      else resolve()
    })
  })
}

/** What was not taken yet is lost. Throws what the operating system says: some say only now that there was no space. */
export async function closeOutlet(outlet: Outlet): Promise<void> {
  if (!outlet.isOwn) return
  if (outlet.kind === 'file') await closeFile(outlet.descriptor)
  else outlet.stream.destroy()
}

function mayBlock(stats: BigIntStats): boolean {
  return stats.isFIFO() || stats.isSocket()
}

function pipeOutlet(descriptor: number): Outlet {
  const stream = new Socket({ fd: descriptor, readable: false, writable: true })
  // The error is told to whoever writes.
  stream.on('error', () => {})
  return { kind: 'stream', stream, isOwn: true }
}

async function openPipe(path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await openFile(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
    }
    await sleep(pauseMs, null, { signal }).catch(() => {})
  }
}
