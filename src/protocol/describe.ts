/** One stable line for people about every frame, event and effect: in scenarios, traces and pictures. */
import { oneLine, type ProcessorId, quoted, unreachable } from '../base/index.ts'
import type { PageBatch } from '../parity/index.ts'
import type { Arrived, Waiting } from './application/index.ts'
import type { ProcessorLoss } from './conductor/index.ts'
import type { Frame, Source } from './frames.ts'
import {
  type AnyEffect,
  type AnyEvent,
  howMany,
  type OutsideEvent,
  type RecordedEffect,
  type RecordedEvent,
  type RecordedFrame,
} from './record.ts'

function pages(batch: PageBatch | number): string {
  const count = howMany(batch)
  return `${count} ${count === 1 ? 'page' : 'pages'}`
}

export function describeFrame(frame: Frame | RecordedFrame): string {
  switch (frame.type) {
    case 'message':
      return `message ${frame.sequence} ${quoted(frame.tag)} of interval ${frame.interval}, ${howMany(frame.payload)} bytes`
    case 'ack':
      return `ack ${frame.sequence}, consumed in interval ${frame.interval}`
    case 'pressed':
    case 'stuck':
    case 'restored':
    case 'resume':
      return frame.type
    case 'request':
      return `request for checkpoint ${frame.checkpoint}${frame.urgent ? ', urgent' : ''}`
    case 'marker':
      return `marker of checkpoint ${frame.checkpoint} after ${frame.messages} ${frame.messages === 1 ? 'message' : 'messages'}`
    case 'captured':
    case 'grant':
    case 'held':
    case 'begun':
    case 'hurry':
    case 'commit':
      return `${frame.type} ${frame.checkpoint}`
    case 'delta':
    case 'merged':
      return `${frame.type} ${frame.checkpoint} part ${frame.part}, ${pages(frame.batch)}`
    case 'deltaEnd':
    case 'mergedEnd':
      return `${frame.type} ${frame.checkpoint} after ${frame.parts} parts`
    case 'store':
      return `store checkpoint ${frame.checkpoint} as writing ${frame.sequence}${since(frame)}`
    case 'stored':
      return `stored writing ${frame.sequence}, ${frame.file.isFull ? 'all pages' : 'changed pages'}`
    case 'notStored':
      return `writing ${frame.sequence} not stored: ${frame.reason === null ? 'too late' : oneLine(frame.reason)}`
    case 'output':
      return `output ${frame.index} (${frame.kind}), ${howMany(frame.payload)} bytes`
    case 'outputAck':
      return `output ${frame.index} taken`
    case 'failure':
      return `failure of step ${frame.step} at ${oneLine(frame.site)}`
    case 'recover':
      return `recover, ${frame.rollback ? 'going back' : 'computing on'}${frame.takeOver ? ', under another conductor' : ''}`
    case 'report':
      return `report: holds ${frame.checkpoints.join(' and ') || 'nothing'}${frame.stopped ? ', stopped' : ''}`
    case 'plan': {
      const rebuild = frame.rebuild.map(({ target, sources }) => `${target} from ${sum(sources) || 'nothing'}`)
      const disk = frame.disk === null ? '' : ` from disk (writing ${frame.disk})`
      return `plan: recovery line ${frame.line}${disk}${rebuild.length > 0 ? `, rebuild ${rebuild.join(', ')}` : ''}`
    }
    case 'image':
      return `image for ${frame.target} part ${frame.part}, ${pages(frame.batch)}`
    case 'imageEnd':
      return `image for ${frame.target} ends after ${frame.parts} parts`
    case 'damaged':
      return `damaged: ${oneLine(frame.reason)}`
    default:
      return unreachable(frame)
  }
}

/** A place alone counts once, `3*a1` three times. */
const sum = (sources: readonly Source[]): string => sources.map(term).join(' ')
const term = ({ place, coefficient }: Source): string => (coefficient === 1 ? place : `${coefficient}*${place}`)

const since = ({ since: writing }: { readonly since: number | null }): string =>
  writing === null ? '' : `, changes since writing ${writing}`
