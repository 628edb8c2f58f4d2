/**
 * Matches what was sent with what arrived. A frame is described in the same words at both ends, so that place, epoch and
 * words find it; links keep the order of frames, so that of several alike the first that was sent arrives first.
 */
import { describeFrame, type RecordedEffect, type RecordedEvent, type RecordedFrame } from '../protocol/index.ts'
import type { LaneBook } from './lane-book.ts'
import type { TraceRecord } from './record.ts'
import type { Arrow, Span, Stream } from './space-time.ts'
import { captionOf, shipmentOf, streamOf, trafficOf } from './traffic.ts'

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }
type OpenArrow = Mutable<Arrow>
type OpenStream = Mutable<Stream>
type Sent = Extract<RecordedEffect, { type: 'send' }>
type Came = Extract<RecordedEvent, { type: 'frame' }>

/** A message in a mailbox, or held until its epoch begins. */
interface Unconsumed {
  readonly arrow: OpenArrow
  readonly epoch: number
}

export class ArrowBook {
  readonly #lanes: LaneBook
  readonly #arrows: OpenArrow[] = []
  /** Sent and not arrived, by ends, epoch and words. */
  readonly #underWay = new Map<string, OpenArrow[]>()
  /** Messages that arrived and were not consumed, by lane, then by sender and sequence number. */
  readonly #mailboxes = new Map<number, Map<string, Unconsumed>>()
  /** The interval that each message was consumed in, by lane, then by sender and sequence number. */
  readonly #consumed = new Map<number, Map<string, number>>()
  readonly #streams = new Map<string, OpenStream>()
  readonly #shippedAt = new Map<string, number>()
  /** Lanes whose present event is `resume` or `recover`: what they send out of the log is sent again. */
  readonly #replaying = new Set<number>()

  constructor(lanes: LaneBook) {
    this.#lanes = lanes
  }

  /** Effects of a lane belong to its latest event. */
  eventBegan(lane: number, event: RecordedEvent): void {
    const isReplay = event.type === 'frame' && (event.frame.type === 'resume' || event.frame.type === 'recover')
    if (isReplay) this.#replaying.add(lane)
    else this.#replaying.delete(lane)
  }

