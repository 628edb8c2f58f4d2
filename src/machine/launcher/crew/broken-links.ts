import type { ProcessorHandle } from './processor-handle.ts'

/** Both ends are asked so often, one time after another: whoever has come to its turn meanwhile could have mended the link. */
const rounds = 2

/** A round takes at least this long: others may tell of their links, and this one may come back. */
const roundMs = 700

/**
 * And at least so many times as long as the slower of the two took to answer: to open a link again takes several turns of
 * both, which are as slow on a busy computer.
 */
const answersPerRound = 4

/** What is decided may turn out to be impossible just now, since no code would cover it. */
const againMs = 1000

interface BrokenLink {
  readonly reporter: ProcessorHandle
  readonly target: ProcessorHandle
  readonly detail: string
  /** How often both ends have been asked, and when the last time. */
  round: number
  askedMs: number
  /** Ends that have not answered since. */
  readonly waitsFor: Set<ProcessorHandle>
  /** When the last answer came; of no use while one is waited for. */
  answeredMs: number
}

export interface BrokenLinksOptions {
  /** Whether the processor holds a place and nothing is known against it but its links. */
  isWell(handle: ProcessorHandle): boolean
  /** Which of two is given up rather, where nothing else decides: the one with less. */
  standingOf(handle: ProcessorHandle): number
  /** Asks a processor's main thread for an answer, which goes to `answered`. */
  ask(handle: ProcessorHandle): void
}

/** One of two processors that live, since nothing gets through between them. */
export interface Verdict {
  readonly handle: ProcessorHandle
  readonly why: string
}

/**
 * Links between processors that stay broken. Neither end need be at fault, and both may be well: one of them has to
 * go, and never both. That is the one from which or to which more links are broken, as far as others tell of theirs; of two
 * alike, check processors go before application processors, and of these the one that was started later. Whoever does not
 * even answer is slow or lost; that is not for this to decide.
 */
export class BrokenLinks {
  readonly #options: BrokenLinksOptions
  #links: BrokenLink[] = []
  #decidedMs = Number.NEGATIVE_INFINITY

  constructor(options: BrokenLinksOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#links.length === 0
  }

  note(reporter: ProcessorHandle, target: ProcessorHandle, detail: string, nowMs: number): void {
    this.clear(reporter, target)
    const times = { round: 0, askedMs: nowMs, answeredMs: nowMs }
    const link: BrokenLink = { reporter, target, detail, ...times, waitsFor: new Set() }
    this.#links.push(link)
    this.#ask(link, nowMs)
  }

  #ask(link: BrokenLink, nowMs: number): void {
    link.round += 1
    link.askedMs = nowMs
    for (const end of [link.reporter, link.target]) {
      link.waitsFor.add(end)
      this.#options.ask(end)
    }
  }

  /** It gets through again. */
  clear(reporter: ProcessorHandle, target: ProcessorHandle): void {
    this.#links = this.#links.filter((link) => link.reporter !== reporter || link.target !== target)
  }

  /** The processor is gone, and its links with it. */
  forget(handle: ProcessorHandle): void {
    this.#links = this.#links.filter(({ reporter, target }) => reporter !== handle && target !== handle)
  }

  answered(handle: ProcessorHandle, nowMs: number): void {
    for (const link of this.#links) if (link.waitsFor.delete(handle)) link.answeredMs = nowMs
  }

  /** Whom to give up now; null: nobody. */
  decide(nowMs: number): Verdict | null {
    if (nowMs - this.#decidedMs < againMs) return null
    for (const link of this.#links) {
      if (!this.#isBetweenLiving(link) || nowMs - link.askedMs < roundFor(link)) continue
      if (link.round < rounds) {
        this.#ask(link, nowMs)
        continue
      }
      this.#decidedMs = nowMs
      const handle = this.#toGiveUp(link.reporter, link.target)
      return { handle, why: `its link broke (${link.detail})` }
    }
    return null
  }

  #isBetweenLiving({ reporter, target, waitsFor }: BrokenLink): boolean {
    const { isWell } = this.#options
    return waitsFor.size === 0 && isWell(reporter) && isWell(target)
  }

  #toGiveUp(one: ProcessorHandle, other: ProcessorHandle): ProcessorHandle {
    const { standingOf } = this.#options
    const more = this.#partnersOf(one) - this.#partnersOf(other)
    const less = standingOf(one) - standingOf(other)
    if (more !== 0) return more > 0 ? one : other
    if (less !== 0) return less < 0 ? one : other
    return one.id > other.id ? one : other
  }

  #partnersOf(handle: ProcessorHandle): number {
    const partners = this.#links.flatMap(({ reporter, target }) => {
      if (reporter !== handle && target !== handle) return []
      return [reporter === handle ? target : reporter]
    })
    return new Set(partners).size
  }
}

/** Of a link whose ends have answered. */
function roundFor({ askedMs, answeredMs }: BrokenLink): number {
  return Math.max(roundMs, answersPerRound * (answeredMs - askedMs))
}
