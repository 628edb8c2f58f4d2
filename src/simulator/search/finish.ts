/** The rest of a run, everything in turn, without any more faults. */
import { endOf, tooLong } from '../oracle/endings.ts'
import type { Violation } from '../oracle/oracle.ts'
import { isTimer } from '../world/actions.ts'
import type { World } from '../world/world.ts'

/** Every so many actions the timeouts that are armed may pass. */
const timeoutActions = 40

/**
 * Lets everything happen, one after the other, until the run has ended or something is wrong; at most `actionsMax`
 * actions. What is frozen or cut off goes on when nothing else can.
 */
export function finishRun(world: World, actionsMax: number): Violation | null {
  const limit = world.time + actionsMax
  for (let turn = 0; !world.outcome && world.violations.length === 0; turn += 1) {
    const actions = world.actions().filter((action) => isTimer(action) === (turn % timeoutActions === 0))
    const possible = actions.length > 0 ? actions : world.actions()
    if (possible.length === 0) {
      if (releaseAll(world)) continue
      return { kind: 'STUCK', detail: 'nothing can happen any more' }
    }
    if (world.time >= limit) return tooLong(actionsMax)
    world.perform(possible[turn % possible.length]!)
  }
  return world.violations[0] ?? endOf(world)
}

function releaseAll(world: World): boolean {
  const frozen = world.processors.filter((processor) => processor.alive && processor.frozen)
  for (const processor of frozen) processor.frozen = false
  const stopped = world.candidates?.all.filter((candidate) => candidate.alive && candidate.frozen) ?? []
  for (const candidate of stopped) world.candidates?.freeze(candidate, false)
  const hasReturned = world.candidates?.letWatch(true) ?? false
  const isDivided = world.links.partition !== null
  if (isDivided) world.divide(null)
  return isDivided || hasReturned || frozen.length + stopped.length > 0
}
