import { inBytes, type Rank, UsageError } from '../../base/index.ts'
import { programBytesMax } from '../../memory/index.ts'
import { memoryLayout } from '../../program/index.ts'
import { pageSizeBytes } from '../page-size.ts'
import { codeFor } from '../protection.ts'
import type { RunOptions } from '../run.ts'
import type { MachineSettings } from '../settings.ts'
import { type Limits, readLimits } from './limits.ts'
import { type Shortage, shortages } from './needs.ts'

/** Throws a `UsageError` if the limits of this machine keep a run of so many processors from being, whatever it computes. */
export function checkMachine(settings: MachineSettings): void {
  refuse({ processors: countProcessors(settings), memoryBytes: 0 }, readLimits())
}

/** Throws a `UsageError` if this machine has no room for the run and the memory of its program. */
export function checkRun(options: RunOptions, limits: Limits = readLimits()): void {
  const { processes, protection, tracker } = options.machine
  const bytes = processMemoryBytes(options)
  const largest = Math.max(...bytes)
  const processBytesMax = programBytesMax(pageSizeBytes, tracker === 'lean')
  if (largest > processBytesMax) {
    const rank = bytes.indexOf(largest)
    throw new UsageError(
      `process ${rank} would need ${inBytes(largest)} of memory, and one process can have ${inBytes(processBytesMax)}: choose smaller sizes (--size)`,
    )
  }
  const ofProcesses = bytes.reduce((sum, _, rank) => sum + placeBytes(rank, bytes), 0)
  const memoryBytes = ofProcesses + checkProcessors(processes, protection) * placeBytes(null, bytes)
  refuse({ processors: countProcessors(options.machine), memoryBytes }, limits)
}

/**
 * What a place takes of memory, in bytes: that of a process its own and the last checkpoint, that of a check processor (rank
 * null) parity as long as the longest. `memoryBytes`: of each process, by rank.
 */
export function placeBytes(rank: Rank | null, memoryBytes: readonly number[]): number {
  return rank === null ? Math.max(...memoryBytes) : 2 * memoryBytes[rank]!
}

/** Bytes of each process's memory, by rank. */
export function processMemoryBytes({
  program: { program },
  machine: { processes },
  sizes,
}: Pick<RunOptions, 'program' | 'sizes'> & { readonly machine: Pick<MachineSettings, 'processes'> }): number[] {
  const ranks = Array.from({ length: processes }, (_, rank) => rank)
  return ranks.map((rank) => memoryLayout(program, { rank, processes, size: sizes }).bytes)
}

export function countProcessors(settings: MachineSettings): number {
  return countPlaces(settings) + settings.spares
}

/** Of all processors but the spares. */
export function countPlaces({ processes, protection }: MachineSettings): number {
  return processes + checkProcessors(processes, protection)
}

function checkProcessors(processes: number, protection: MachineSettings['protection']): number {
  const code = codeFor(processes, protection)
  return code ? code.checks * code.copies : 0
}

function refuse(size: Parameters<typeof shortages>[0], machine: Limits): void {
  const [first] = shortages(size, machine)
  if (first?.what === 'memory') throw new UsageError(memoryText(first))
  if (first) throw new UsageError(shortageText(first, `a run of ${size.processors} processors needs`))
}

function memoryText({ limit, used, needed, setBy, advice }: Shortage): string {
  const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  const available = `${gibibytes(limit - used)} are available: of ${setBy}, ${gibibytes(limit)} in all; ${advice}`
  return `the run would need about ${gibibytes(needed)} of memory, and ${available}`
}

/** One line: the limit, what it is, what is needed, and what to do. */
export function shortageText({ what, limit, setBy, used, needed, unit, advice }: Shortage, whoNeeds: string): string {
  const text = (count: number): string => (unit === 'bytes' ? inBytes(count) : String(count))
  const taken = used > 0 ? `, of which ${text(used)} ${unit === 'bytes' ? 'is' : 'are'} taken` : ''
  return `the limit of ${what} is ${text(limit)} (${setBy})${taken}, and ${whoNeeds} ${text(needed)}: ${advice}`
}
