/** Who holds what, and whether it can be done without. */
import type { ProcessorId } from '../../base/index.ts'
import type { Place } from '../places.ts'
import { covers } from './coverage.ts'
import { type ConductorState, isOnDiskAlone } from './state.ts'

export function placeOf(state: ConductorState, processor: ProcessorId): Place | null {
  for (const [place, member] of state.members) if (member === processor) return place
  return null
}

export function placesOf(state: ConductorState, processors: Iterable<ProcessorId>): Place[] {
  return [...processors].map((processor) => placeOf(state, processor)).filter((place) => place !== null)
}

export function isCovered(state: ConductorState, lost: ReadonlySet<Place>): boolean {
  const { code } = state.options
  if (!state.begun) return true
  return code ? covers(code, lost) : isOnDiskAlone(state) || lost.size === 0
}

/** V4. */
export function surelyMissing({ missing, unheard }: ConductorState): ReadonlySet<Place> {
  return unheard.size === 0 ? missing : new Set([...missing].filter((place) => !unheard.has(place)))
}

/** They are no spares any more, and where they were matters no more. */
export function strikeOff(state: ConductorState, processors: readonly ProcessorId[]): void {
  state.spares = state.spares.filter((spare) => !processors.includes(spare))
  for (const processor of processors) state.hosts.delete(processor)
}

/** Every survivor has said what it holds. */
export function haveAllReported({ members, missing, reports, unheard }: ConductorState): boolean {
  return unheard.size === 0 && missing.size + reports.size >= members.size
}
