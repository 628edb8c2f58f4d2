/**
 * One that conducts a run, or stands by to take over. It stands around the conductor's own state machine, which knows
 * nothing of records, logs and other candidates.
 *
 * C1: the record holds what a conductor cannot ask the survivors (see conductor-record.ts).
 * C2: first agreed, then told: nothing leaves before all that was decided up to then is in the record. A lost answer is
 *     asked for again by the proposal's nonce; what is decided meanwhile joins the next proposal.
 * C3: each take-over raises the revision and the epoch together, so every order has a number of its own, and whoever
 *     knows a higher one refuses it. A conductor that hears of a higher one resigns.
 * C5: takes over who is one of the record's replicas, hears processors enough, and has asked the conductor in vain.
 * C6: the outcome is in the record before anybody hears of it.
 * C7: so is the number of a checkpoint on disk before anybody writes under it. What else is on disk, the disk itself says
 *     to whoever takes over, with the epoch of the question; from then on it obeys nobody who conducted before.
 */
import { assert, unreachable } from '../../base/index.ts'
import { covers, createConductor } from '../conductor/index.ts'
import { type CandidateId, conductorFrom, type StoredRecord } from './conductor-record.ts'
import { noteProcessors, type ProcessorEvent, silenceOf, silentByHost } from './processors.ts'
import { outputCounts } from './release-log.ts'
import { noteCandidate, noteMessage, obeyDeferred, sendCopy } from './replicas.ts'
import type { CandidateEffect, CandidateEvent, CandidateState, Tenure } from './state.ts'
import { beginTenure, hold, noteFetched, passOn, propose, proposeAgain, resign, takeEvent } from './tenure.ts'

/** One event of a candidate: changes its state and returns what is to be done, in order. */
export function stepCandidate(state: CandidateState, event: CandidateEvent): CandidateEffect[] {
  const effects: CandidateEffect[] = []
  switch (event.type) {
    case 'appointed':
      appoint(state, effects, event.replicas)
      break
    case 'agreed':
      noteAgreed(state, effects, event.nonce, event.version)
      break
    case 'refused':
      noteRefused(state, effects, event.nonce, event.found)
      break
    case 'unknown':
      if (state.tenure?.proposal?.nonce === event.nonce) proposeAgain(state.tenure, effects)
      break
    case 'recordChanged':
      noteFound(state, event.found)
      if (isSurpassed(state)) resign(state, effects)
      break
    case 'conductorUnheard':
      if (mayTakeOver(state)) effects.push({ type: 'challenge' })
      break
    case 'challenged':
      if (state.tenure?.isAgreed) effects.push({ type: 'answerChallenge' })
      break
    case 'unanswered':
      noteFound(state, event.found)
      if (mayTakeOver(state)) claim(state, effects)
      break
    case 'candidateFound':
    case 'candidateLost':
      noteCandidate(state, effects, event)
      break
    case 'fromCandidate':
      noteMessage(state, effects, event.from, event.message)
      break
    case 'orderRefused':
      if (state.tenure?.isAgreed && event.epoch > state.tenure.core.epoch) resign(state, effects)
      break
    case 'fetched':
      noteFetched(state, effects, event.upTo)
      break
    case 'ready':
    case 'lost':
    case 'silent':
    case 'heard':
    case 'lostTogether':
    case 'silentTogether':
    case 'heardTogether':
      noteNews(state, effects, event)
      break
    case 'frame':
      // C3: somebody else has begun a later epoch.
      if (state.tenure && event.epoch > state.tenure.core.epoch) resign(state, effects)
      else takeEvent(state, effects, event)
      break
    case 'patienceOver':
    case 'diskHolds':
    case 'sealed':
    case 'notSealed':
    case 'tookOver':
      takeEvent(state, effects, event)
      break
    default:
      return unreachable(event)
  }
  return effects
}

function noteNews(state: CandidateState, effects: CandidateEffect[], event: ProcessorEvent): void {
  noteProcessors(state, event)
  takeEvent(state, effects, event)
  // A spare that fell silent before it was known here.
  if (event.type === 'ready' && state.silent.has(event.processor)) {
    takeEvent(state, effects, silenceOf(state, [event.processor]))
  }
}

