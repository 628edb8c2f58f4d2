/** Conductors that may be lost in a random run: whether, how many, and what befalls them. */
import { type Random, seededRandom } from '../../base/index.ts'
import type { Canary } from '../canaries/canary.ts'
import type { SimulatedMachine } from '../world/machine.ts'
import { conductorFaultKinds, type FaultCounts, type FaultKind, faultKinds } from './kinds.ts'

export interface ConductorMixOptions {
  /** How many may conduct; drawn by default, mostly one, which is never lost. */
  readonly conductors?: number
  /** The program ends its processor each time; nothing else befalls any. */
  readonly isDeadly?: boolean
}

export interface ConductorMix {
  readonly machine: SimulatedMachine
  readonly faults: FaultCounts
  /** Out of ten thousand actions, how many are preceded by a fault of one that may conduct. */
  readonly conductorChance: number
  /** Of a program that ends its processor each time; null: of none. */
  readonly deadlyRank: number | null
}

/** Of machines without a disk, none of whose connections breaks; others have one conductor unless more are asked for. */
const conductorsUsual = [1, 1, 1, 2, 2, 3] as const
/** Where nothing else is to happen than what befalls them. */
const conductorsSeveral = [2, 2, 3] as const

/** Everything is drawn from the machine's choices, so that what a seed draws beside it stays the same. */
export function withConductors(
  { machine, faults }: Pick<ConductorMix, 'machine' | 'faults'>,
  { conductors, isDeadly = false }: ConductorMixOptions,
  allowed: readonly FaultKind[],
  canary: Canary | null,
): ConductorMix {
  const random = seededRandom(Math.imul(machine.choices, 0xcc9e2d51) ^ 2)
  const drawn = random.pick(isAbout(allowed) ? conductorsSeveral : conductorsUsual)
  const isAlone = !isAbout(allowed) && (machine.storage !== null || faults.breaks > 0)
  const usual = canary ? (canary.conductors ?? 1) : isAlone ? 1 : drawn
  const count = conductors ?? usual
  if (count === 1) return { machine, faults, conductorChance: 0, deadlyRank: null }
  const isKilled = isDeadly || canary?.isDeadly === true
  // Every third run is a harsh one: they are hit again and again.
  const isHarsh = canary !== null || random.integer(0, 2) === 0
  return {
    machine: { ...machine, conductors: count, unfetchedBytesMax: random.pick([1, 8, 2 ** 20]) },
    faults: { ...(isKilled ? noFaults : withoutBreaks(faults)), ...drawFaults(random, isHarsh, allowed) },
    conductorChance: isHarsh ? 1000 : random.pick([30, 100, 300]),
    deadlyRank: isKilled ? random.integer(0, machine.processes - 1) : null,
  }
}

const isAbout = (allowed: readonly FaultKind[]): boolean =>
  allowed.length > 0 && allowed.every((kind) => conductorFaultKinds.some((one) => one === kind))

const noFaults = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>

/** The world of several conductors has sessions over all connections: none breaks for good. Nor does its power fail. */
const withoutBreaks = (faults: FaultCounts): FaultCounts => ({ ...faults, breaks: 0, powerCuts: 0 })

function drawFaults(random: Random, isHarsh: boolean, allowed: readonly FaultKind[]): Partial<FaultCounts> {
  const counts: Partial<Record<FaultKind, number>> = {}
  for (const kind of conductorFaultKinds) {
    const isDrawn = random.integer(0, 3) > 0 || allowed.length === 1
    if (allowed.includes(kind) && isDrawn) counts[kind] = isHarsh ? 10 : random.integer(1, 2)
  }
  return counts
}
