/** What happens on the lanes of a diagram: steps, captures, commits, losses and recoveries. */
import { applicationPlace, describeEffect, type RecordedEffect, type RecordedEvent } from '../protocol/index.ts'
import type { LaneBook } from './lane-book.ts'
import type { TraceRecord } from './record.ts'
import type { ConsistentCut, Mark, MarkKind, Point, RecoverySpan, SpaceTime, Span } from './space-time.ts'

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

const faultWords = { lost: 'is lost', silent: 'falls silent', heard: 'is heard again', fenced: 'is fenced' }

/** What is known of one lane while the records go by. */
interface LaneState {
  /** When each checkpoint that may still be gone back to was captured. */
  readonly captures: Map<number, number>
  /** When the step under way began. */
  stepping: number | null
  /** Since when the program stands still for a checkpoint. */
  frozen: number | null
  /** When the program ended its last piece of work, by itself or not. */
  stopped: number | null
}

export class LaneHistory {
  readonly #lanes: LaneBook
  readonly #first: number
  readonly #last: number
  readonly #states = new Map<number, LaneState>()
  readonly #spans: Span[] = []
  readonly #marks: Mark[] = []
  readonly #cuts = new Map<number, ConsistentCut>()
  readonly #recoveries: Mutable<RecoverySpan>[] = []
  /** Where the latest recovery line runs. */
  #linePoints: readonly Point[] = []
  #ending: string | null = null

  constructor(lanes: LaneBook, first: number, last: number) {
    this.#lanes = lanes
    this.#first = first
    this.#last = last
  }

  note(record: TraceRecord, lane: number): void {
    const { kind, what, at } = record
    if (record.place === 'conductor') {
      if (kind === 'event') this.#noteFault(at, what)
      else this.#noteConductor(at, lane, what)
    } else if (kind === 'event') this.#noteEvent(at, lane, what)
    else this.#noteEffect(at, lane, what)
  }

  finish(): Pick<SpaceTime, 'spans' | 'marks' | 'cuts' | 'recoveries' | 'ending'> {
    for (const [lane, state] of this.#states) this.#endSpans(lane, state, this.#lastSeen(lane))
    return {
      spans: this.#spans,
      marks: this.#marks,
      cuts: [...this.#cuts.values()],
      recoveries: this.#recoveries,
      ending: this.#ending,
    }
  }

  #noteEvent(at: number, lane: number, event: RecordedEvent): void {
    if (event.type !== 'stepEnded' && event.type !== 'stepFailed') return
    this.#endStep(lane, this.#state(lane), at)
    if (event.type === 'stepFailed') this.#mark(lane, at, 'failed', `fails in a step at ${event.site}`)
  }

  #noteEffect(at: number, lane: number, effect: RecordedEffect): void {
    const state = this.#state(lane)
    switch (effect.type) {
      case 'runStep':
        this.#endStep(lane, state, at)
        state.stepping = at
        return
      case 'stopProgram':
        this.#endSpans(lane, state, at)
        state.stopped = at
        return
      case 'freeze':
        state.frozen = at
        return
      case 'thaw':
        this.#endFreeze(lane, state, at)
        return
      case 'capture':
        state.captures.set(effect.checkpoint, at)
        this.#mark(lane, at, 'capture', `captures checkpoint ${effect.checkpoint}`, String(effect.checkpoint))
        return
      case 'recycle':
        this.#mark(lane, at, 'learned', `learns that checkpoint ${effect.checkpoint} is committed`)
        return
      case 'applyStaged':
        this.#commit(lane, at, effect.checkpoint)
        return
      case 'restore':
        this.#goBack(lane, state, state.stopped ?? at, effect.checkpoint)
        this.#showLine(effect.checkpoint)
        this.#mark(lane, at, 'restored', `goes back to checkpoint ${effect.checkpoint}`)
        return
      case 'load':
      case 'adopt':
        // The start of the machine is not shown, but a recovery may go back to it.
        if (this.#recoveries.length === 0) state.captures.set(effect.checkpoint, at)
        else this.#mark(lane, at, 'restored', `is rebuilt as of checkpoint ${effect.checkpoint}`)
        return
      default:
        return
    }
  }

  #noteConductor(at: number, lane: number, effect: RecordedEffect): void {
    switch (effect.type) {
      case 'fence':
        this.#markFault(at, 'fenced', effect.processor)
        return
      case 'recoveryBegan':
        this.#beginRecovery(at, effect)
        return
      case 'lineFound':
        this.#findLine(effect.line)
        return
      case 'resumed': {
        const recovery = this.#recoveries.at(-1)
        if (recovery) recovery.to ??= at
        return
      }
      case 'output':
        this.#mark(lane, at, 'output', `releases output of ${applicationPlace(effect.rank)}`)
        return
      case 'finished':
      case 'uncovered':
      case 'programFailed':
      case 'repeatedLoss':
      case 'damaged':
        this.#ending ??= describeEffect(effect)
        return
      default:
        return
    }
  }

