/**
 * What would go round forever: a step that fails again, and a place that is lost again and again, each with no commit in
 * between. Whether there was one says the recovery line.
 *
 * W1: the conductor who takes over goes on counting: otherwise a program that takes the conductor's computer with it takes
 *     one after another.
 * W2: losses of all of a host are counted apart, and fewer of them are too many: there are few hosts, and whoever is on one
 *     by chance is not on the next one too (docs/decisions/0027-places-on-hosts.md).
 */
import type { Rank } from '../../base/index.ts'
import { type Place, rankOf } from '../places.ts'
import type { ConductorEffect, ConductorState, Misfortune, ProcessorLoss, RepeatedLoss } from './state.ts'

/** This many losses of one place in a row, with no commit in between, are no accident. */
const repeatedLossesMax = 10
/** This many hosts in a row that are lost with the place on them are no accident either. */
const hostLossesMax = 3

/** Somebody is silent, or has ended; whether anybody asked for it is known now. `withHost`: all of its host is. */
export function noteAccident(
  { accidents }: ConductorState,
  { processor, accident }: ProcessorLoss,
  withHost: boolean,
): void {
  if (accident === undefined) accidents.delete(processor)
  else accidents.set(processor, { accident, withHost })
}

/**
 * The holders of places are given up. A host that is lost with other places absolves one: whoever takes hosts with it is on
 * each of them. One with spares alone says nothing.
 */
export function noteLosses(state: ConductorState, places: readonly Place[]): void {
  const isOfHost = places.some((place) => misfortuneOf(state, place)?.withHost)
  if (isOfHost) for (const one of state.repeated) if (!places.includes(one.place)) delete one.withHost
  for (const place of places) noteLoss(state, place)
}

function misfortuneOf({ members, accidents }: ConductorState, place: Place): Misfortune | undefined {
  const holder = members.get(place) ?? null
  return holder === null ? undefined : accidents.get(holder)
}

/** What somebody asked for counts neither for nor against. */
function noteLoss(state: ConductorState, place: Place): void {
  const { members, accidents, repeated } = state
  const misfortune = misfortuneOf(state, place)
  if (misfortune === undefined) return
  accidents.delete(members.get(place)!)
  if (misfortune.accident === 'late') state.repeated = repeated.filter((one) => one.place !== place)
  let open = state.repeated.find((one) => one.place === place && one.line === null)
  if (!open) {
    open = { place, losses: 0, line: null }
    state.repeated.push(open)
  }
  if (misfortune.withHost) open.withHost = (open.withHost ?? 0) + 1
  else open.losses += 1
}

/** True when a place is lost too often without a commit in between. Asked again when the recovery line is found. */
export function isLostAgain(state: ConductorState, effects: ConductorEffect[]): boolean {
  const alone = state.repeated.find(({ losses }) => losses >= repeatedLossesMax)
  const withHost = state.repeated.filter((one) => (one.withHost ?? 0) >= hostLossesMax)
  // Of several that were on the same hosts each time, rather one that runs the program.
  const among = withHost.find(({ place }) => rankOf(place) !== null) ?? withHost[0]
  if (!alone && !among) return false
  state.phase = 'ended'
  if (alone) effects.push({ type: 'repeatedLoss', place: alone.place, losses: alone.losses })
  else if (among) effects.push({ type: 'repeatedLoss', place: among.place, losses: among.withHost!, withHost: true })
  return true
}

/** The recovery line is found. True when everybody has gone back to it too often, for a failing step or a lost place. */
export function goesRound(state: ConductorState, effects: ConductorEffect[]): boolean {
  if (failsAgain(state, effects)) return true
  const { repeated, line } = state
  const forgotten = new Set<RepeatedLoss>()
  for (const open of repeated) {
    if (open.line !== null) continue
    const before = repeated.find((one) => one !== open && one.place === open.place)
    if (before?.line === line) addTo(open, before)
    if (before) forgotten.add(before)
    open.line = line
  }
  state.repeated = repeated.filter(
    (one) => !forgotten.has(one) && one.line === line && (one.losses > 0 || one.withHost),
  )
  return isLostAgain(state, effects)
}

function addTo(open: RepeatedLoss, before: RepeatedLoss): void {
  open.losses += before.losses
  const withHost = (open.withHost ?? 0) + (before.withHost ?? 0)
  if (withHost > 0) open.withHost = withHost
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
