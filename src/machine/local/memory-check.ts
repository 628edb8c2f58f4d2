import { memoryLayout, UsageError } from '../../program/index.ts'
import { codeFor } from '../protection.ts'
import type { RunOptions } from '../run.ts'

/** What a processor takes before its program has anything: Node itself, the program's thread, code. */
const processorBytes = 56 * 2 ** 20

/** Offsets in a processor's memory have 32 bits, and its checkpoint's copy lies in it too. */
const processBytesMax = 2 ** 31

/** Throws a `UsageError` if the program cannot fit into this computer's memory, before anything is started. */
export function checkMemory(options: RunOptions): void {
  const { processes, protection, spares } = options
  const bytes = processMemoryBytes(options)
  const largest = Math.max(...bytes)
  if (largest > processBytesMax) {
    const rank = bytes.indexOf(largest)
    throw new UsageError(
      `process ${rank} would need ${gibibytes(largest)} of memory, and one process can have ${gibibytes(processBytesMax)}: choose smaller sizes (--size)`,
    )
  }
  const code = codeFor(processes, protection)
  const checkProcessors = code ? code.checks * code.copies : 0
  // Each process keeps its memory and the last checkpoint; the check processors keep parity, long as the longest.
  const programBytes = bytes.reduce((sum, one) => sum + one, 0) * 2 + largest * checkProcessors
  const processors = processes + spares + checkProcessors
  const neededBytes = programBytes + processors * processorBytes
  const availableBytes = process.availableMemory()
  if (neededBytes <= availableBytes) return
  throw new UsageError(
    `the run would need about ${gibibytes(neededBytes)} of memory, and ${gibibytes(availableBytes)} are available: choose smaller sizes (--size) or fewer processes`,
  )
}

/** Bytes of each process's memory, by rank. */
export function processMemoryBytes({ program: { program }, processes, sizes }: RunOptions): number[] {
  const ranks = Array.from({ length: processes }, (_, rank) => rank)
  return ranks.map((rank) => memoryLayout(program, { rank, processes, size: sizes }).bytes)
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
