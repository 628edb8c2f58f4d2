import { monotonicMs } from '../../wire/control.ts'

/** A host that is there answers a knock within this, however busy its processors are: its kernel does it. */
const answerMsMax = 150

/** What was found out about a host that is there is looked at again after this. */
const againMs = 300

/** A host that is there, but whose daemon has not answered for so long, is taken for lost all the same. */
const silenceMsMax = 3000

/** What came of a knock; null: nothing yet. */
type Answer = 'there' | 'refused' | null

/**
 * A second look at a host whose beats are missing: is it gone, or is its daemon only waiting for a core? A connection is
 * opened by the kernel of the other side, without its daemon. One that is refused says that the host is there and its
 * daemon is not; where nothing comes back, the host is gone or cut off.
 */
export class SecondLook {
  readonly #knock: () => Promise<Exclude<Answer, null>>
  #knocked: { readonly sinceMs: number; answer: Answer } | null = null

  /** `knock`: opens a connection and ends it; never settles where nothing comes back. */
  constructor(knock: () => Promise<Exclude<Answer, null>>) {
    this.#knock = knock
  }

  /** Asked again and again while it is silent. */
  isLost(silentMs: number): boolean {
    const nowMs = monotonicMs()
    const knocked = this.#knocked
    if (silentMs > silenceMsMax || knocked?.answer === 'refused') return true
    if (knocked === null || (knocked.answer === 'there' && nowMs - knocked.sinceMs > againMs)) this.#begin(nowMs)
    else if (knocked.answer === null) return nowMs - knocked.sinceMs > answerMsMax
    return false
  }

  /** It has answered a beat. */
  heard(): void {
    this.#knocked = null
  }

  #begin(sinceMs: number): void {
    const knocked: { readonly sinceMs: number; answer: Answer } = { sinceMs, answer: null }
    this.#knocked = knocked
    void this.#knock().then((answer) => {
      knocked.answer = answer
    })
  }
}
