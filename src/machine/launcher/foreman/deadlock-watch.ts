import type { Rank } from '../../../base/index.ts'
import { type Rest, waitsForEver } from '../../../protocol/index.ts'

/** The time between two questions. A program that waits for ever is noticed after two or three of them. */
const askIntervalMs = 1000

export interface DeadlockWatchOptions {
  readonly processes: number
  /** Asks every process whether it rests. False: the machine is not whole, so there is no asking now. */
  ask(question: number): boolean
  /** Every process waits, and nothing is under way that could wake one. */
  onDeadlock(rests: readonly Rest[]): void
}

/** Notices a program in which everybody waits for everybody. */
export class DeadlockWatch {
  readonly #options: DeadlockWatchOptions
  #timer: NodeJS.Timeout | null = null
  #question = 0
  #answers = new Map<Rank, Rest>()
  /** The answers to the question before, if all had answered it. */
  #before: readonly Rest[] = []

  constructor(options: DeadlockWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => this.#ask(), askIntervalMs)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  answer(rank: Rank, question: number, rest: Rest): void {
    if (question !== this.#question) return
    this.#answers.set(rank, rest)
    const { processes, onDeadlock } = this.#options
    if (this.#answers.size < processes) return
    const all = Array.from({ length: processes }, (_, one) => this.#answers.get(one)!)
    if (waitsForEver(this.#before, all)) onDeadlock(all)
    this.#before = all
  }

  /** Whoever has not answered by now works, or is lost: what the others said counts no more. */
  #ask(): void {
    if (this.#answers.size < this.#options.processes) this.#before = []
    this.#answers = new Map()
    this.#question += 1
    if (!this.#options.ask(this.#question)) this.#before = []
  }
}