  #noteFault(at: number, event: RecordedEvent): void {
    switch (event.type) {
      case 'lost':
      case 'silent':
      case 'heard':
        this.#markFault(at, event.type, event.processor)
        return
      case 'lostTogether':
        for (const { processor } of event.losses) this.#markFault(at, 'lost', processor)
        return
      case 'silentTogether':
        for (const { processor } of event.losses) this.#markFault(at, 'silent', processor)
        return
      case 'heardTogether':
        for (const processor of event.processors) this.#markFault(at, 'heard', processor)
        return
      default:
        return
    }
  }

  #markFault(at: number, kind: keyof typeof faultWords, processor: number): void {
    const lane = this.#lanes.processorLane(processor, at)
    if (lane !== null) this.#mark(lane, at, kind, `${faultWords[kind]} (processor ${processor})`)
  }

  #beginRecovery(at: number, { epoch, lost }: Extract<RecordedEffect, { type: 'recoveryBegan' }>): void {
    const before = this.#recoveries.at(-1)
    // A further loss in a recovery begins it anew.
    if (before) before.to ??= at
    this.#recoveries.push({ epoch, from: at, to: null, lost, line: null, points: [] })
    for (const place of lost) {
      const lane = this.#lanes.placeLane(place)
      if (lane === null) continue
      const state = this.#state(lane)
      this.#endSpans(lane, state, this.#lastSeenBefore(lane, at))
      state.stopped = at
    }
  }

  #findLine(line: number): void {
    const recovery = this.#recoveries.at(-1)
    if (!recovery || recovery.to !== null) return
    this.#linePoints = this.#pointsOf(line)
    for (const place of recovery.lost) {
      const lane = this.#lanes.placeLane(place)
      if (lane === null || !place.startsWith('a')) continue
      this.#goBack(lane, this.#state(lane), this.#lastSeenBefore(lane, recovery.from), line)
      this.#showLine(line)
    }
  }

  /** The recovery line goes through the captures that everybody goes back to; nobody does if only parity was lost. */
  #showLine(line: number): void {
    const recovery = this.#recoveries.at(-1)
    if (!recovery || recovery.line !== null) return
    recovery.line = line
    recovery.points = this.#linePoints
  }

  #goBack(lane: number, state: LaneState, until: number, checkpoint: number): void {
    const from = this.#capturedAt(lane, checkpoint)
    if (from !== null && until > from) this.#spans.push({ lane, from, to: until, kind: 'undone' })
    for (const one of state.captures.keys()) if (one > checkpoint) state.captures.delete(one)
    // What is computed from here on is undone only as far as here.
    state.captures.set(checkpoint, Math.max(until, from ?? until))
    state.stopped = null
  }

  #commit(lane: number, at: number, checkpoint: number): void {
    this.#mark(lane, at, 'commit', `commits checkpoint ${checkpoint}`, String(checkpoint))
    if (this.#cuts.has(checkpoint)) return
    this.#cuts.set(checkpoint, { checkpoint, committed: at, points: this.#pointsOf(checkpoint) })
    for (const { captures } of this.#states.values()) {
      for (const one of captures.keys()) if (one < checkpoint) captures.delete(one)
    }
  }

  #pointsOf(checkpoint: number): Point[] {
    const points: Point[] = []
    for (const [lane, { place, isFormer }] of this.#lanes.lanes.entries()) {
      const at = place.startsWith('a') && !isFormer ? this.#capturedAt(lane, checkpoint) : null
      if (at !== null) points.push({ lane, at })
    }
    return points
  }

  /** Checkpoint 0 is the beginning. */
  #capturedAt(lane: number, checkpoint: number): number | null {
    return this.#state(lane).captures.get(checkpoint) ?? (checkpoint === 0 ? this.#first : null)
  }

  #endSpans(lane: number, state: LaneState, at: number): void {
    this.#endStep(lane, state, at)
    this.#endFreeze(lane, state, at)
  }

  #endStep(lane: number, state: LaneState, at: number): void {
    this.#span(lane, state.stepping, at, 'step')
    state.stepping = null
  }

  #endFreeze(lane: number, state: LaneState, at: number): void {
    this.#span(lane, state.frozen, at, 'frozen')
    state.frozen = null
  }

  #span(lane: number, from: number | null, to: number, kind: Span['kind']): void {
    if (from !== null) this.#spans.push({ lane, from, to: Math.max(from, to), kind })
  }

  #lastSeen(lane: number): number {
    return this.#lanes.lanes[lane]!.holders.at(-1)?.lastSeen ?? this.#last
  }

  #lastSeenBefore(lane: number, at: number): number {
    const holder = this.#lanes.lanes[lane]!.holders.findLast(({ from }) => from <= at)
    return Math.min(at, holder?.lastSeen ?? at)
  }

  #mark(lane: number, at: number, kind: MarkKind, label: string, short = ''): void {
    this.#marks.push({ lane, at, kind, label, short })
  }

  #state(lane: number): LaneState {
    const known = this.#states.get(lane)
    if (known) return known
    const fresh: LaneState = { captures: new Map(), stepping: null, frozen: null, stopped: null }
    this.#states.set(lane, fresh)
    return fresh
  }
}
