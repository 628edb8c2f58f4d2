/**
 * What would go round forever: a step that fails again, and a place that is lost again and again, each with no commit in
 * between. Whether there was one says the recovery line.
 *
 * W1: the conductor who takes over goes on counting: otherwise a program that takes the conductor's computer with it takes
 *     one after another.
 */
import type { ProcessorId, Rank } from '../../base/index.ts'
import type { Place } from '../places.ts'
import type { Accident, ConductorEffect, ConductorState } from './state.ts'

/** This many losses of one place in a row, with no commit in between, are no accident. */
const repeatedLossesMax = 10

/** Somebody is silent, or has ended; whether anybody asked for it is known now. */
export function noteAccident(
  { accidents }: ConductorState,
  { processor, accident }: { readonly processor: ProcessorId; readonly accident?: Accident },
): void {
  if (accident === undefined) accidents.delete(processor)
  else accidents.set(processor, accident)
}

/** The holder of a place is given up. What somebody asked for counts neither for nor against. */
export function noteLoss(state: ConductorState, place: Place): void {
  const { members, accidents, repeated } = state
  const holder = members.get(place) ?? null
  const accident = holder === null ? undefined : accidents.get(holder)
  if (holder === null || accident === undefined) return
  accidents.delete(holder)
  if (accident === 'late') state.repeated = repeated.filter((one) => one.place !== place)
  const open = state.repeated.find((one) => one.place === place && one.line === null)
  if (open) open.losses += 1
  else state.repeated.push({ place, losses: 1, line: null })
}

/** True when a place is lost too often without a commit in between. Asked again when the recovery line is found. */
export function isLostAgain(state: ConductorState, effects: ConductorEffect[]): boolean {
  const most = state.repeated.find(({ losses }) => losses >= repeatedLossesMax)
  if (!most) return false
  state.phase = 'ended'
  effects.push({ type: 'repeatedLoss', place: most.place, losses: most.losses })
  return true
}

/** The recovery line is found. True when everybody has gone back to it too often, for a failing step or a lost place. */
export function goesRound(state: ConductorState, effects: ConductorEffect[]): boolean {
  if (failsAgain(state, effects)) return true
  const { repeated, line } = state
  for (const open of repeated) {
    if (open.line !== null) continue
    const before = repeated.find((one) => one !== open && one.place === open.place)
    if (before?.line === line) open.losses += before.losses
    if (before) before.losses = 0
    open.line = line
  }
  state.repeated = repeated.filter((one) => one.losses > 0 && one.line === line)
  return isLostAgain(state, effects)
}

/** True when a step fails a second time at a site. */
function failsAgain(state: ConductorState, effects: ConductorEffect[]): boolean {
  for (const failure of [...state.failures]) {
    if (failure.line !== null) continue
    failure.line = state.line
    const before = state.failures.find((one) => one !== failure && one.site === failure.site)
    if (before?.line === state.line) {
      endForFailure(state, effects, failure.rank, failure.error)
      return true
    }
    state.failures = state.failures.filter((one) => one === failure || one.site !== failure.site)
  }
  return false
}

export function endForFailure(state: ConductorState, effects: ConductorEffect[], rank: Rank, error: string): void {
  state.phase = 'ended'
  effects.push({ type: 'programFailed', rank, error })
}
