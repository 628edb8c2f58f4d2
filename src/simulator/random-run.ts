/** One random run from one seed: a random machine, program, schedule and faults; then the faults stop. */
import { type Random, seededRandom } from '../base/index.ts'
import { defaultRules, describeEffect, describeEvent, type Rules } from '../protocol/index.ts'
import { Faults } from './faults.ts'
import type { Violation } from './oracle.ts'
import { simulatedPrograms } from './programs.ts'
import { type Action, World } from './world.ts'

export interface RandomRunOptions {
  readonly rules?: Rules
  /** Keep one line for every event and effect. */
  readonly trace?: boolean
}

export interface RandomRun {
  readonly seed: number
  /** Null: nothing was wrong and the program finished. */
  readonly violation: Violation | null
  readonly actions: number
  readonly commits: number
  readonly recoveries: number
  readonly trace: readonly string[]
}

const faultyActions = 4000
const actionsMax = 60_000

export function runSeed(seed: number, options: RandomRunOptions = {}): RandomRun {
  const random = seededRandom(seed)
  const trace: string[] = []
  const world = createWorld(random, options, trace)
  const faults = new Faults(random, {
    losses: random.pick([0, 1, 1, 2, 2, 3]),
    freezes: random.integer(0, 2),
    stalls: random.pick([0, 0, 1, 2]),
    duplicates: random.integer(0, 6),
    stepFailures: random.pick([0, 0, 1]),
  })
  const schedule = new Schedule(random)
  const chance = random.pick([3, 10, 30])
  const violation = catchAssertion(() => play(world, faults, schedule, chance))
  const { epoch } = world.conductor
  return { seed, violation, actions: world.time, commits: world.commits, recoveries: epoch - 1, trace }
}

function createWorld(random: Random, { rules = defaultRules, trace: isTraced }: RandomRunOptions, trace: string[]) {
  return new World({
    processes: random.integer(2, 4),
    spares: random.integer(1, 2),
    respawns: true,
    rules,
    logBytesMax: random.pick([0, 16, 64, 2 ** 20]),
    program: random.pick(Object.values(simulatedPrograms)),
    choose: (count) => random.integer(0, count - 1),
    observe: (who, event, effects) => {
      if (isTraced) trace.push(`${who}: ${describeEvent(event)}`, ...effects.map((one) => `    ${describeEffect(one)}`))
    },
  })
}

function play(world: World, faults: Faults, schedule: Schedule, chance: number): Violation | null {
  while (!world.outcome) {
    if (world.time < faultyActions) faults.strike(world, chance)
    else if (world.time === faultyActions) faults.stop(world)
    const actions = world.actions()
    if (actions.length === 0) {
      if (faults.thawAll(world)) continue
      return { kind: 'STUCK', detail: 'nothing can happen any more' }
    }
    if (world.time > actionsMax) return { kind: 'STUCK', detail: `not finished after ${actionsMax} actions` }
    world.perform(schedule.pick(actions))
    if (world.violations.length > 0) return world.violations[0]!
  }
  if (world.outcome.type !== 'finished')
    return { kind: 'LOST', detail: `the run ended: ${describeEffect(world.outcome)}` }
  world.checkFinished()
  return world.violations[0] ?? null
}

/** Some links and some kinds of action are slow in a run, others fast: evenly mixed runs all look alike. */
class Schedule {
  readonly #random: Random
  readonly #weights = new Map<string, number>()

  constructor(random: Random) {
    this.#random = random
  }

  pick(actions: readonly Action[]): Action {
    const weights = actions.map((action) => this.#weight(action))
    let left = this.#random.integer(
      1,
      weights.reduce((sum, weight) => sum + weight, 0),
    )
    for (const [index, weight] of weights.entries()) {
      left -= weight
      if (left <= 0) return actions[index]!
    }
    return actions.at(-1)!
  }

  #weight(action: Action): number {
    const key =
      action.type === 'deliver' ? `${action.link.from}>${action.link.to}` : `${action.type} ${action.processor.id}`
    const weight = this.#weights.get(key) ?? this.#random.pick(action.type === 'timeout' ? [1, 2, 6] : [1, 20, 20, 100])
    this.#weights.set(key, weight)
    return weight
  }
}

/** A broken assertion of the protocol is a violation like any other. */
function catchAssertion(play: () => Violation | null): Violation | null {
  try {
    return play()
  } catch (error) {
    return { kind: 'ASSERTION', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