const times = ({ coefficient }: { readonly coefficient: number }): string =>
  coefficient === 1 ? '' : `, times ${coefficient}`
const from = (part: number): string => (part === 0 ? '' : ` from part ${part}`)

const message = ({ from, sequence, tag }: Pick<Arrived, 'from' | 'sequence' | 'tag'>): string =>
  `${sequence} ${quoted(tag)} from a${from}`

function describeWaiting(waiting: Waiting): string {
  if (waiting.kind !== 'receive') return waiting.kind
  const patterns = waiting.patterns.map(
    ({ from, tag }) => `${tag === null ? 'any' : quoted(tag)} from ${from === null ? 'any' : `a${from}`}`,
  )
  return `receive ${patterns.join(' and ')}`
}

export function describeEvent(event: AnyEvent | OutsideEvent | RecordedEvent): string {
  switch (event.type) {
    case 'frame':
      return `${event.from} -> ${describeFrame(event.frame)} (epoch ${event.epoch})`
    case 'stepEnded': {
      const { sends, outputs, waiting } = event.result
      return `step ended: ${howMany(sends)} sent, ${howMany(outputs)} output, then ${describeWaiting(waiting)}`
    }
    case 'stepFailed':
      return `step failed at ${oneLine(event.site)}`
    case 'timeoutPassed':
      return 'timeout passed'
    case 'bufferFull':
      return 'buffer full'
    case 'restored':
      return `restored to checkpoint ${event.checkpoint}`
    case 'damaged':
      return `damaged: ${oneLine(event.problem ?? `page groups ${event.groups.join(' ')}`)}`
    case 'stored':
      return `writing ${event.sequence} is on disk`
    case 'notStored':
    case 'notSealed':
      return `writing ${event.sequence} failed: ${oneLine(event.reason)}`
    case 'diskHolds':
      return `the disk holds ${event.whole.map(({ checkpoint }) => `checkpoint ${checkpoint}`).join(' and ') || 'nothing'}`
    case 'sealed':
      return `the manifest of writing ${event.sequence} is on disk`
    case 'fenced':
      return 'fenced'
    case 'lost':
    case 'silent':
      return `processor ${event.processor} ${event.type}${accidentText(event)}`
    case 'ready':
      return `processor ${event.processor} ready${event.host === null ? '' : ` on ${event.host}`}`
    case 'heard':
      return `processor ${event.processor} heard`
    case 'lostTogether':
    case 'silentTogether': {
      const what = event.type === 'lostTogether' ? 'lost' : 'silent'
      return `${event.losses.map(lossText).join(' and ') || 'nobody'} ${what} together`
    }
    case 'heardTogether':
      return `${event.processors.map(processorText).join(' and ') || 'nobody'} heard together`
    case 'tookOver':
      return `takes over, lost: ${event.lost.map(processorText).join(' and ') || 'nobody'}`
    case 'patienceOver':
      return 'patience over'
    case 'computing':
      return 'program computes'
    case 'fault':
      return `${event.fault} of processor ${event.processor}`
    default:
      return unreachable(event)
  }
}

const processorText = (processor: ProcessorId): string => `processor ${processor}`
const accidentText = ({ accident }: Pick<ProcessorLoss, 'accident'>): string =>
  accident ? ` by accident, ${accident}` : ''
const lossText = (loss: ProcessorLoss): string =>
  `${processorText(loss.processor)}${loss.accident ? ` (by accident, ${loss.accident})` : ''}`

const plainEffects = {
  armTimeout: 'arm timeout',
  stopProgram: 'stop program',
  clear: 'clear memory',
  dropStaged: 'drop staged delta',
  finished: 'finished',
} as const

