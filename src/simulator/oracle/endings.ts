/** How runs end, well or badly. */
import { AssertionError } from '../../base/index.ts'
import { describeEffect } from '../../protocol/index.ts'
import type { World } from '../world/world.ts'
import type { Violation } from './oracle.ts'

/** What is wrong with a world whose run has ended. `hasExceeded`: more was lost than any code covers. */
export function endOf(world: World, hasExceeded = false): Violation | null {
  // It may also have finished before anybody saw the loss.
  if (hasExceeded && (world.outcome?.type === 'uncovered' || world.outcome?.type === 'finished')) return null
  if (world.outcome && world.outcome.type !== 'finished') {
    return { kind: 'LOST', detail: `the run ended: ${describeEffect(world.outcome)}` }
  }
  world.checkFinished()
  return world.violations[0] ?? null
}

export function tooLong(actions: number): Violation {
  return { kind: 'STUCK', detail: `not finished after ${actions} actions` }
}

/** A broken assertion of the protocol is a violation like any other. */
export function catchAssertion(play: () => Violation | null): Violation | null {
  try {
    return play()
  } catch (error) {
    if (error instanceof AssertionError) return { kind: 'ASSERTION', detail: error.message }
    return { kind: 'ASSERTION', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
