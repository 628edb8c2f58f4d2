/**
 * Who takes the places that nobody holds.
 *
 * H1: on hosts nothing is given before there are as many spares as vacant places; then all are given at once, so that which
 *     losses of hosts are covered depends on where spares are and not on which of them was ready first. Nobody waits longer
 *     for that: no recovery line is looked for before every place has a holder (V2), and whoever keeps the crew starts
 *     processors until there are as many as places, lost ones and silent ones that were given up not counted. Whoever takes
 *     over hears of spares and members anew, and gives nothing before all members have said what they hold.
 * H2: where no choice of spares makes every loss covered, the one that leaves least uncovered is taken: nothing waits for a
 *     better one (P5 of the placement: the run goes on unprotected).
 */
import { assert, type ProcessorId } from '../../base/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import type { Place } from '../places.ts'
import { haveAllReported } from './members.ts'
import type { Arrange, ConductorEffect, ConductorState } from './state.ts'

/** Gives vacant places to spares, as far as there are some. */
export function givePlaces(state: ConductorState, effects: ConductorEffect[]): void {
  const { arrange, code } = state.options
  if (arrange && code && state.hosts.size > 0) {
    giveTogether(state, effects, arrange, code)
    return
  }
  while (state.vacant.length > 0 && state.spares.length > 0) {
    give(state, effects, state.vacant.shift()!, state.spares.shift()!)
  }
}

/** H1. */
function giveTogether(state: ConductorState, effects: ConductorEffect[], arrange: Arrange, code: ErasureCode): void {
  const { phase, vacant, silent } = state
  if (phase === 'ended') return
  if (state.takingOver && !haveAllReported(state)) return
  const ready = state.spares.filter((spare) => !silent.has(spare))
  if (vacant.length === 0 || ready.length < vacant.length) return
  const spares = ready.map((processor) => ({ processor, host: hostOf(state, processor) }))
  const chosen = arrange({ code, kept: keptOn(state), vacant, spares })
  const taken = new Set(chosen.values())
  assert(taken.size === vacant.length, 'H1: each vacant place has a spare of its own')
  state.spares = state.spares.filter((spare) => !taken.has(spare))
  state.vacant = []
  for (const place of vacant) give(state, effects, place, chosen.get(place)!)
}

function give(state: ConductorState, effects: ConductorEffect[], place: Place, processor: ProcessorId): void {
  state.members.set(place, processor)
  effects.push({ type: 'assign', processor, place, epoch: state.epoch })
}

function keptOn(state: ConductorState): Map<Place, string> {
  const kept = new Map<Place, string>()
  for (const [place, holder] of state.members) if (holder !== null) kept.set(place, hostOf(state, holder))
  return kept
}

/** All that did not say where they are count as on one host. */
function hostOf({ hosts }: ConductorState, processor: ProcessorId): string {
  return hosts.get(processor) ?? ''
}
