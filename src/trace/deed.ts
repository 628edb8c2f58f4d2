/**
 * What a line of a trace says, read back from the text that `describeEvent` and `describeEffect` of the protocol made.
 * Lines that say nothing for a picture, and lines that are not known, are null.
 */
import type { TraceRecord } from './record.ts'

export type Deed =
  | { readonly type: 'sent'; readonly to: string; readonly frame: string }
  | { readonly type: 'arrived'; readonly from: string; readonly epoch: number; readonly frame: string }
  /** A stream of pages begins to leave; its frames are seen only where they arrive. */
  | { readonly type: 'shipped'; readonly stream: string; readonly to: readonly string[] }
  | { readonly type: 'stepBegan' }
  | { readonly type: 'stepEnded' }
  | { readonly type: 'stepFailed'; readonly site: string }
  | { readonly type: 'programStopped' }
  /** All stand still for a synchronous checkpoint: from here, to here. */
  | { readonly type: 'frozen' | 'thawed' }
  /** The checkpoint was captured, is known to be committed, became the parity, was gone back to, or was rebuilt. */
  | { readonly type: 'captured' | 'recycled' | 'applied' | 'restored' | 'adopted'; readonly checkpoint: number }
  | { readonly type: 'assigned'; readonly processor: number; readonly place: string; readonly epoch: number }
  | { readonly type: 'lost' | 'silent' | 'heard' | 'fenced'; readonly processor: number }
  | { readonly type: 'recoveryBegan'; readonly epoch: number; readonly lost: readonly string[] }
  | { readonly type: 'lineFound' | 'resumed'; readonly checkpoint: number }
  | { readonly type: 'output'; readonly place: string }
  /** The run ends with this. */
  | { readonly type: 'ended'; readonly how: string }

type Reader = (found: RegExpExecArray) => Deed

const rule = (pattern: RegExp, read: Reader): readonly [RegExp, Reader] => [pattern, read]

const checkpointDeed = (type: 'captured' | 'recycled' | 'applied' | 'restored' | 'adopted'): Reader => {
  return ([, checkpoint]) => ({ type, checkpoint: Number(checkpoint) })
}

const effectRules = [
  rule(/^-> (\S+) (.+)$/s, ([, to, frame]) => ({ type: 'sent', to: to!, frame: frame! })),
  rule(/^(?:start program|run step)/, () => ({ type: 'stepBegan' })),
  rule(/^stop program$/, () => ({ type: 'programStopped' })),
  rule(/^freeze for checkpoint \d+$/, () => ({ type: 'frozen' })),
  rule(/^thaw after checkpoint \d+$/, () => ({ type: 'thawed' })),
  rule(/^capture checkpoint (\d+)$/, checkpointDeed('captured')),
  rule(/^recycle what is older than checkpoint (\d+)$/, checkpointDeed('recycled')),
  rule(/^apply staged delta, parity is checkpoint (\d+)$/, checkpointDeed('applied')),
  rule(/^restore checkpoint (\d+)$/, checkpointDeed('restored')),
  rule(/^adopt checkpoint (\d+)$/, checkpointDeed('adopted')),
  rule(/^load checkpoint (\d+) from disk/, checkpointDeed('adopted')),
  rule(/^ship (delta|merged delta) (\d+) to ([a-z\d ]+)$/, ([, what, checkpoint, to]) => ({
    type: 'shipped',
    stream: `${what === 'delta' ? what : 'merged'} ${checkpoint}`,
    to: to!.split(' '),
  })),
  rule(/^(?:ship|add) image \d+ (?:to part \d+ )?for (\S+?),? to ([a-z\d]+)/, ([, target, to]) => ({
    type: 'shipped',
    stream: `image for ${target}`,
    to: [to!],
  })),
  rule(/^processor (\d+) becomes (\S+) in epoch (\d+)$/, ([, processor, place, epoch]) => ({
    type: 'assigned',
    processor: Number(processor),
    place: place!,
    epoch: Number(epoch),
  })),
  rule(/^fence processor (\d+)$/, ([, processor]) => ({ type: 'fenced', processor: Number(processor) })),
  rule(/^recovery begins, epoch (\d+), lost: (.*)$/, ([, epoch, lost]) => ({
    type: 'recoveryBegan',
    epoch: Number(epoch),
    lost: lost === 'nobody' ? [] : lost!.split(' '),
  })),
  rule(/^recovery line (\d+)(?: on disk)?$/, ([, line]) => ({ type: 'lineFound', checkpoint: Number(line) })),
  rule(/^resumed at checkpoint (\d+)$/, ([, line]) => ({ type: 'resumed', checkpoint: Number(line) })),
  rule(/^output \d+ of (\S+) /, ([, place]) => ({ type: 'output', place: place! })),
  rule(/^(?:finished|no code covers .*|program failed .*|\S+ is damaged: .*)$/s, ([how]) => ({ type: 'ended', how })),
]

