import { CandidateStore, type LinkedStore, type StoreNews } from '../../src/store/index.ts'
import { LinkedWorld } from './linked-world.ts'
import { LossyStore } from './lossy-store.ts'

export const answerMs = 200
export const ttlMs = 1000

export interface Asker {
  readonly id: number
  readonly link: LinkedStore
  readonly store: LossyStore
  readonly at: CandidateStore
  readonly heard: StoreNews[]
  /** What it was told to be no record or challenge. */
  readonly damaged: string[]
}

/** Several candidates, each with a link of its own to one store. */
export class CandidatesWorld extends LinkedWorld {
  readonly askers: Asker[] = []

  /** `onEvent`: told of each event after it was noted. */
  begin(onEvent: (asker: Asker, event: StoreNews) => void = () => {}): Asker {
    const link = this.client()
    const store = new LossyStore(link)
    const heard: StoreNews[] = []
    const damaged: string[] = []
    const at = new CandidateStore({
      ...{ store, clock: this.clock, run: 'x', id: this.askers.length + 1, answerMs, ttlMs },
      onEvent: (event) => {
        heard.push(event)
        onEvent(asker, event)
      },
      onDamaged: (reason) => damaged.push(reason),
    })
    const asker: Asker = { id: this.askers.length + 1, link, store, at, heard, damaged }
    this.askers.push(asker)
    at.open()
    return asker
  }

  /** Its process ends; of what it has sent, so much still arrives. */
  crash(asker: Asker, arriving = 0): void {
    asker.at.close()
    this.cut(asker.link, arriving)
  }

  /** Time passes bit by bit, and all that it brings about comes. */
  async passWithAnswers(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 10) {
      this.passMs(10)
      await this.settle()
    }
  }
}
