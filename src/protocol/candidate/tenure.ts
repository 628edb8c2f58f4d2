/** What a conductor does with what its state machine decides: keeps it back until it may be told (C2, O1). */
import { type ConductorEffect, type ConductorEvent, type ConductorState, stepConductor } from '../conductor/index.ts'
import { type CandidateId, type Outcome, recordOf } from './conductor-record.ts'
import { appendEntry, forgetFetched, lastNumber, type Released } from './release-log.ts'
import type { CandidateEffect, CandidateState, Held, Tenure } from './state.ts'

interface Beginning {
  readonly revision: number
  readonly version: number
  readonly wanted: readonly CandidateId[]
}

/** Begins with a claim, which `propose` makes. */
export function beginTenure(state: CandidateState, core: ConductorState, beginning: Beginning): Tenure {
  const { revision, version, wanted } = beginning
  const tenure: Tenure = {
    ...{ revision, core, isAgreed: false, version, changes: 1, agreed: 0, proposal: null },
    ...{ held: [], replicas: wanted, wanted, logged: new Map(), outcome: null, asked: null, waiting: [] },
  }
  state.tenure = tenure
  return tenure
}

/** Something that the conductor's own state machine is told; nothing if this candidate does not conduct. */
export function takeEvent(state: CandidateState, effects: CandidateEffect[], event: ConductorEvent): void {
  const { tenure } = state
  if (!tenure || isKnown(tenure, event) || isStray(tenure, event)) return
  if (isHeldUp(state, tenure, event)) tenure.waiting.push(event)
  else decide(state, tenure, effects, stepConductor(tenure.core, event))
}

/** Whoever conducts anew hears of spares twice: when they are ready, and when they answer to its introduction. */
function isKnown({ core }: Tenure, event: ConductorEvent): boolean {
  if (event.type !== 'ready') return false
  const { processor } = event
  return core.spares.includes(processor) || [...core.members.values()].includes(processor)
}

/** What the disk answered to this candidate when it conducted before. */
function isStray({ core, asked }: Tenure, event: ConductorEvent): boolean {
  if (event.type === 'diskHolds') return event.epoch !== asked
  if (event.type !== 'sealed' && event.type !== 'notSealed') return false
  return core.storage?.order?.sealing?.sequence !== event.sequence
}

/** O3. Its process keeps it until it is told that it was taken. */
function isHeldUp({ log, options }: CandidateState, { waiting }: Tenure, event: ConductorEvent): boolean {
  if (event.type !== 'frame') return false
  // A checkpoint on disk counts on the output before it.
  if (event.frame.type === 'stored') return waiting.length > 0
  return event.frame.type === 'output' && (waiting.length > 0 || log.bytes >= options.unfetchedBytesMax)
}

/** Holds what was decided, in order, and passes on what may be told. */
function decide(
  state: CandidateState,
  tenure: Tenure,
  effects: CandidateEffect[],
  decided: readonly ConductorEffect[],
): void {
  // What one event brings about waits for all that is released with it: an output is acknowledged when it is in the log.
  const entries = decided.map(entryOf)
  let number = lastNumber(state.log)
  for (const entry of entries) if (entry) append(state, tenure, effects, entry)
  if (decided.some(isForTheRecord)) noteChange(state, tenure, effects)
  for (const [index, effect] of decided.entries()) {
    const entry = entries[index] ?? null
    if (entry) {
      number += 1
      hold(state, tenure, { type: 'release', number, entry })
    }
    if (effect.type !== 'output') hold(state, tenure, effect)
  }
  passOn(state, effects)
}

/** What is released by an effect, if anything is. */
function entryOf(effect: ConductorEffect): Released | null {
  if (effect.type === 'output') return effect
  return effect.type === 'lineFound' && effect.disk !== null ? { type: 'tookBack', outputs: effect.disk.outputs } : null
}

function append(
  state: CandidateState,
  { isAgreed, revision, logged }: Tenure,
  effects: CandidateEffect[],
  entry: Released,
): void {
  appendEntry(state.log, entry)
  if (!isAgreed) return
  const number = lastNumber(state.log)
  for (const to of logged.keys()) {
    effects.push({ type: 'tellCandidate', to, message: { type: 'append', revision, number, entry } })
  }
}

