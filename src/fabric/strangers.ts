import type { SocketLink } from './socket-link.ts'

export interface StrangersOptions {
  /** Who is connected says hello within so many milliseconds. */
  readonly helloMsMax: number
  /** There are no more at a time. */
  readonly strangersMax: number
}

/** Those who have connected and have not said hello yet: they cost a little each, and nobody vouches for them. */
export class Strangers {
  readonly #options: StrangersOptions
  /** Oldest first, each with the timer that ends it. */
  readonly #timers = new Map<SocketLink, NodeJS.Timeout>()

  constructor(options: StrangersOptions) {
    this.#options = options
  }

  admit(link: SocketLink): void {
    const { helloMsMax, strangersMax } = this.#options
    for (const oldest of this.#timers.keys()) {
      if (this.#timers.size < strangersMax) break
      this.forget(oldest)
      oldest.destroy()
    }
    // What has come meanwhile is read first: a thread that was held up for long has its timers before that.
    const timer = setTimeout(() => setImmediate(() => this.#endLate(link)), helloMsMax)
    this.#timers.set(link, timer.unref())
  }

  /** It has said hello, or is gone. */
  forget(link: SocketLink): void {
    clearTimeout(this.#timers.get(link))
    this.#timers.delete(link)
  }

  destroy(): void {
    for (const link of [...this.#timers.keys()]) {
      this.forget(link)
      link.destroy()
    }
  }

  #endLate(link: SocketLink): void {
    if (this.#timers.delete(link)) link.reject(`it has not said hello within ${this.#options.helloMsMax / 1000} s`)
  }
}
