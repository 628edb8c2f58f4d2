/**
 * Whether a line of a trace holds an event or an effect. Every field is looked at; one that is added does not compile until
 * it has its line here.
 */
import { count, flag, listOf, objectOf, oneOf, orMissing, orNull, text, variantOf, when } from '../base/index.ts'
import type { Arrived, ReceivePattern, StepEnded, Waiting } from './application/index.ts'
import type { DiskCheckpoint, ProcessorLoss } from './conductor/index.ts'
import { outputKinds } from './frames.ts'
import type { RecordedEffect, RecordedEvent } from './record.ts'
import { frameChecks, isProcessorPlace, processorPlace, storedFile } from './validate.ts'

const place = when('a place', (value) => isProcessorPlace(value) || value === 'conductor')
const to = place
const lost = listOf(place)

/** Numbers that occur in many of them. */
const [epoch, checkpoint, sequence, processor, part] = [count, count, count, count, count]
/** Fields of which a trace keeps only a count. */
const [payload, batch, checksums, blobs] = [count, count, count, count]

const frame = variantOf(frameChecks({ payload, batch, checksums, rankChecksums: count }))

const pattern = objectOf<ReceivePattern>({ from: orNull(count), tag: orNull(text) })
const waiting = variantOf<Waiting, 'kind'>(
  { start: {}, continue: {}, receive: { patterns: listOf(pattern) }, finished: {} },
  'kind',
)
const result = objectOf<StepEnded>({ sends: count, outputs: count, waiting, vars: count })
const delivery = objectOf<Arrived>({ from: count, sequence, interval: count, tag: text, payload })
const disk = objectOf<DiskCheckpoint>({ sequence, checkpoint, changesInARow: count, outputs: count })

/** How somebody was lost. */
export const accidentCheck = orMissing(oneOf(['soon', 'late']))
/** Several that were lost together. */
export const lossesCheck = listOf(objectOf<ProcessorLoss>({ processor, accident: accidentCheck }))

export const recordedEvent = variantOf<RecordedEvent>({
  frame: { epoch, from: place, frame },
  stepEnded: { result },
  stepFailed: { site: text, error: text },
  timeoutPassed: {},
  bufferFull: {},
  restored: { epoch, checkpoint, blobs },
  damaged: { epoch, groups: listOf(count), problem: orMissing(text) },
  stored: { epoch, sequence, file: storedFile },
  notStored: { epoch, sequence, reason: text },
  fenced: {},
  ready: { processor, host: orNull(text) },
  lost: { processor, accident: accidentCheck },
  silent: { processor, accident: accidentCheck },
  heard: { processor },
  lostTogether: { losses: lossesCheck },
  silentTogether: { losses: lossesCheck },
  heardTogether: { processors: listOf(processor) },
  tookOver: { lost: listOf(count) },
  patienceOver: {},
  diskHolds: { epoch, whole: listOf(disk), sealing: orNull(disk), lastSequence: count },
  sealed: { sequence },
  notSealed: { sequence, reason: text },
  computing: {},
  fault: { fault: oneOf(['kill', 'freeze', 'thaw']), processor },
})

/** How a run may end; what is lost then is a processor's. */
export const outcomeChecks = {
  finished: {},
  uncovered: { lost: listOf(processorPlace), needed: count },
  programFailed: { rank: count, error: text },
  repeatedLoss: { place: processorPlace, losses: count, withHost: orMissing(flag) },
  damaged: { place: processorPlace, onDisk: orNull(count), reason: text },
  notStored: { checkpoint, sequence, place: orNull(processorPlace), reason: text, ends: flag },
}

export const recordedEffect = variantOf<RecordedEffect>({
  send: { to, epoch, frame },
  capture: { checkpoint, blobs },
  shipDelta: { to: listOf(place), epoch, checkpoint },
  recycle: { checkpoint },
  armTimeout: {},
  freeze: { checkpoint },
  thaw: { checkpoint },
  runStep: { first: flag, deliveries: listOf(delivery) },
  stopProgram: {},
  restore: { epoch, checkpoint },
  store: { epoch, checkpoint, sequence, since: orNull(count) },
  load: { epoch, checkpoint, sequence },
  shipImage: { to, epoch, checkpoint, target: place, coefficient: count, part, checksums },
  passImage: { to, epoch, checkpoint, target: place, coefficient: count, part, batch },
  absorb: { batch },
  clear: {},
  adopt: { epoch, checkpoint, checksums },
  stage: { batch, coefficient: count },
  applyStaged: { checkpoint },
  dropStaged: {},
  shipMerged: { to, epoch, checkpoint, checksums },
  assign: { processor, place, epoch },
  fence: { processor },
  recoveryBegan: { epoch, lost, rollback: flag },
  lineFound: { epoch, line: count, disk: orNull(disk) },
  seal: { sequence, checkpoint, since: orNull(count), shares: count },
  stored: { checkpoint },
  passedOver: { checkpoint, place, reason: text },
  resumed: { epoch, line: count },
  output: { rank: count, index: count, kind: oneOf(outputKinds), payload },
  ...outcomeChecks,
})