  sent({ at, epoch, place }: TraceRecord, lane: number, { to, frame }: Sent): void {
    const traffic = trafficOf(frame)
    const target = this.#lanes.placeLane(to)
    if (traffic === 'pages' || target === null) return
    const isReplayed = traffic === 'message' && this.#replaying.has(lane)
    const arrow: OpenArrow = { ...freshArrow(traffic, lane, frame), to: target, sent: at, isReplayed }
    this.#arrows.push(arrow)
    listIn(this.#underWay, `${place}>${to} ${epoch} ${arrow.label}`).push(arrow)
    if (frame.type === 'ack') this.#noteAck(lane, to, frame)
  }

  /** A stream of pages may begin to leave. */
  shipped({ at, epoch, place }: TraceRecord, effect: RecordedEffect): void {
    const shipment = shipmentOf(effect)
    for (const to of shipment?.to ?? []) {
      const key = `${place}>${to} ${epoch} ${shipment!.what}`
      if (!this.#shippedAt.has(key)) this.#shippedAt.set(key, at)
    }
  }

  arrived(record: TraceRecord, lane: number, { from, epoch, frame }: Came): void {
    const sender = this.#lanes.placeLane(from)
    if (sender === null) return
    const ends = `${from}>${record.place} ${epoch}`
    const traffic = trafficOf(frame)
    if (traffic === 'pages') {
      this.#notePages(ends, sender, lane, record.at, frame)
      return
    }
    const arrow = this.#underWay.get(`${ends} ${describeFrame(frame)}`)?.shift() ?? this.#unseen(traffic, sender, frame)
    arrow.arrived = record.at
    arrow.to = lane
    if (epoch < record.epoch) arrow.fate = 'discarded'
    // Of an old epoch too: where a rule is off, it is consumed all the same.
    if (frame.type === 'message') mapIn(this.#mailboxes, lane).set(messageKey(from, frame), { arrow, epoch })
  }

  /** An application processor goes back: what lay unconsumed in its mailbox is dropped, but for the epoch that begins. */
  mailboxDropped(lane: number, epoch: number): void {
    const mailbox = this.#mailboxes.get(lane)
    for (const [key, unconsumed] of mailbox ?? []) {
      if (unconsumed.epoch >= epoch) continue
      unconsumed.arrow.fate = 'discarded'
      mailbox!.delete(key)
    }
  }

  /** What was consumed after the checkpoint was not consumed. */
  wentBack(lane: number, checkpoint: number): void {
    const consumed = this.#consumed.get(lane)
    for (const [key, interval] of consumed ?? []) if (interval >= checkpoint) consumed!.delete(key)
  }

  finish(spans: readonly Span[]): { arrows: readonly Arrow[]; streams: readonly Stream[] } {
    const undone = spans.filter(({ kind }) => kind === 'undone')
    const isUndone = (lane: number, at: number | null): boolean =>
      at !== null && undone.some((span) => span.lane === lane && span.from <= at && at < span.to)
    const lastRecovery = undone.reduce((latest, { to }) => Math.max(latest, to), Number.NEGATIVE_INFINITY)
    for (const arrow of this.#arrows) {
      if (arrow.arrived === null && arrow.sent! < lastRecovery) arrow.fate = 'lost'
      arrow.isUndone = undone.length > 0 && (isUndone(arrow.from, arrow.sent) || isUndone(arrow.to, arrow.arrived))
    }
    return { arrows: this.#arrows, streams: [...this.#streams.values()] }
  }

  /** The first acknowledgement says that a message was consumed; a further one, that it came once more. */
  #noteAck(lane: number, to: string, ack: Extract<RecordedFrame, { type: 'ack' }>): void {
    const key = messageKey(to, ack)
    const consumed = mapIn(this.#consumed, lane)
    const arrow = this.#mailboxes.get(lane)?.get(key)?.arrow
    if (arrow) arrow.fate = consumed.has(key) ? 'discarded' : 'taken'
    this.#mailboxes.get(lane)?.delete(key)
    if (!consumed.has(key)) consumed.set(key, ack.interval)
  }

  #notePages(ends: string, from: number, to: number, at: number, frame: RecordedFrame): void {
    const { what, pages, isLast } = streamOf(frame)!
    const key = `${ends} ${what}`
    const known = this.#streams.get(key)
    if (known) {
      known.lastArrived = at
      known.pages += pages
      known.isComplete ||= isLast
      return
    }
    const began = this.#shippedAt.get(key) ?? null
    const fresh = { what, from, to, began, firstArrived: at, lastArrived: at, pages, isComplete: isLast }
    this.#streams.set(key, fresh)
  }

  /** An arrow whose beginning the trace does not tell. */
  #unseen(traffic: Arrow['traffic'], from: number, frame: RecordedFrame): OpenArrow {
    const arrow = freshArrow(traffic, from, frame)
    this.#arrows.push(arrow)
    return arrow
  }
}

function freshArrow(traffic: Arrow['traffic'], from: number, frame: RecordedFrame): OpenArrow {
  return {
    ...{ traffic, from, to: from, sent: null, arrived: null, isReplayed: false, fate: 'open', isUndone: false },
    ...{ label: describeFrame(frame), caption: captionOf(frame) },
  }
}

const messageKey = (from: string, { sequence }: { readonly sequence: number }): string => `${from} ${sequence}`

function listIn<Key, Item>(map: Map<Key, Item[]>, key: Key): Item[] {
  const known = map.get(key) ?? []
  map.set(key, known)
  return known
}

function mapIn<Item>(maps: Map<number, Map<string, Item>>, key: number): Map<string, Item> {
  const known = maps.get(key) ?? new Map<string, Item>()
  maps.set(key, known)
  return known
}
