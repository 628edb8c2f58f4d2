import type { BundleAnswer, BundleWanted } from '../wire/bundles.ts'
import type { BundleStore, OpenBundle } from './bundle-store.ts'
import type { WantedPart } from './intake.ts'
import { BundleError, shortDigest } from './manifest.ts'
import type { BundlePart } from './program-bundle.ts'

/** Short enough for heartbeats on the same link: at 10 Mbit/s one takes 0.1 s. */
const askedBytes = 128 * 1024

interface Waiting extends WantedPart {
  resolve(part: BundlePart): void
  reject(error: Error): void
}

/**
 * Has a host's store fetch bundles over one link to whoever has them. The link may break and be resumed; questions and
 * answers may be lost with it, or come twice.
 */
export class BundleReceiver {
  readonly #store: BundleStore
  readonly #ask: (wanted: BundleWanted) => void
  /** By digest: one part at a time. */
  readonly #waiting = new Map<string, Waiting>()
  #closed: string | null = null

  /** `ask` sends a question over the link, or does nothing while there is none. */
  constructor(store: BundleStore, ask: (wanted: BundleWanted) => void) {
    this.#store = store
    this.#ask = ask
  }

  /**
   * The bundle, fetched unless it is here whole. Throws a `UsageError` if it is for another version of Paritas, or has no
   * room, and a `BundleError` if it does not come: each with one line.
   */
  obtain(digest: string): Promise<OpenBundle> {
    return this.#store.obtain(digest, (wanted) => this.#fetch(digest, wanted))
  }

  /** Takes an answer that `toDaemonProblem` has no objection to. One that nobody waits for any more does nothing. */
  take(answer: BundleAnswer): void {
    const waiting = this.#waiting.get(answer.digest)
    if (waiting === undefined) return
    if (answer.type === 'bundleMissing') {
      this.#waiting.delete(answer.digest)
      waiting.reject(new BundleError(`program bundle ${shortDigest(answer.digest)} is not where the run was started`))
    } else if (answer.file === waiting.file && answer.offset === waiting.offset) {
      this.#waiting.delete(answer.digest)
      const { file, offset, bytes } = answer
      waiting.resolve({ file, offset, bytes })
    }
  }

  /** The link is there again. */
  resumed(): void {
    for (const [digest, wanted] of this.#waiting) this.#askFor(digest, wanted)
  }

  /** The link will not be there again. `why`: one line. */
  close(why: string): void {
    this.#closed = why
    for (const [digest, { reject }] of this.#waiting) reject(this.#gone(digest))
    this.#waiting.clear()
  }

  #fetch(digest: string, wanted: WantedPart): Promise<BundlePart> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) return reject(this.#gone(digest))
      this.#waiting.set(digest, { ...wanted, resolve, reject })
      this.#askFor(digest, wanted)
    })
  }

  #askFor(digest: string, { file, offset }: WantedPart): void {
    this.#ask({ type: 'bundleWanted', digest, file, offset, bytesMax: askedBytes })
  }

  #gone(digest: string): BundleError {
    return new BundleError(`program bundle ${shortDigest(digest)} did not come: ${this.#closed}`)
  }
}
