/**
 * The release log on several candidates: the conductor's own, and a copy on each of the others.
 *
 * O1: whoever has the log becomes a replica by a change of the record, and is left out by one; from the proposal on it
 *     counts, and up to the agreement it still does.
 */
import { unreachable } from '../../base/index.ts'
import type { CandidateId } from './conductor-record.ts'
import { appendEntry, copyOfLog, forgetFetched, lastNumber } from './release-log.ts'
import type { CandidateEffect, CandidateEvent, CandidateMessage, CandidateState, Tenure } from './state.ts'
import { noteChange, passOn, resign } from './tenure.ts'

/** Another candidate begins to stand by, anew perhaps, or has ended, or is not heard of. */
export function noteCandidate(
  state: CandidateState,
  effects: CandidateEffect[],
  { type, candidate }: Extract<CandidateEvent, { type: 'candidateFound' | 'candidateLost' }>,
): void {
  const { others, tenure } = state
  if (type === 'candidateFound') {
    others.add(candidate)
    if (tenure?.isAgreed) sendCopy(state, tenure, effects, candidate)
    return
  }
  others.delete(candidate)
  if (!tenure?.wanted.includes(candidate)) return
  tenure.wanted = tenure.wanted.filter((one) => one !== candidate)
  noteChange(state, tenure, effects)
}

export function sendCopy(state: CandidateState, tenure: Tenure, effects: CandidateEffect[], to: CandidateId): void {
  const { revision, logged } = tenure
  logged.set(to, logged.get(to) ?? 0)
  effects.push({ type: 'tellCandidate', to, message: { type: 'copy', revision, log: copyOfLog(state.log) } })
}

export function noteMessage(
  state: CandidateState,
  effects: CandidateEffect[],
  from: CandidateId,
  message: CandidateMessage,
): void {
  switch (message.type) {
    case 'copy':
    case 'append':
    case 'fetched':
      // C5: whoever has claimed promises nothing to anybody else before the claim is refused.
      if (state.tenure?.isAgreed === false) state.deferred.push({ from, message })
      else keep(state, effects, from, message)
      return
    case 'logged':
      noteLogged(state, effects, from, message)
      return
    case 'surpassed':
      if (state.tenure?.isAgreed && message.revision > state.tenure.revision) resign(state, effects)
      return
    default:
      unreachable(message)
  }
}

/** The claim was agreed or refused. */
export function obeyDeferred(state: CandidateState, effects: CandidateEffect[]): void {
  const { deferred } = state
  state.deferred = []
  for (const { from, message } of deferred) noteMessage(state, effects, from, message)
}

/** C3: only what comes from the newest conductor. */
function keep(
  state: CandidateState,
  effects: CandidateEffect[],
  from: CandidateId,
  message: Extract<CandidateMessage, { type: 'copy' | 'append' | 'fetched' }>,
): void {
  const { revision } = message
  const own = Math.max(state.revision, state.tenure?.revision ?? 0)
  if (revision < own) {
    effects.push({ type: 'tellCandidate', to: from, message: { type: 'surpassed', revision: own } })
    return
  }
  if (state.tenure) resign(state, effects)
  state.revision = revision
  if (message.type === 'copy') {
    state.log = copyOfLog(message.log)
    state.logRevision = revision
  }
  if (state.logRevision !== revision) return
  if (message.type === 'append' && message.number === lastNumber(state.log) + 1) appendEntry(state.log, message.entry)
  if (message.type === 'fetched') forgetFetched(state.log, message.upTo)
  else {
    const upTo = lastNumber(state.log)
    effects.push({ type: 'tellCandidate', to: from, message: { type: 'logged', revision, upTo } })
  }
}

function noteLogged(
  state: CandidateState,
  effects: CandidateEffect[],
  from: CandidateId,
  { revision, upTo }: Extract<CandidateMessage, { type: 'logged' }>,
): void {
  const { tenure, log, others } = state
  if (!tenure?.isAgreed || revision !== tenure.revision) return
  tenure.logged.set(from, Math.max(tenure.logged.get(from) ?? 0, upTo))
  if (upTo === lastNumber(log) && others.has(from) && !tenure.wanted.includes(from)) {
    tenure.wanted = [...tenure.wanted, from]
    noteChange(state, tenure, effects)
  }
  passOn(state, effects)
}
