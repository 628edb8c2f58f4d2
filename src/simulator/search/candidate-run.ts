/** One random run of a machine whose conductor may be lost, from one seed: everything random comes from it. */
import { type Random, seededRandom } from '../../base/index.ts'
import { PortableMemories } from '../../parity/index.ts'
import type { Canary } from '../canaries/canary.ts'
import type { Candidates } from '../candidates/candidates.ts'
import { type FaultKind, PendingFaults } from '../faults/faults.ts'
import { drawMix } from '../faults/mix.ts'
import { playMove } from '../faults/moves.ts'
import { catchAssertion, endOf, tooLong } from '../oracle/endings.ts'
import type { Violation } from '../oracle/oracle.ts'
import { createWorld } from '../world/machine.ts'
import type { RunEnding, World, WorldOptions } from '../world/world.ts'
import { Killer } from './killer.ts'
import { Schedule } from './schedule.ts'

export interface CandidateRun {
  readonly violation: Violation | null
  readonly outcome: RunEnding | null
  readonly actions: number
  readonly takeOvers: number
  readonly recoveries: number
}

export interface CandidateRunOptions {
  readonly canary?: Canary
  readonly observe?: WorldOptions['observe']
  /** Candidates are hit again and again, instead of a few times. */
  readonly isHarsh?: boolean
  /** The program ends its processor each time; nothing else befalls any. */
  readonly isDeadly?: boolean
}

/** What befalls processors meanwhile. */
const processorFaults: readonly FaultKind[] = [
  ...(['losses', 'jointLosses', 'fillings', 'freezes', 'stalls', 'suspicions', 'partitions'] as const),
  ...(['clockJumps', 'duplicates', 'lateFrames', 'fullBuffers', 'stepFailures'] as const),
]

const faultyActions = 4000
const actionsMax = 80_000
/** While nothing else happens; what is frozen or cut off goes on long before. */
const timersInARowMax = 3000
const memories = new PortableMemories()

export function runCandidates(
  seed: number,
  { canary, observe, isHarsh = false, isDeadly = false }: CandidateRunOptions = {},
): CandidateRun {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1))
  const mix = drawMix(random, { faults: isDeadly ? [] : processorFaults })
  memories.takeBack()
  const world = createWorld(
    { ...mix.machine, storage: null, code: mix.machine.code === 'none' ? 'mirror' : mix.machine.code },
    {
      ...{ kernels: memories, candidates: random.pick([2, 2, 3]) },
      ...(canary ? { broken: canary } : {}),
      ...(observe ? { observe } : {}),
    },
  )
  const { candidates } = world
  if (!candidates) throw new Error('the world has candidates')
  const faults = new PendingFaults(random, mix.faults, mix.faultChance)
  const schedule = new Schedule(random, { ...mix.tempo, standstills: 0 })
  const killer = isDeadly ? new Killer(random, random.integer(0, mix.machine.processes - 1)) : null
  const caught = catchAssertion(() => play(world, candidates, { random, faults, schedule, isHarsh, killer }))
  const violation = world.violations[0] ?? caught
  const { outcome } = world
  return { violation, outcome, actions: world.time, takeOvers: candidates.takeOvers, recoveries: world.recoveries }
}

interface Chance {
  readonly random: Random
  readonly faults: PendingFaults
  readonly schedule: Schedule
  readonly isHarsh: boolean
  readonly killer: Killer | null
}

function play(
  world: World,
  candidates: Candidates,
  { random, faults, schedule, isHarsh, killer }: Chance,
): Violation | null {
  const losses = new CandidateFaults(random, isHarsh)
  let isFaulty = true
  let timersInARow = 0
  while (!world.outcome) {
    if (isFaulty && world.time >= faultyActions) {
      isFaulty = false
      for (const fault of faults.stop(world)) playMove(world, fault)
      release(world, candidates)
    } else for (const fault of faults.next(world)) playMove(world, fault)
    losses.strike(world, candidates, isFaulty)
    const forgotten = killer?.strike(world, candidates)
    if (forgotten) return forgotten
    const actions = world.actions()
    const timers = candidates.clocks.timers()
    if (timers.length > 0 && (actions.length === 0 || random.integer(1, 20) === 1)) {
      candidates.clocks.pass(random.pick(timers))
      timersInARow += 1
      if (timersInARow > timersInARowMax) return { kind: 'STUCK', detail: 'nobody may take over' }
    } else if (actions.length > 0) {
      timersInARow = 0
      world.perform(schedule.pick(world, actions))
    } else {
      const released = faults.releaseAll(world)
      for (const fault of released) playMove(world, fault)
      if (!release(world, candidates) && released.length === 0) {
        return { kind: 'STUCK', detail: 'nothing can happen any more' }
      }
    }
    if (world.time > actionsMax) return tooLong(actionsMax)
    if (world.violations.length > 0) return world.violations[0]!
  }
  if (world.outcome.type === 'repeatedLoss' && killer?.hasStruck) return null
  return endOf(world, faults.hasExceeded)
}

/** Whoever is frozen or cut off goes on. */
function release(world: World, candidates: Candidates): boolean {
  const frozen = candidates.all.filter((one) => one.alive && one.frozen)
  for (const one of frozen) candidates.freeze(one, false)
  const isCut = world.links.partition !== null
  if (isCut) world.divide(null)
  candidates.crew.tellRest()
  return isCut || frozen.length > 0
}

/** What befalls candidates; only while somebody could take over. */
class CandidateFaults {
  readonly #random: Random
  readonly #chance: number
  #left: number

  constructor(random: Random, isHarsh: boolean) {
    this.#random = random
    this.#chance = isHarsh ? 1000 : random.pick([30, 100, 300])
    this.#left = isHarsh ? 40 : random.integer(1, 5)
  }

  strike(world: World, candidates: Candidates, isFaulty: boolean): void {
    const random = this.#random
    for (const one of candidates.all) {
      if (one.frozen && random.integer(1, 80) === 1) candidates.freeze(one, false)
    }
    if (!world.links.partition) candidates.crew.tellRest()
    if (!isFaulty || this.#left === 0 || random.integer(1, 10_000) > this.#chance || !candidates.areWell) return
    this.#left -= 1
    const { official } = candidates
    const victim = random.integer(0, 3) > 0 ? official : random.pick(candidates.all.filter(({ alive }) => alive))
    switch (random.integer(0, 4)) {
      case 0:
        candidates.crash(victim, (packets) => random.integer(0, packets))
        return
      case 1:
        victim.effectsLeft = random.integer(0, 4)
        return
      case 2:
        candidates.freeze(victim, true)
        return
      case 3:
        if (world.links.partition === null)
          world.divide({ side: new Set([victim.end]), way: random.pick(['in', 'out', 'both']) })
        return
      default:
        // It is believed lost, and goes on.
        candidates.suspect(random)
    }
  }
}
