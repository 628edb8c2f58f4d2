/**
 * Every loss of the conductor in a small machine: everything happens in turn, but for one loss of whoever conducts, before
 * any action or between any two effects of one event, with all or nothing of what it has sent; and for a link that stands
 * still for a while from any moment on, or for a processor that is lost at any other moment. The state
 * machines, memory and checkers are those of random runs.
 */
import { type Move, moveOf, playMove, type SimulatedFault } from '../faults/moves.ts'
import { catchAssertion, endOf, tooLong } from '../oracle/endings.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { SimulatedLink } from '../world/links.ts'
import { createWorld, type SimulatedMachine } from '../world/machine.ts'
import type { Action, World } from '../world/world.ts'
import { inTurn } from './finish.ts'
import type { Script } from './shrink.ts'

/** All or nothing of what it has sent arrives; or it ends so many effects later. */
export type ConductorLoss = 'all' | 'nothing' | number

export interface EveryLossOptions {
  /** What becomes of what the conductor does last; each by default. */
  readonly losses?: readonly ConductorLoss[]
  /** What else happens, at any moment; nothing by default. */
  readonly beside?: 'delay' | 'loss' | null
  /** Only each so many-th moment of that. */
  readonly stride?: number
  readonly canary?: string | null
}

export interface EveryLoss {
  /** How many were played to their end. */
  readonly schedules: number
  readonly takeOvers: number
  /** The first that went wrong, and how; null: none. */
  readonly failure: { readonly violation: Violation; readonly script: Script } | null
}

/** What happens out of turn, in actions from the beginning. */
interface Plan {
  readonly lossAt: number
  readonly loss: ConductorLoss
  readonly beside: 'delay' | 'loss' | null
  readonly besideAt: number
}

interface Played {
  readonly violation: Violation | null
  readonly moves: readonly Move[]
  readonly takeOvers: number
  readonly actions: number
  /** The conductor was lost as it was to be. */
  readonly hasLost: boolean
}

const lossesAll: readonly ConductorLoss[] = ['nothing', 'all', 0, 1, 2, 3, 4]
const actionsMax = 5000
/** So many actions a link stands still, unless nothing else can happen before. */
const standstill = 100

const machineOf = (canary: string | null): SimulatedMachine => ({
  ...{ processes: 2, spares: 1, code: 'reed-solomon', tolerate: 1, storage: null, coordination: 'independent' },
  ...{ program: 'sum', logBytesMax: 2 ** 20, channels: 'ordered', choices: 1, conductors: 2, canary },
})

/** Plays all schedules, up to the first that goes wrong. */
export function exploreEveryLoss(options: EveryLossOptions = {}): EveryLoss {
  const machine = machineOf(options.canary ?? null)
  let [schedules, takeOvers] = [0, 0]
  for (const { violation, moves, takeOvers: times } of playAll(machine, options)) {
    schedules += 1
    takeOvers += times
    if (violation)
      return { schedules, takeOvers, failure: { violation, script: { machine, settlesFirst: false, moves } } }
  }
  return { schedules, takeOvers, failure: null }
}

function* playAll(
  machine: SimulatedMachine,
  { losses = lossesAll, beside = null, stride = 1 }: EveryLossOptions,
): Generator<Played> {
  // What is broken on purpose may never end by itself.
  const { actions } = play({ ...machine, canary: null }, null)
  for (const loss of losses) {
    for (let lossAt = 0; lossAt < actions; lossAt += beside === null ? 1 : stride) {
      const alone = play(machine, { lossAt, loss, beside: null, besideAt: 0 })
      // Before the first record names a replica, nobody could take over.
      if (!alone.hasLost) continue
      if (beside === null || alone.violation) yield alone
      else for (let at = 0; at < actions; at += stride) yield play(machine, { lossAt, loss, beside, besideAt: at })
    }
  }
}

function play(machine: SimulatedMachine, plan: Plan | null): Played {
  const world = createWorld(machine)
  const moves: Move[] = []
  const violation = catchAssertion(() => new InTurn(world, plan, moves).play())
  const takeOvers = world.candidates?.takeOvers ?? 0
  const hasLost = moves.some(({ type }) => type === 'crashCandidate' || type === 'crashCandidateAfter')
  return { violation: world.violations[0] ?? violation, moves, takeOvers, actions: world.time, hasLost }
}

class InTurn {
  readonly #world: World
  readonly #plan: Plan | null
  readonly #moves: Move[]
  #held: SimulatedLink | null = null
  #heldUntil = 0

  constructor(world: World, plan: Plan | null, moves: Move[]) {
    this.#world = world
    this.#plan = plan
    this.#moves = moves
  }

  play(): Violation | null {
    const world = this.#world
    for (let turn = 0; !world.outcome && world.violations.length === 0; turn += 1) {
      if (turn > actionsMax) return tooLong(actionsMax)
      if (turn === this.#heldUntil) this.#held = null
      this.#strike(turn)
      const next = this.#next(turn)
      if (next) this.#do(next)
      else if (this.#held) this.#held = null
      else return { kind: 'STUCK', detail: 'nothing can happen any more' }
    }
    return world.violations[0] ?? endOf(world)
  }

  #next(turn: number): Action | null {
    const actions = this.#world.actions().filter((one) => one.type !== 'deliver' || one.link !== this.#held)
    const next = inTurn(actions, turn)
    if (this.#plan?.beside !== 'delay' || this.#plan.besideAt !== turn || next?.type !== 'deliver') return next
    this.#held = next.link
    this.#heldUntil = turn + standstill
    return this.#next(turn + 1)
  }

  #do(action: Action): void {
    this.#moves.push(moveOf(action))
    this.#world.perform(action)
  }

  #strike(turn: number): void {
    if (!this.#plan) return
    const { lossAt, loss, beside, besideAt } = this.#plan
    const candidates = this.#world.candidates!
    if (turn === lossAt) this.#fault(faultOf(this.#world, candidates.official.id, loss))
    const processor = this.#world.holder('a1')
    const { conductor } = this.#world
    if (beside !== 'loss' || turn !== besideAt || !processor?.alive || !conductor.begun) return
    if (conductor.missing.size === 0) this.#fault({ type: 'crash', processor: processor.id, arriving: [] })
  }

  #fault(fault: SimulatedFault): void {
    if (playMove(this.#world, fault)) this.#moves.push(fault)
  }
}

function faultOf(world: World, candidate: number, loss: ConductorLoss): SimulatedFault {
  if (typeof loss === 'number') return { type: 'crashCandidateAfter', candidate, effects: loss }
  const links = world.links.from(`candidate ${candidate}`)
  return {
    type: 'crashCandidate',
    candidate,
    arriving: links.map(({ packets }) => (loss === 'all' ? packets.length : 0)),
  }
}
