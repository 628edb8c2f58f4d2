import type { ProcessorId } from '../../../base/index.ts'
import { type FromProcessor, monotonicMs } from '../../wire/control.ts'
import { BrokenLinks } from './broken-links.ts'
import type { ProcessorHandle } from './processor-handle.ts'

/** How often links that were told of as broken are looked at, as long as there are some. */
const lookMs = 100

/** What a processor says of its links to others. */
export type LinkNews = Extract<FromProcessor, { type: 'unreachable' | 'reachable' | 'answer' }>

export function isLinkNews(message: FromProcessor): message is LinkNews {
  return message.type === 'unreachable' || message.type === 'reachable' || message.type === 'answer'
}

export interface LinkJudgeOptions {
  find(id: ProcessorId): ProcessorHandle | null
  /** Whether nothing is known against a processor but its links. */
  isWell(handle: ProcessorHandle): boolean
  /** Which of two is given up rather: the one with less. */
  standingOf(handle: ProcessorHandle): number
  /** It is given up, since nothing gets through between it and another one that lives. It is marked as silent already. */
  onGivenUp(handle: ProcessorHandle, why: string): void
}

/** A link that breaks is opened again. Only one that stays broken between two that live is decided here. */
export class LinkJudge {
  readonly #options: LinkJudgeOptions
  readonly #links: BrokenLinks
  #timer: NodeJS.Timeout | null = null

  constructor(options: LinkJudgeOptions) {
    this.#options = options
    this.#links = new BrokenLinks({
      isWell: (handle) => options.isWell(handle),
      standingOf: (handle) => options.standingOf(handle),
      ask: (handle) => handle.send({ type: 'ask' }),
    })
  }

  note(reporter: ProcessorHandle, news: LinkNews): void {
    if (news.type === 'answer') {
      this.#links.answered(reporter, monotonicMs())
      return
    }
    const target = this.#options.find(news.processor)
    if (!target) return
    if (news.type === 'reachable') this.#links.clear(reporter, target)
    else this.#links.note(reporter, target, news.detail, monotonicMs())
    // What has come meanwhile is read first: it may say that the link is there again.
    this.#timer ??= setInterval(() => setImmediate(() => this.#look()), lookMs)
  }

  /** The processor is gone. */
  forget(handle: ProcessorHandle): void {
    this.#links.forget(handle)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Whoever is given up is silent until it is heard the next time, which fences it; or, if that is not covered, it stays. */
  #look(): void {
    if (this.#timer === null) return
    const verdict = this.#links.decide(monotonicMs())
    if (verdict) {
      verdict.handle.silent = true
      this.#options.onGivenUp(verdict.handle, verdict.why)
      if (verdict.handle.status !== 'serving') this.#links.forget(verdict.handle)
    }
    if (this.#links.isEmpty) this.stop()
  }
}
