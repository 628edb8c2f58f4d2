/**
 * O8: nothing is recycled before every copy of every check row holds the next checkpoint, in its parity or gathered
 * completely beside it. What is lost and not rebuilt yet does not count: the recovery has settled that. Nor does anything
 * while everybody goes back to the disk: check processors are made anew then, out of files.
 */
import { type ConductorState, type Place, rowOf } from '../../protocol/index.ts'
import type { CheckHost } from '../world/check-host.ts'
import type { SimulatedProcessor } from '../world/processor.ts'

export interface Recycling {
  readonly conductor: ConductorState
  holder(place: Place): SimulatedProcessor | null
}

/** The places that do not hold `checkpoint` yet. */
export function lacking(world: Recycling, checkpoint: number): Place[] {
  const { members, missing, fromDisk } = world.conductor
  if (fromDisk) return []
  return [...members.keys()].filter((place) => {
    if (rowOf(place) === null || missing.has(place)) return false
    const processor = world.holder(place)
    return processor?.alive && processor.host?.kind === 'check' && !holds(processor.host, checkpoint)
  })
}

function holds({ state }: CheckHost, checkpoint: number): boolean {
  if (state.parityCheckpoint >= checkpoint) return true
  if (state.parityCheckpoint + 1 < checkpoint) return false
  const senders = 'holders' in state ? state.options.coefficients.size : 1
  return state.staging.senders.size === senders && [...state.staging.senders.values()].every(({ ended }) => ended)
}