export function describeEffect(effect: AnyEffect | RecordedEffect): string {
  switch (effect.type) {
    case 'send':
      return `-> ${effect.to} ${describeFrame(effect.frame)}`
    case 'capture':
      return `capture checkpoint ${effect.checkpoint}`
    case 'shipDelta':
      return `ship delta ${effect.checkpoint} to ${effect.to.join(' ')}`
    case 'shipMerged':
      return `ship merged delta ${effect.checkpoint} to ${effect.to}`
    case 'shipImage':
      return `ship image ${effect.checkpoint} for ${effect.target} to ${effect.to}${from(effect.part)}${times(effect)}`
    case 'passImage':
      return `add image ${effect.checkpoint} to part ${effect.part} for ${effect.target}, to ${effect.to}${times(effect)}`
    case 'recycle':
      return `recycle what is older than checkpoint ${effect.checkpoint}`
    case 'armTimeout':
    case 'stopProgram':
    case 'clear':
    case 'dropStaged':
    case 'finished':
      return plainEffects[effect.type]
    case 'freeze':
      return `freeze for checkpoint ${effect.checkpoint}`
    case 'thaw':
      return `thaw after checkpoint ${effect.checkpoint}`
    case 'runStep': {
      const what = effect.deliveries.map(message).join(' and ')
      return effect.first ? 'start program' : `run step${what ? ` with ${what}` : ''}`
    }
    case 'restore':
      return `restore checkpoint ${effect.checkpoint}`
    case 'absorb':
      return `absorb ${pages(effect.batch)}`
    case 'stage':
      return `stage ${pages(effect.batch)}${times(effect)}`
    case 'adopt':
      return `adopt checkpoint ${effect.checkpoint}`
    case 'applyStaged':
      return `apply staged delta, parity is checkpoint ${effect.checkpoint}`
    case 'assign':
      return `processor ${effect.processor} becomes ${effect.place} in epoch ${effect.epoch}`
    case 'fence':
      return `fence processor ${effect.processor}`
    case 'recoveryBegan':
      return `recovery begins, epoch ${effect.epoch}, lost: ${effect.lost.join(' ') || 'nobody'}`
    case 'store':
    case 'load':
    case 'seal':
    case 'stored':
    case 'notStored':
    case 'passedOver':
      return describeStorage(effect)
    case 'lineFound':
      return `recovery line ${effect.line}${effect.disk === null ? '' : ' on disk'}`
    case 'resumed':
      return `resumed at checkpoint ${effect.line}`
    case 'output':
      return `output ${effect.index} of a${effect.rank} (${effect.kind})`
    case 'uncovered':
    case 'programFailed':
    case 'repeatedLoss':
    case 'damaged':
      return describeEnding(effect)
    default:
      return unreachable(effect)
  }
}

type Ending = Extract<AnyEffect | RecordedEffect, { type: 'uncovered' | 'programFailed' | 'repeatedLoss' | 'damaged' }>

function describeEnding(effect: Ending): string {
  switch (effect.type) {
    case 'uncovered':
      return `no code covers the loss of ${effect.lost.join(' ')}`
    case 'programFailed':
      return `program failed on a${effect.rank}`
    case 'repeatedLoss':
      return `${effect.place} was lost ${effect.losses} times one right after another${effect.withHost ? ', with its host' : ''}`
    case 'damaged':
      return `${effect.place} is damaged: ${oneLine(effect.reason)}`
    default:
      return unreachable(effect)
  }
}

type StorageEffect = Extract<
  AnyEffect | RecordedEffect,
  { type: 'store' | 'load' | 'seal' | 'stored' | 'notStored' | 'passedOver' }
>

function describeStorage(effect: StorageEffect): string {
  switch (effect.type) {
    case 'store':
      return `store checkpoint ${effect.checkpoint} as writing ${effect.sequence}${since(effect)}`
    case 'load':
      return `load checkpoint ${effect.checkpoint} from disk (writing ${effect.sequence})`
    case 'seal':
      return `write the manifest of writing ${effect.sequence}, checkpoint ${effect.checkpoint}`
    case 'stored':
      return `checkpoint ${effect.checkpoint} is whole on disk`
    case 'notStored':
      return `checkpoint ${effect.checkpoint} is not on disk: ${effect.place ?? 'the manifest'}: ${oneLine(effect.reason)}`
    case 'passedOver':
      return `checkpoint ${effect.checkpoint} on disk is passed over: ${effect.place}: ${oneLine(effect.reason)}`
    default:
      return unreachable(effect)
  }
}