function appoint(state: CandidateState, effects: CandidateEffect[], replicas: readonly CandidateId[]): void {
  for (const one of replicas) state.others.add(one)
  const core = createConductor(state.options)
  const tenure = beginTenure(state, core, { revision: 1, version: 0, wanted: replicas })
  propose(state, tenure, effects)
}

/** C5. What only silent processors hold is waited for; what is gone for good nobody else would have either. */
function mayTakeOver({ found: { record }, tenure, options, gone, silent }: CandidateState): boolean {
  if (tenure || !record?.replicas.includes(options.id)) return false
  const lost = new Set(record.missing)
  let isWaiting = false
  for (const [place, holder] of record.members) {
    if (holder === null || !(silent.has(holder) || gone.has(holder))) continue
    lost.add(place)
    isWaiting ||= silent.has(holder)
  }
  if (!isWaiting || !record.begun) return true
  // Nobody's memory is needed then, but somebody to go on with.
  if (options.code === null ? options.storage : record.fromDisk) return lost.size < record.members.length
  return options.code !== null && covers(options.code, lost)
}

function claim(state: CandidateState, effects: CandidateEffect[]): void {
  const { found, options, log, others, gone } = state
  const { record, version } = found
  assert(record !== null, 'C5: somebody conducted before')
  const core = conductorFrom(options, record, outputCounts(log))
  const wanted = record.replicas.filter((one) => others.has(one))
  const tenure = beginTenure(state, core, { revision: record.revision + 1, version, wanted })
  for (const [index, entry] of log.entries.entries()) {
    hold(state, tenure, { type: 'release', number: log.fetched + index + 1, entry })
  }
  if (record.outcome) {
    tenure.outcome = record.outcome
    core.phase = 'ended'
    hold(state, tenure, record.outcome)
  } else {
    // When it may be told, others may be on record: they hear of their places by orders that come behind.
    hold(state, tenure, { type: 'introduce', epoch: core.epoch, members: record.members })
    const members = new Set(core.members.values())
    const lost = [...gone].filter(([processor]) => members.has(processor))
    for (const [processor, misfortune] of lost) if (misfortune) core.accidents.set(processor, misfortune)
    takeEvent(state, effects, { type: 'tookOver', lost: lost.map(([processor]) => processor) })
    for (const together of silentByHost(state, core.hosts)) takeEvent(state, effects, silenceOf(state, together))
    // In an epoch of his own: in the one before, the disk would obey the one before as well.
    if (core.storage) {
      tenure.asked = core.epoch
      hold(state, tenure, { type: 'askDisk', epoch: core.epoch })
    }
  }
  propose(state, tenure, effects)
}

function noteAgreed(state: CandidateState, effects: CandidateEffect[], nonce: string, version: number): void {
  const { tenure } = state
  if (tenure?.proposal?.nonce !== nonce) return
  const { record, changes } = tenure.proposal
  tenure.proposal = null
  tenure.version = version
  tenure.agreed = changes
  tenure.replicas = record.replicas
  noteFound(state, { version, nonce, record })
  if (!tenure.isAgreed) takeOffice(state, tenure, effects)
  if (tenure.changes > tenure.agreed) propose(state, tenure, effects)
  passOn(state, effects)
}

function takeOffice(state: CandidateState, tenure: Tenure, effects: CandidateEffect[]): void {
  tenure.isAgreed = true
  state.logRevision = tenure.revision
  effects.push({ type: 'tookOffice', revision: tenure.revision })
  obeyDeferred(state, effects)
  for (const one of state.others) sendCopy(state, tenure, effects, one)
}

/** Somebody else has changed the record. Or it was this very proposal, whose answer was lost. */
function noteRefused(state: CandidateState, effects: CandidateEffect[], nonce: string, found: StoredRecord): void {
  if (state.tenure?.proposal?.nonce !== nonce) return
  if (found.nonce === nonce) {
    noteAgreed(state, effects, nonce, found.version)
    return
  }
  noteFound(state, found)
  resign(state, effects)
  obeyDeferred(state, effects)
}

function noteFound(state: CandidateState, found: StoredRecord): void {
  if (found.version <= state.found.version) return
  state.found = found
  state.revision = Math.max(state.revision, found.record?.revision ?? 0)
}

/** C3. */
function isSurpassed({ tenure, revision }: CandidateState): boolean {
  return tenure?.isAgreed === true && revision > tenure.revision
}