const eventRules = [
  rule(/^(\S+) -> (.+) \(epoch (\d+)\)$/s, ([, from, frame, epoch]) => ({
    type: 'arrived',
    from: from!,
    frame: frame!,
    epoch: Number(epoch),
  })),
  rule(/^step ended: /, () => ({ type: 'stepEnded' })),
  rule(/^step failed at (.*)$/s, ([, site]) => ({ type: 'stepFailed', site: site! })),
  rule(/^processor (\d+) (lost|silent|heard)$/, ([, processor, what]) => ({
    type: what as 'lost' | 'silent' | 'heard',
    processor: Number(processor),
  })),
]

/** What the record says; null if that is nothing for a picture. */
export function readDeed({ kind, text }: TraceRecord): Deed | null {
  for (const [pattern, read] of kind === 'event' ? eventRules : effectRules) {
    const found = pattern.exec(text)
    if (found) return read(found)
  }
  return null
}

export type Traffic = 'message' | 'acknowledgement' | 'checkpoint' | 'pages' | 'recovery' | 'output'

const traffic: Readonly<Record<string, Traffic>> = {
  message: 'message',
  ack: 'acknowledgement',
  pressed: 'acknowledgement',
  stuck: 'acknowledgement',
  marker: 'checkpoint',
  captured: 'checkpoint',
  request: 'checkpoint',
  grant: 'checkpoint',
  held: 'checkpoint',
  hurry: 'checkpoint',
  commit: 'checkpoint',
  delta: 'pages',
  deltaEnd: 'pages',
  merged: 'pages',
  mergedEnd: 'pages',
  image: 'pages',
  output: 'output',
  failure: 'recovery',
  recover: 'recovery',
  'report:': 'recovery',
  'plan:': 'recovery',
  restored: 'recovery',
  resume: 'recovery',
  'damaged:': 'recovery',
}

/** What a frame is about, by the first word of its text; frames that are not known count as checkpoint traffic. */
export function trafficOf(frame: string): Traffic {
  const end = frame.search(/[ ,]/)
  return traffic[end === -1 ? frame : frame.slice(0, end)] ?? 'checkpoint'
}

/** Sequence number of the program's message, or of what acknowledges it. */
export function sequenceOf(frame: string): number | null {
  const found = /^(?:message|ack) (\d+)/.exec(frame)
  return found ? Number(found[1]) : null
}

/** The interval that a message was sent in, or that an acknowledgement says it was consumed in. */
export function intervalOf(frame: string): number {
  return Number(/of interval (\d+),|consumed in interval (\d+)$/.exec(frame)?.slice(1).find(Boolean) ?? 0)
}

/** What a frame of pages says. */
export interface PagesFrame {
  /** What its pages belong to, such as `delta 3` or `image for a2`. */
  readonly stream: string
  readonly pages: number
  readonly isLast: boolean
}

export function pagesOf(frame: string): PagesFrame {
  const pages = Number(/, (\d+) pages?$/.exec(frame)?.[1] ?? 0)
  const [, kind, end, checkpoint] = /^(delta|merged)(End)? (\d+)/.exec(frame) ?? []
  if (kind !== undefined) return { stream: `${kind} ${checkpoint}`, pages, isLast: end !== undefined }
  const [image, ends] = /^image(?: for [a-z\d]+)?( ends)?/.exec(frame) ?? [frame]
  return { stream: image.replace(/ ends$/, ''), pages, isLast: ends !== undefined }
}
