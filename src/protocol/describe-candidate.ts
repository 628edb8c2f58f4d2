/** One stable line about what conductors that may be lost hear, decide and tell each other. */
import { unreachable } from '../base/index.ts'
import type {
  CandidateEffect,
  CandidateEvent,
  CandidateMessage,
  ConductorRecord,
  Released,
  ReleaseEffect,
} from './candidate/index.ts'
import { describeEffect, describeEvent } from './describe.ts'
import type { AnyEffect, AnyEvent } from './record.ts'

export function describeCandidateEvent(event: CandidateEvent | AnyEvent): string {
  switch (event.type) {
    case 'appointed':
      return `appointed, replicas: ${candidates(event.replicas)}`
    case 'agreed':
      return `the store agrees to ${event.nonce}`
    case 'refused':
      return `the store refuses ${event.nonce}: ${describeRecord(event.found.record)}`
    case 'unknown':
      return `no answer of the store to ${event.nonce}`
    case 'recordChanged':
      return `on record: ${describeRecord(event.found.record)}`
    case 'conductorUnheard':
      return 'does not hear the conductor'
    case 'challenged':
      return 'is asked whether it is there'
    case 'unanswered':
      return 'has asked the conductor in vain'
    case 'candidateFound':
      return `candidate ${event.candidate} is there`
    case 'candidateLost':
      return `candidate ${event.candidate} is lost`
    case 'fromCandidate':
      return `candidate ${event.from} -> ${describeMessage(event.message)}`
    case 'orderRefused':
      return `an order is refused by who obeys in epoch ${event.epoch}`
    case 'fetched':
      return `entry ${event.upTo} of the release log is fetched`
    default:
      return describeEvent(event)
  }
}

export function describeCandidateEffect(effect: CandidateEffect | AnyEffect): string {
  switch (effect.type) {
    case 'release':
      return describeRelease(effect)
    case 'introduce':
      return `introduces itself, epoch ${effect.epoch}`
    case 'askDisk':
      return `ask the disk what it holds, epoch ${effect.epoch}`
    case 'propose':
      return `propose ${effect.nonce}: ${describeRecord(effect.record)}`
    case 'challenge':
      return 'ask the conductor whether it is there'
    case 'answerChallenge':
      return 'answer that it is there'
    case 'tellCandidate':
      return `-> candidate ${effect.to} ${describeMessage(effect.message)}`
    case 'tookOffice':
      return `conducts, revision ${effect.revision}`
    case 'resigned':
      return `conducts no more, revision ${effect.revision}`
    default:
      return describeEffect(effect)
  }
}

/** What of the record a story is about. */
export function describeRecord(record: ConductorRecord | null): string {
  if (record === null) return 'nothing'
  const { revision, epoch, conductor, replicas, missing, begun, rollback, outcome } = record
  return [
    `revision ${revision}, epoch ${epoch}, candidate ${conductor} conducts, replicas: ${candidates(replicas)}`,
    ...(missing.length > 0 ? [`missing: ${missing.join(' ')}`] : []),
    ...(begun ? [] : ['not begun']),
    ...(rollback ? ['going back'] : []),
    ...(outcome ? [`outcome: ${describeEffect(outcome)}`] : []),
  ].join(', ')
}

function describeRelease({ number, entry }: ReleaseEffect): string {
  return `release entry ${number}: ${describeEntry(entry)}`
}

function describeMessage(message: CandidateMessage): string {
  switch (message.type) {
    case 'copy':
      return `release log of revision ${message.revision}, ${message.log.fetched + message.log.entries.length} entries`
    case 'append':
      return `entry ${message.number} in revision ${message.revision}: ${describeEntry(message.entry)}`
    case 'fetched':
      return `entry ${message.upTo} is fetched, revision ${message.revision}`
    case 'logged':
      return `has entry ${message.upTo} in revision ${message.revision}`
    case 'surpassed':
      return `knows of revision ${message.revision}`
    default:
      return unreachable(message)
  }
}

function describeEntry(entry: Released): string {
  if (entry.type === 'output') return describeEffect(entry)
  const marks = entry.outputs.map(({ released }, rank) => `${released} of a${rank}`)
  return `outputs count as on disk: ${marks.join(', ')}`
}

const candidates = (ids: readonly number[]): string => ids.map((id) => `candidate ${id}`).join(' and ') || 'nobody'
