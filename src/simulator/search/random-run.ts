/** One random run from one seed: a random machine, program, schedule and faults; then the faults stop. */
import { seededRandom } from '../../base/index.ts'
import { PortableMemories } from '../../parity/index.ts'
import { describeCandidateEffect, describeCandidateEvent, type Rules } from '../../protocol/index.ts'
import { PendingFaults, type Strike } from '../faults/faults.ts'
import { Killer } from '../faults/killer.ts'
import { drawMix, type MixOptions } from '../faults/mix.ts'
import { type Move, moveOf, playMove, releasesOf, type SimulatedFault } from '../faults/moves.ts'
import { catchAssertion, endOf, tooLong } from '../oracle/endings.ts'
import type { Violation } from '../oracle/oracle.ts'
import { RestCheck } from '../oracle/rest-check.ts'
import { canaryOf, createWorld, type SimulatedMachine } from '../world/machine.ts'
import type { RunEnding, World, WorldOptions } from '../world/world.ts'
import { Schedule, type Tempo } from './schedule.ts'

export interface RandomRunOptions extends MixOptions {
  readonly rules?: Rules
  /** Keep one line for every event and effect. */
  readonly trace?: boolean
  /** Keep every move. */
  readonly record?: boolean
}

export interface RandomRun {
  readonly seed: number
  readonly machine: SimulatedMachine
  /** Null: nothing was wrong and the program finished. */
  readonly violation: Violation | null
  /** How it ended, if it did. */
  readonly outcome: RunEnding | null
  readonly actions: number
  /** Events that the state machines of the protocol have handled. */
  readonly events: number
  readonly commits: number
  readonly recoveries: number
  /** How often another one conducted from then on. */
  readonly takeOvers: number
  /** Checkpoints that became whole on disk. */
  readonly stored: number
  /** Recoveries, and starts after a power cut, that took everybody to one of those. */
  readonly fromDisk: number
  readonly trace: readonly string[]
  readonly moves: readonly Move[]
  readonly tempo: Tempo
  /** How often a link, or all that a processor sends or is sent, stood still for a while. */
  readonly standstills: number
  /** The faults that struck, in order. */
  readonly strikes: readonly Strike[]
}

/** They are lent to one run at a time. */
const memories = new PortableMemories()

const faultyActions = 4000
/** Of one run. Without faults a run takes far less than this. */
const actionsMax = 60_000
/** Of one run, for each place that there is: what a checkpoint takes in a machine with many check processors. */
const actionsOfPlaceMax = 4000

export function runSeed(seed: number, options: RandomRunOptions = {}): RandomRun {
  const random = seededRandom(scrambled(seed))
  const mix = drawMix(random, options)
  const trace: string[] = []
  const moves: Move[] = []
  memories.takeBack()
  const world = createWorld(mix.machine, {
    kernels: memories,
    ...(options.rules ? { rules: options.rules } : {}),
    ...(options.trace ? { observe: tracer(trace) } : {}),
  })
  const faults = new PendingFaults(random, mix.faults, mix.faultChance, mix.conductorChance)
  const schedule = new Schedule(random, mix.tempo)
  const canary = canaryOf(mix.machine)
  // Broken rules may well make a program wait for ever.
  const isBroken = options.rules !== undefined || (canary !== undefined && !canary.rest)
  const rests = isBroken ? null : new RestCheck(world, mix.machine.processes, canary?.rest)
  const killer = mix.deadlyRank === null ? null : new Killer(random, mix.deadlyRank)
  const chance = { faults, schedule, killer }
  const caught = catchAssertion(() => play(world, chance, rests, options.record ? moves : null))
  return {
    seed,
    machine: mix.machine,
    violation: world.violations[0] ?? caught,
    outcome: world.outcome,
    actions: world.time,
    events: world.events,
    commits: world.commits,
    recoveries: world.recoveries,
    takeOvers: world.candidates?.takeOvers ?? 0,
    stored: world.onDisk.stored,
    fromDisk: world.onDisk.returns,
    trace,
    moves,
    tempo: mix.tempo,
    standstills: schedule.standstills,
    strikes: faults.strikes,
  }
}

/**
 * The generator is linear in its seed, so that some pairs of choices would never come together in seeds that are all
 * small. The finalizer of MurmurHash3 (Appleby) makes every bit of the seed count in every choice.
 */
function scrambled(seed: number): number {
  let mixed = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function tracer(trace: string[]): NonNullable<WorldOptions['observe']> {
  return (who, event, effects) => {
    trace.push(
      `${who}: ${describeCandidateEvent(event)}`,
      ...effects.map((one) => `    ${describeCandidateEffect(one)}`),
    )
  }
}

interface Chance {
  readonly faults: PendingFaults
  readonly schedule: Schedule
  readonly killer: Killer | null
}

function play(
  world: World,
  { faults, schedule, killer }: Chance,
  rests: RestCheck | null,
  moves: Move[] | null,
): Violation | null {
  const strike = (next: readonly SimulatedFault[]): void => {
    for (const fault of next) {
      moves?.push(fault)
      playMove(world, fault)
    }
  }
  const most = Math.max(actionsMax, actionsOfPlaceMax * world.conductor.members.size)
  let isFaulty = true
  while (!world.outcome) {
    if (isFaulty && world.time >= faultyActions) {
      isFaulty = false
      strike(faults.stop(world))
    } else strike(faults.next(world))
    if (killer) strike(killer.next(world))
    if (killer?.violation) return killer.violation
    const actions = world.actions()
    if (actions.length === 0) {
      const released = releasesOf(world)
      strike(released)
      if (released.length > 0) continue
      return { kind: 'STUCK', detail: 'nothing can happen any more' }
    }
    if (world.time > most) return tooLong(most)
    const action = schedule.pick(world, actions)
    moves?.push(moveOf(action))
    world.perform(action)
    if (world.violations.length > 0) return world.violations[0]!
    if (rests?.askNext()) return { kind: 'STUCK', detail: 'the program goes on, and is said to wait for ever' }
  }
  return world.outcome.type === 'repeatedLoss' && killer?.hasStruck ? null : endOf(world, faults.hasExceeded)
}
