/**
 * Shortens a run that went wrong: to few faults first, then to few moves of any kind, with everything else in turn.
 * What is tried is played again from the beginning, and kept if the same goes wrong; a move that is not possible any
 * more is passed over.
 */
import type { ProcessorId } from '../../base/index.ts'
import { isFault, type Move, playMove } from '../faults/moves.ts'
import { catchAssertion } from '../oracle/endings.ts'
import type { Violation } from '../oracle/oracle.ts'
import { isTimer } from '../world/actions.ts'
import type { End } from '../world/links.ts'
import { createWorld, type SimulatedMachine } from '../world/machine.ts'
import type { Action, World } from '../world/world.ts'
import { finishRun } from './finish.ts'

/** A run as data: the machine, whether it has settled first, and the moves; then everything else in turn. */
export interface Script {
  readonly machine: SimulatedMachine
  readonly settlesFirst: boolean
  readonly moves: readonly Move[]
}

/** What came of a script: its moves that were possible, up to the violation. */
export interface Replay {
  readonly script: Script
  readonly violation: Violation | null
  /** The violation came only after the last move. */
  readonly finishes: boolean
  readonly actions: number
}

const finishActions = 4000
/** How much is tried, in actions: some ten seconds. */
const actionsBudget = 2_000_000

/** What a machine does by itself until its programs have begun. */
export const isStart = (action: Action): boolean => action.type !== 'endStep' && !isTimer(action)

export function settleStart(world: World): void {
  for (;;) {
    const next = world.actions().find(isStart)
    if (!next) return
    world.perform(next)
  }
}

export function replay(script: Script): Replay {
  const world = createWorld(script.machine)
  const played: Move[] = []
  let finishes = false
  const violation = catchAssertion(() => {
    if (script.settlesFirst) settleStart(world)
    for (const move of script.moves) {
      if (world.outcome || world.violations.length > 0) break
      played.push(move)
      if (!playMove(world, move)) played.pop()
    }
    if (world.violations[0]) return world.violations[0]
    finishes = true
    return finishRun(world, finishActions)
  })
  return {
    script: { ...script, moves: played },
    violation: world.violations[0] ?? violation,
    finishes,
    actions: world.time,
  }
}

/** A short run that goes wrong as `script` does, or null if that does not go wrong when it is played again. */
export function shrink(script: Script): Replay | null {
  const first = replay(script)
  if (!first.violation) return null
  return new Shrinker(first).result()
}

class Shrinker {
  #best: Replay
  #actionsLeft = actionsBudget
  readonly #wanted: string

  constructor(first: Replay) {
    this.#best = first
    this.#wanted = signature(first.violation!)
  }

  result(): Replay {
    this.#tryInstead({ ...this.#best.script, moves: this.#best.script.moves.filter(isFault) })
    for (let before = -1; before !== this.#best.script.moves.length && this.#actionsLeft > 0; ) {
      before = this.#best.script.moves.length
      this.#settleFirst()
      this.#dropFaults()
      this.#dropChunks()
    }
    return this.#best
  }

  #tryInstead(script: Script): boolean {
    if (this.#actionsLeft <= 0) return false
    const tried = replay(script)
    this.#actionsLeft -= tried.actions
    if (!tried.violation || signature(tried.violation) !== this.#wanted) return false
    this.#best = tried
    return true
  }

  #without(isDropped: (move: Move, index: number) => boolean): boolean {
    const { script } = this.#best
    return this.#tryInstead({ ...script, moves: script.moves.filter((move, index) => !isDropped(move, index)) })
  }

  /** Without the moves by which the machine has started. */
  #settleFirst(): void {
    const { script } = this.#best
    if (script.settlesFirst) return
    const begun = script.moves.findIndex((move) => isFault(move) || move.type === 'endStep' || move.type === 'timeout')
    const renamed = renameHolders(script)
    for (const from of begun > 0 ? [0, begun] : [0]) {
      if (this.#tryInstead({ ...script, settlesFirst: true, moves: renamed.slice(from) })) return
    }
  }

  #dropFaults(): void {
    for (let index = this.#best.script.moves.length - 1; index >= 0; index -= 1) {
      const move = this.#best.script.moves[index]
      if (move && isFault(move)) this.#without((one) => one === move)
    }
  }

  /** Halves, quarters and so on, from the end: what happened last is the least likely to matter to the rest. */
  #dropChunks(): void {
    for (let size = Math.ceil(this.#best.script.moves.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let end = this.#best.script.moves.length; end > 0; end -= size) {
        this.#without((_, index) => index >= end - size && index < end)
      }
    }
  }
}

/** The moves with processors named after the places that they take when the machine settles first. */
function renameHolders({ machine, moves }: Script): Move[] {
  const cold = createWorld(machine)
  catchAssertion(() => {
    for (const move of moves) {
      if (cold.conductor.begun) break
      playMove(cold, move)
    }
    return null
  })
  const settled = createWorld(machine)
  catchAssertion(() => {
    settleStart(settled)
    return null
  })
  const before = holdersThenSpares(cold)
  const after = holdersThenSpares(settled)
  const renamed = new Map(before.map((id, index) => [id, after[index]]))
  const rename = <Name extends End>(end: Name): Name => (renamed.get(end as ProcessorId) ?? end) as Name
  return moves.map((move): Move => {
    if (move.type === 'partition') return { ...move, side: move.side.map(rename) }
    if ('processor' in move) return { ...move, processor: rename(move.processor) }
    return 'from' in move ? { ...move, from: rename(move.from), to: rename(move.to) } : move
  })
}

function holdersThenSpares({ conductor, processors }: World): ProcessorId[] {
  const holders = [...conductor.members.values()].filter((id) => id !== null)
  return [...holders, ...processors.map(({ id }) => id).filter((id) => !holders.includes(id))]
}

/** Runs that end with a loss that nothing covers, or a program that failed, are no examples of anything else. */
function signature({ kind, detail }: Violation): string {
  return detail.startsWith('the run ended') ? detail.split(' ').slice(0, 5).join(' ') : kind
}
