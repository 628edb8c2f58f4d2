import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Fabric, Hello, Link } from './link.ts'
import { readResumedHello, resumedHello } from './resumed-frames.ts'
import { farewell, ResumedLink } from './resumed-link.ts'
import { hostTiming, type SessionTiming } from './session-news.ts'

/** So many links that are over are remembered, since a connection of one of them may come late. */
const endedMax = 1000

export interface CallOptions {
  /** With a short limit for connecting: a packet that asks for a connection may be lost, and each attempt sends its own. */
  readonly fabric: Fabric
  readonly address: string
  /** Who calls; the other end's `peer`. */
  readonly hello: Hello
  /** As between hosts if not given. */
  readonly timing?: SessionTiming
}

/**
 * Opens a resumed link to one who accepts such (`ResumedLinks`), and opens connections for it for as long as it is not over:
 * attempts begin at least `retryMs` apart.
 *
 * @throws Error naming the address, when nobody answers there the first time
 */
export async function callResumed({ fabric, address, hello, timing = hostTiming }: CallOptions): Promise<ResumedLink> {
  const session = randomUUID()
  let attempt = 0
  let attemptMs = Number.NEGATIVE_INFINITY
  const connect = (isKnown: boolean): Promise<Link> => {
    attempt += 1
    attemptMs = performance.now()
    return fabric.connect(address, resumedHello(hello, { session, attempt, isKnown }))
  }
  const first = await connect(false)
  const link = new ResumedLink({ timing, peer: null, onBroken: () => void connectAgain(), onOver: () => {} })
  async function connectAgain(): Promise<void> {
    while (!link.isOver) {
      // At once behind a connection that has lasted. One that is accepted and ended, again and again, is as good as none.
      const waitMs = attemptMs + timing.retryMs - performance.now()
      if (waitMs > 0) await delay(waitMs)
      if (link.isOver) return
      try {
        link.use(await connect(link.isKnown))
        return
      } catch (error) {
        link.noteTrouble((error as Error).message)
      }
    }
  }
  link.use(first)
  return link
}

export interface ResumedLinksOptions {
  /** As between hosts if not given. */
  readonly timing?: SessionTiming
  /** Gets each link once, when its first connection comes, and sets the handlers before it returns or later. */
  onLink(link: ResumedLink): void
}

/** The end that is called: takes each connection to the resumed link that it belongs to. */
export class ResumedLinks {
  readonly #options: ResumedLinksOptions
  readonly #timing: SessionTiming
  readonly #links = new Map<string, { readonly link: ResumedLink; attempt: number }>()
  /** Sessions that are over, in the order in which they ended. */
  readonly #ended = new Set<string>()

  constructor(options: ResumedLinksOptions) {
    this.#options = options
    this.#timing = options.timing ?? hostTiming
  }

  /** Takes a connection that a listener has accepted. False if it is not one of a resumed link; then it is left as it is. */
  accept(connection: Link): boolean {
    const said = readResumedHello(connection.peer)
    if (said === null) return false
    const { session, attempt, isKnown } = said.resumed
    const known = this.#links.get(session)
    if (known) {
      // Its caller has given it up for a later one.
      if (attempt <= known.attempt) connection.destroy()
      else {
        known.attempt = attempt
        known.link.use(connection)
      }
    } else if (isKnown || this.#ended.has(session)) this.#refuse(connection)
    else this.#begin(session, attempt, said.hello, connection)
    return true
  }

  /** Ends all links. */
  destroy(): void {
    for (const { link } of this.#links.values()) link.destroy()
  }

  #begin(session: string, attempt: number, hello: Hello, connection: Link): void {
    const onOver = (): void => this.#forget(session)
    const link = new ResumedLink({ timing: this.#timing, peer: hello, onBroken: () => {}, onOver })
    this.#links.set(session, { link, attempt })
    this.#options.onLink(link)
    link.use(connection)
  }

  /** What was said on it before is lost, so it cannot go on. */
  #refuse(connection: Link): void {
    const detail = 'the peer does not know this link any more: it was started again, or has given it up'
    farewell(connection, { has: 0, over: { kind: 'lost', detail } }, this.#timing.overdueMs)
  }

  #forget(session: string): void {
    this.#links.delete(session)
    this.#ended.add(session)
    for (const oldest of this.#ended) {
      if (this.#ended.size <= endedMax) break
      this.#ended.delete(oldest)
    }
  }
}
