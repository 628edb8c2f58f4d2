/** Frames as a picture shows them: the kind of traffic, their names, and the stream that their pages belong to. */
import { oneLine } from '../base/index.ts'
import type { RecordedEffect, RecordedFrame } from '../protocol/index.ts'

export type Traffic = 'message' | 'acknowledgement' | 'checkpoint' | 'pages' | 'recovery' | 'output'

const traffic: { readonly [Type in RecordedFrame['type']]: Traffic } = {
  message: 'message',
  ack: 'acknowledgement',
  pressed: 'acknowledgement',
  stuck: 'acknowledgement',
  marker: 'checkpoint',
  captured: 'checkpoint',
  request: 'checkpoint',
  grant: 'checkpoint',
  held: 'checkpoint',
  begun: 'checkpoint',
  hurry: 'checkpoint',
  commit: 'checkpoint',
  store: 'checkpoint',
  stored: 'checkpoint',
  notStored: 'checkpoint',
  delta: 'pages',
  deltaEnd: 'pages',
  merged: 'pages',
  mergedEnd: 'pages',
  image: 'pages',
  imageEnd: 'pages',
  output: 'output',
  outputAck: 'output',
  failure: 'recovery',
  recover: 'recovery',
  report: 'recovery',
  plan: 'recovery',
  restored: 'recovery',
  resume: 'recovery',
  damaged: 'recovery',
}

export function trafficOf({ type }: RecordedFrame): Traffic {
  return traffic[type]
}

const tagLengthMax = 18

/** What stands beside an arrow: `chunk 3` for message 3 with the tag `chunk`; of other frames the first words. */
export function captionOf(frame: RecordedFrame): string {
  switch (frame.type) {
    case 'message': {
      const tag = oneLine(frame.tag)
      return `${tag.length > tagLengthMax ? `${tag.slice(0, tagLengthMax - 1)}…` : tag} ${frame.sequence}`
    }
    case 'ack':
    case 'pressed':
    case 'stuck':
      return ''
    case 'request':
      return `request for checkpoint ${frame.checkpoint}`
    case 'plan':
      return `plan: recovery line ${frame.line}`
    case 'output':
    case 'outputAck':
      return `output ${frame.index}`
    default:
      return 'checkpoint' in frame ? `${frame.type} ${frame.checkpoint}` : frame.type
  }
}

/** What the pages of a frame belong to, such as `delta 3` or `image for a2`; null for frames without pages. */
export function streamOf(frame: RecordedFrame): { what: string; pages: number; isLast: boolean } | null {
  switch (frame.type) {
    case 'delta':
    case 'merged':
      return { what: `${frame.type} ${frame.checkpoint}`, pages: frame.batch, isLast: false }
    case 'deltaEnd':
      return { what: `delta ${frame.checkpoint}`, pages: 0, isLast: true }
    case 'mergedEnd':
      return { what: `merged ${frame.checkpoint}`, pages: 0, isLast: true }
    case 'image':
      return { what: `image for ${frame.target}`, pages: frame.batch, isLast: false }
    case 'imageEnd':
      return { what: `image for ${frame.target}`, pages: 0, isLast: true }
    default:
      return null
  }
}

/** Where a stream of pages begins to leave, whose frames are seen only where they arrive; null for other effects. */
export function shipmentOf(effect: RecordedEffect): { what: string; to: readonly string[] } | null {
  switch (effect.type) {
    case 'shipDelta':
      return { what: `delta ${effect.checkpoint}`, to: effect.to }
    case 'shipMerged':
      return { what: `merged ${effect.checkpoint}`, to: [effect.to] }
    case 'shipImage':
    case 'passImage':
      return { what: `image for ${effect.target}`, to: [effect.to] }
    default:
      return null
  }
}
