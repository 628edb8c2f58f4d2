import type { LogRules, MessageLog, SentEntry } from '../../log/index.ts'
import { type Arrived, decodeMailbox, decodeProcess, messagesIn } from '../../protocol/index.ts'

/** What a captured checkpoint knows of messages, after a recovery to it. Mostly nobody asks for the log: it is read late. */
export class CapturedMessages {
  /** What had arrived, where checkpoints hold that. */
  readonly arrived: readonly Arrived[]
  readonly #rules: LogRules
  readonly #blobs: ReadonlyMap<string, Uint8Array>
  readonly #checkpoint: number
  #log: MessageLog | null = null
  #replayed: readonly SentEntry[] | null = null

  constructor(rules: LogRules, blobs: ReadonlyMap<string, Uint8Array>, checkpoint: number) {
    this.#rules = rules
    this.#blobs = blobs
    this.#checkpoint = checkpoint
    this.arrived = [...messagesIn(decodeMailbox(blobs))]
  }

  get log(): MessageLog {
    if (this.#log) return this.#log
    this.#log = decodeProcess(this.#blobs).log
    this.#rules.rollBack(this.#log, this.#checkpoint)
    return this.#log
  }

  /** What is sent again. */
  get replayed(): readonly SentEntry[] {
    this.#replayed ??= this.#rules.replay(this.log)
    return this.#replayed
  }
}
