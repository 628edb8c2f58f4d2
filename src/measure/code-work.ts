import { type BatchKernels, type KernelMemory, reedSolomonCode } from '../parity/index.ts'

/** What is copied, added to a row, or encoded. */
export const sourceBytes = 64 * 2 ** 20
export const pageSizeBytes = 4096
const pages = sourceBytes / pageSizeBytes
export const pagesPerBatch = 256
/** Processes of the code whose coefficients are used. */
export const sources = 4
export const code = reedSolomonCode(sources, 2)

/** `update`: all bytes into both rows of the code; `encode`: both rows made of four sources of a quarter each. */
export type CodeWork = 'copy' | 'xor' | 'update' | 'encode'

/** A memory with the sources and two rows, and the sources outside of it too, as they come from a link. */
export interface Rooms {
  readonly memory: KernelMemory
  readonly source: number
  readonly rows: readonly number[]
  readonly outside: Uint8Array
}

/** One way to add pages of the sources to the rows' pages. */
export interface CodeBench {
  readonly name: string
  readonly rooms: Rooms
  readonly batches: BatchKernels
  /**
   * Adds a batch of pages of the sources from page `from` on, times each row's coefficient, to those of the first rows
   * from page `to` on, or writes over them.
   */
  add(to: number, from: number, coefficients: Uint8Array, over: boolean): void
}

/** Bytes without any pattern that matters, and without a page of zeros. */
export function sourceContent(): Uint8Array {
  const bytes = new Uint8Array(sourceBytes)
  const words = new Uint32Array(bytes.buffer)
  for (let i = 0; i < words.length; i += 1) words[i] = Math.imul(i + 1, 0x9e3779b1)
  return bytes
}

export function furnish(memory: KernelMemory, outside: Uint8Array): Rooms {
  const source = memory.allocate(sourceBytes, pageSizeBytes)
  const rows = [0, 1].map(() => memory.allocate(sourceBytes, pageSizeBytes))
  memory.bytes.set(outside, source)
  for (const row of rows) memory.bytes.fill(1, row, row + sourceBytes)
  return { memory, source, rows, outside }
}

/** Batches of pages that come from outside, as check processors add deltas. */
export function batchBench(name: string, rooms: Rooms, batches: BatchKernels): CodeBench {
  const { rows, outside } = rooms
  // For one row and for two: the targets of one batch after those of the other.
  const offsets = [1, 2].map((count) =>
    Uint32Array.from({ length: count * pages }, (_, i) => {
      const [batch, at] = [Math.floor(i / (count * pagesPerBatch)), i % (count * pagesPerBatch)]
      const page = batch * pagesPerBatch + (at % pagesPerBatch)
      return rows[Math.floor(at / pagesPerBatch)]! + page * pageSizeBytes
    }),
  )
  const holds = [1, 2].map((count) => new Uint8Array(count * pagesPerBatch))
  return {
    name,
    rooms,
    batches,
    add(to, from, coefficients, over) {
      const count = coefficients.length
      const bytes = outside.subarray(from * pageSizeBytes, (from + pagesPerBatch) * pageSizeBytes)
      const targets = offsets[count - 1]!.subarray(count * to, count * (to + pagesPerBatch))
      batches.bring(bytes, targets, holds[count - 1]!.fill(over ? 0 : 1), coefficients)
    },
  }
}

/** The coefficients of each process in both rows. */
const columns = Array.from({ length: sources }, (_, process) =>
  Uint8Array.of(code.coefficient(0, process), code.coefficient(1, process)),
)
const one = Uint8Array.of(1)

/** Does a work once, over all of the sources. */
export function doWork(bench: CodeBench, work: CodeWork): void {
  const pagesEach = pages / sources
  switch (work) {
    case 'copy':
    case 'xor':
      for (let at = 0; at < pages; at += pagesPerBatch) bench.add(at, at, one, work === 'copy')
      return
    case 'update':
      for (let at = 0; at < pages; at += pagesPerBatch) bench.add(at, at, columns[1]!, false)
      return
    case 'encode':
      for (let at = 0; at < pagesEach; at += pagesPerBatch) {
        columns.forEach((coefficients, i) => {
          bench.add(at, i * pagesEach + at, coefficients, i === 0)
        })
      }
  }
}
