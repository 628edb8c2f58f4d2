/** The rest of a run, everything in turn, without any more faults. */
import { playMove, releasesOf } from '../faults/moves.ts'
import { endOf, tooLong } from '../oracle/endings.ts'
import type { Violation } from '../oracle/oracle.ts'
import { isTimer } from '../world/actions.ts'
import type { Action, World } from '../world/world.ts'

/** Every so many actions the timeouts that are armed may pass. */
const timeoutActions = 40

/** What comes next where everything happens in turn; null: nothing can. */
export function inTurn(actions: readonly Action[], turn: number): Action | null {
  const due = actions.filter((one) => isTimer(one) === (turn % timeoutActions === 0))
  const possible = due.length > 0 ? due : actions
  return possible[turn % possible.length] ?? null
}

/**
 * Lets everything happen, one after the other, until the run has ended or something is wrong; at most `actionsMax`
 * actions. What is frozen or cut off goes on when nothing else can.
 */
export function finishRun(world: World, actionsMax: number): Violation | null {
  const limit = world.time + actionsMax
  for (let turn = 0; !world.outcome && world.violations.length === 0; turn += 1) {
    const next = inTurn(world.actions(), turn)
    if (!next) {
      const released = releasesOf(world)
      for (const fault of released) playMove(world, fault)
      if (released.length > 0) continue
      return { kind: 'STUCK', detail: 'nothing can happen any more' }
    }
    if (world.time >= limit) return tooLong(actionsMax)
    world.perform(next)
  }
  return world.violations[0] ?? endOf(world)
}
