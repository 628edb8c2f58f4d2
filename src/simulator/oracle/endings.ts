/** How runs end, well or badly. */
import { AssertionError } from '../../base/index.ts'
import { describeEffect } from '../../protocol/index.ts'
import { wholeIn } from '../disk/manifests.ts'
import type { RunEnding, World } from '../world/world.ts'
import type { Violation } from './oracle.ts'

/** What is wrong with a world whose run has ended. `hasExceeded`: more was lost than any code covers. */
export function endOf(world: World, hasExceeded = false): Violation | null {
  const { outcome } = world
  if (outcome && outcome.type !== 'finished' && !isRight(outcome, world, hasExceeded)) {
    return { kind: 'LOST', detail: `the run ended: ${describeEffect(outcome)}` }
  }
  if (outcome?.type !== 'finished' && outcome !== null) return world.violations[0] ?? null
  world.checkFinished()
  return world.violations[0] ?? null
}

/** It may also have finished before anybody saw the loss. */
function isRight(outcome: RunEnding, { disk }: World, hasExceeded: boolean): boolean {
  switch (outcome.type) {
    case 'uncovered':
      return hasExceeded
    case 'notStored':
      return disk?.folder.hasBeenFull === true
    case 'damaged':
      return disk?.folder.hasBeenDamaged === true && wholeIn(disk.folder).length === 0
    default:
      return false
  }
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
