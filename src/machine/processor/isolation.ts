/** How often others are asked, and whether they are heard, while the crew is silent. */
const lookMs = 250
/**
 * So many looks in a row at which nobody was heard: with the silence of the crew before (`crewSilenceMsMax`) as long as the
 * crew waits at most for a silent processor.
 */
const looksMax = 8

export interface IsolationOptions {
  /** Asks others for an answer, those on other hosts where there are any. */
  askPeers(): void
  /** Whether anything has come since the last call from another processor, where there are some on other hosts from one of these. */
  hearsPeers(): boolean
  /** Nobody is heard. */
  onAlone(): void
  /** Somebody is heard again, for the first time after so long. */
  onHeard(silentMs: number): void
  nowMs(): number
}

/**
 * Whether this processor hears anybody, its crew or another processor. If not, it cannot be told that it was replaced, and
 * what it computes may be in vain: it stands still until it hears of somebody, and keeps its memory. While the crew is
 * heard nothing is done for this, and no timer runs.
 *
 * A host that is cut off as a whole still hears itself, so no voice from within it counts (L1): the crew echoes no beats there
 * while it hears nobody outside, and of the processors only those on other hosts are asked and listened to. Where all
 * members are on one host, as on one computer, each of them counts.
 */
export class Isolation {
  readonly #options: IsolationOptions
  #timer: NodeJS.Timeout | null = null
  /** Looks in a row at which nobody was heard: they are counted, since whoever sleeps himself hears nobody either. */
  #looks = 0
  #heardMs = 0

  constructor(options: IsolationOptions) {
    this.#options = options
  }

  /** The crew echoes beats no more, or again. */
  noteEchoes(come: boolean): void {
    if (come) this.#stop()
    else if (this.#timer === null) {
      this.#heard()
      this.#options.hearsPeers()
      this.#timer = setInterval(() => this.#look(), lookMs).unref()
      this.#options.askPeers()
    }
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
    this.#heard()
  }

  #look(): void {
    if (this.#options.hearsPeers()) this.#heard()
    else this.#looks += 1
    if (this.#looks === looksMax) this.#options.onAlone()
    this.#options.askPeers()
  }

  #heard(): void {
    const { nowMs, onHeard } = this.#options
    const isAlone = this.#looks >= looksMax
    const silentMs = nowMs() - this.#heardMs
    this.#looks = 0
    this.#heardMs = nowMs()
    if (isAlone) onHeard(silentMs)
  }
}
