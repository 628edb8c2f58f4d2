/**
 * What a run cost, read out of its trace: the same figures that the run itself reports, from nothing but the lines that
 * its protocol machines wrote. Times in milliseconds.
 */
import type { RecordedEffect } from '../../src/protocol/index.ts'
import type { TraceRecord } from '../../src/trace/index.ts'
import { RecoveryBook, type TracedRecovery } from './traced-recoveries.ts'

export interface TraceCosts {
  /** How long checkpoints held programs up: each capture, or each freeze where all stand still together. */
  readonly holdUpsMs: readonly number[]
  /** From a processor's request, or from its capture or freeze where it was told to, to the news of the commit. */
  readonly latenciesMs: readonly number[]
  readonly recoveries: readonly TracedRecovery[]
}

/** `records`: in the order of their times, as a trace is read. */
export function traceCosts(records: readonly TraceRecord[]): TraceCosts {
  const processors = new Map<number, ProcessorBook>()
  const recoveries = new RecoveryBook(records)
  for (const record of records) {
    if (record.place === 'conductor' || record.processor === null) {
      recoveries.noteConductor(record)
      continue
    }
    recoveries.noteProcessor(record)
    const book = processors.get(record.processor) ?? new ProcessorBook()
    processors.set(record.processor, book)
    book.note(record)
  }
  const books = [...processors.values()]
  return {
    holdUpsMs: books.flatMap(({ holdUpsMs }) => holdUpsMs),
    latenciesMs: books.flatMap(({ latenciesMs }) => latenciesMs),
    recoveries: recoveries.finished,
  }
}

/** What one processor's lines say of its checkpoints. */
class ProcessorBook {
  readonly holdUpsMs: number[] = []
  readonly latenciesMs: number[] = []
  /** When the newest event came: what follows from it is done at once. */
  #eventMs = 0
  /** When the event came that a capture followed from, until the next line shows that it is over. */
  #capturingSinceMs: number | null = null
  #requestedMs: number | null = null
  #frozenMs: number | null = null
  #pending: { readonly checkpoint: number; readonly sinceMs: number } | null = null

  note({ at, kind, what }: TraceRecord): void {
    if (this.#capturingSinceMs !== null) {
      this.holdUpsMs.push(at - this.#capturingSinceMs)
      this.#capturingSinceMs = null
    }
    if (kind === 'event') this.#eventMs = at
    else this.#noteEffect(at, what)
  }

  #noteEffect(at: number, effect: RecordedEffect): void {
    switch (effect.type) {
      case 'send':
        if (effect.frame.type === 'request') this.#requestedMs ??= at
        return
      case 'freeze':
        this.#frozenMs = at
        return
      case 'thaw':
        this.#thaw(at)
        return
      case 'stopProgram':
        this.#goBack()
        return
      case 'capture':
        this.#pending = {
          checkpoint: effect.checkpoint,
          sinceMs: this.#requestedMs ?? this.#frozenMs ?? this.#eventMs,
        }
        this.#requestedMs = null
        if (this.#frozenMs === null) this.#capturingSinceMs = this.#eventMs
        return
      case 'recycle':
        if (this.#pending?.checkpoint === effect.checkpoint) this.latenciesMs.push(at - this.#pending.sinceMs)
        this.#pending = null
        return
      default:
    }
  }

  #thaw(at: number): void {
    if (this.#frozenMs !== null) this.holdUpsMs.push(at - this.#frozenMs)
    this.#frozenMs = null
  }

  /** What was under way is void. */
  #goBack(): void {
    this.#requestedMs = null
    this.#frozenMs = null
    this.#pending = null
  }
}
