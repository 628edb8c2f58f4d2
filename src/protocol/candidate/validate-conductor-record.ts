/** Whether what was found in a store is a conductor's record. Every field is looked at. */
import {
  count,
  flag,
  listOf,
  objectOf,
  orMissing,
  orNull,
  pairOf,
  problemWith,
  text,
  variantOf,
} from '../../base/index.ts'
import type { FailedStep, RepeatedLoss } from '../conductor/index.ts'
import { processorPlace as place } from '../validate.ts'
import { outcomeChecks } from '../validate-record.ts'
import type { ConductorRecord, Outcome } from './conductor-record.ts'

/** A place and who holds it, null for nobody. */
export const memberCheck = pairOf('a place and who holds it', place, orNull(count))

const hostCheck = pairOf('who holds a place and its host', count, text)

const { uncovered, damaged } = outcomeChecks

const record = objectOf<ConductorRecord>({
  revision: count,
  conductor: count,
  replicas: listOf(count),
  epoch: count,
  members: listOf(memberCheck),
  hosts: orMissing(listOf(hostCheck)),
  missing: listOf(place),
  begun: flag,
  rollback: flag,
  fromDisk: flag,
  sequence: count,
  endsWith: orNull(variantOf<NonNullable<ConductorRecord['endsWith']>>({ uncovered, damaged })),
  failures: listOf(objectOf<FailedStep>({ rank: count, step: count, site: text, error: text, line: orNull(count) })),
  repeated: listOf(objectOf<RepeatedLoss>({ place, losses: count, withHost: orMissing(count), line: orNull(count) })),
  outcome: orNull(variantOf<Outcome>(outcomeChecks)),
})

/** Why `value` is no conductor's record, in a few words; null if it is one. */
export function conductorRecordProblem(value: unknown): string | null {
  return problemWith("the conductor's record", value, record)
}