/** Effects that tell of a change of the record. */
function isForTheRecord(effect: ConductorEffect): boolean {
  switch (effect.type) {
    case 'assign':
    case 'recoveryBegan':
    case 'resumed':
      return true
    case 'send':
      // C7: the number of a writing.
      return effect.frame.type === 'store'
    default:
      return false
  }
}

function isOutcome(effect: Held['effect'] | ConductorEffect): effect is Outcome {
  switch (effect.type) {
    case 'finished':
    case 'uncovered':
    case 'programFailed':
    case 'repeatedLoss':
    case 'damaged':
      return true
    case 'notStored':
      return effect.ends
    default:
      return false
  }
}

/** The record changes, with the conductor's state as it is now. */
export function noteChange(state: CandidateState, tenure: Tenure, effects: CandidateEffect[]): void {
  tenure.changes += 1
  if (tenure.proposal === null && tenure.isAgreed) propose(state, tenure, effects)
}

/** Proposes all changes so far. */
export function propose(state: CandidateState, tenure: Tenure, effects: CandidateEffect[]): void {
  const { revision, core, wanted: replicas, outcome, changes } = tenure
  state.proposals += 1
  const conductor = state.options.id
  const record = recordOf(core, { revision, conductor, replicas, outcome })
  tenure.proposal = { nonce: `${conductor}.${state.proposals}`, record, changes }
  proposeAgain(tenure, effects)
}

export function proposeAgain({ proposal, version }: Tenure, effects: CandidateEffect[]): void {
  if (proposal) effects.push({ type: 'propose', nonce: proposal.nonce, version, record: proposal.record })
}

export function hold({ log }: CandidateState, tenure: Tenure, effect: Held['effect']): void {
  tenure.held.push({ effect, changes: tenure.changes, entries: lastNumber(log) })
}

/** Lets go of what may be told by now. */
export function passOn(state: CandidateState, effects: CandidateEffect[]): void {
  const { tenure } = state
  if (!tenure) return
  const { held, agreed } = tenure
  const everywhere = loggedEverywhere(tenure)
  let count = 0
  while (count < held.length && held[count]!.changes <= agreed && held[count]!.entries <= everywhere) {
    const { effect } = held[count]!
    if (isOutcome(effect) && tenure.outcome === null) {
      // C6, and not before all that was released is everywhere: who takes over then ends with the same output.
      tenure.outcome = effect
      noteChange(state, tenure, effects)
      held[count]!.changes = tenure.changes
      break
    }
    count += 1
  }
  for (const { effect } of held.splice(0, count)) effects.push(effect)
}

/** O1: whoever is a replica, or may be one already, counts. */
function loggedEverywhere({ replicas, proposal, logged }: Tenure): number {
  let least = Number.POSITIVE_INFINITY
  for (const one of replicas) least = Math.min(least, logged.get(one) ?? 0)
  for (const one of proposal?.record.replicas ?? []) least = Math.min(least, logged.get(one) ?? 0)
  return least
}

/** The watcher has fetched what was released up to this entry. */
export function noteFetched(state: CandidateState, effects: CandidateEffect[], upTo: number): void {
  const { tenure, log } = state
  if (!tenure?.isAgreed) return
  forgetFetched(log, upTo)
  const { revision, logged } = tenure
  for (const to of logged.keys())
    effects.push({ type: 'tellCandidate', to, message: { type: 'fetched', revision, upTo } })
  while (tenure.waiting.length > 0 && log.bytes < state.options.unfetchedBytesMax && state.tenure === tenure) {
    decide(state, tenure, effects, stepConductor(tenure.core, tenure.waiting.shift()!))
  }
}

/** Conducts no more. What it held back is forgotten: whoever conducts now has decided otherwise. */
export function resign(state: CandidateState, effects: CandidateEffect[]): void {
  const { tenure } = state
  if (!tenure) return
  state.tenure = null
  effects.push({ type: 'resigned', revision: tenure.revision })
}
