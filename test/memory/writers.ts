import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ProtectedMemory } from '../../src/memory/index.ts'

/** Runs as a thread of its own: it writes one word of each page, in an order of its own, and counts what it does there. */
const source = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { buffer, offset, bytes, thread, mode, control } = workerData
  const words = new Uint32Array(buffer, offset, bytes / 4)
  const pages = bytes / 4096
  parentPort.postMessage('running')
  for (let round = 0; mode === 'rounds' ? round < 50 : Atomics.load(control, 0) === 0; round += 1) {
    for (let i = 0; i < pages; i += 1) {
      const page = (i * (2 * thread + 1) + thread) % pages
      words[page * 1024 + thread] += 1
    }
  }
`

export interface Writing {
  /** Resolves when all threads have ended. */
  readonly ended: Promise<unknown>
  /** Makes them end, and waits for it. */
  stop(): Promise<unknown>
}

/** Threads that write all over a program's memory. Resolves when all of them are at it. */
export async function startWriters(
  memory: ProtectedMemory,
  bytes: number,
  threads: number,
  mode: 'rounds' | 'until stopped',
): Promise<Writing> {
  const control = new Int32Array(new SharedArrayBuffer(4))
  const workers = Array.from({ length: threads }, (_, thread) => {
    const workerData = { buffer: memory.buffer, offset: memory.programOffset, bytes, thread, mode, control }
    return new Worker(source, { eval: true, workerData })
  })
  const ended = Promise.all(workers.map((worker) => once(worker, 'exit')))
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const stopAll = (): Promise<unknown> => {
    Atomics.store(control, 0, 1)
    return ended
  }
  return { ended, stop: stopAll }
}
