/** Checkpoints on disk in a random run: whether, where and when, and what befalls the disk. */
import { type Random, seededRandom } from '../../base/index.ts'
import type { Canary } from '../canaries/canary.ts'
import type { SimulatedMachine } from '../world/machine.ts'
import { diskFaultKinds, type FaultCounts, type FaultKind } from './kinds.ts'

/** Nothing is written to disk; some checkpoints are, beside the parity; nothing but files keeps checkpoints. */
export const storagePlaces = ['none', 'beside', 'alone'] as const

export type StoragePlace = (typeof storagePlaces)[number]

const placesUsual: readonly StoragePlace[] = ['none', 'none', 'none', 'none', 'none', 'beside', 'beside', 'alone']

export interface DiskMixOptions {
  /** Drawn from these; by default all, mostly none. */
  readonly storages?: readonly StoragePlace[]
}

export interface DiskMix {
  readonly machine: SimulatedMachine
  readonly faults: FaultCounts
}

/**
 * `drawn`: without a disk. Everything is drawn from the machine's choices, so that what a seed draws beside it is the same
 * with and without a disk.
 */
export function withDisk(
  drawn: DiskMix,
  { storages }: DiskMixOptions,
  allowed: readonly FaultKind[],
  canary: Canary | null,
): DiskMix {
  const random = seededRandom(Math.imul(drawn.machine.choices, 0x9e3779b1))
  const isAboutDisk = allowed.length > 0 && allowed.every((kind) => diskFaultKinds.some((one) => one === kind))
  const usual: readonly StoragePlace[] = isAboutDisk ? ['beside', 'alone'] : placesUsual
  const possible: readonly StoragePlace[] = canary ? [canary.storage ?? 'none'] : (storages ?? usual)
  const place = random.pick(possible)
  if (place === 'none') return drawn
  const setting = { every: random.integer(1, 3), isIncremental: random.integer(0, 1) === 1 }
  // With no room at all nobody goes on while anything of his waits to be released, and nothing is ever taken back.
  const roomy = { ...drawn.machine, logBytesMax: drawn.machine.logBytesMax || leastRoom }
  const machine = place === 'beside' ? { ...roomy, storage: setting } : alone(random, roomy, setting)
  return { machine, faults: { ...drawn.faults, ...drawFaults(random, place, allowed) } }
}

/** One output. */
const leastRoom = 4

/** The scheme is a synchronous one then, and every checkpoint is written. */
function alone(random: Random, machine: SimulatedMachine, setting: SimulatedMachine['storage']): SimulatedMachine {
  const coordination = random.pick(['resume-after-commit', 'resume-after-capture'] as const)
  return { ...machine, code: 'none', tolerate: 0, coordination, storage: setting && { ...setting, every: 1 } }
}

function drawFaults(random: Random, place: StoragePlace, allowed: readonly FaultKind[]): Partial<FaultCounts> {
  const most: Partial<FaultCounts> = {
    fullDisks: random.integer(1, 3),
    damagedFiles: random.integer(1, 2),
    powerCuts: random.integer(1, 3),
    // A loss that no code covers does not end the run any more.
    ...(place === 'beside' && allowed.includes('excesses') ? { excesses: random.integer(1, 2) } : {}),
  }
  const counts: Partial<Record<FaultKind, number>> = { ...most }
  for (const kind of diskFaultKinds) {
    // Where nothing else keeps checkpoints a full disk ends the run.
    const isDrawn = random.integer(0, kind === 'fullDisks' && place === 'alone' ? 5 : 1) === 1
    if (!allowed.includes(kind) || !(isDrawn || allowed.length === 1)) counts[kind] = 0
  }
  return counts
}
