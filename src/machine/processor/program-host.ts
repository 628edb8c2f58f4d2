import type { StepOutcome } from '../../program/index.ts'
import { ProgramThread, type ThreadFailure } from '../program/program-thread.ts'
import type { Attachment } from '../program/program-worker.ts'
import { monotonicMs } from '../wire/control.ts'

/** Told what the program's thread does. */
export interface HostListener {
  ended(outcome: StepOutcome): void
  failed(failure: ThreadFailure): void
  /** The thread has the memory: the process computes again. */
  attached(): void
  progressed(done: number, total: number): void
}

/** A thread, and what went wrong with it, perhaps before anything was asked of it. */
interface Runner {
  readonly thread: ProgramThread
  failure: ThreadFailure | null
}

/**
 * Runs the program of one processor, in one thread after another: a recovery ends the thread and goes on with a new one,
 * which has imported the program by then. Whatever goes wrong with a thread is told when a step is due.
 */
export class ProgramHost {
  readonly #moduleUrl: string
  /** To be set before `begin`. */
  listener: HostListener | null = null
  #runner: Runner | null = null
  /** Waits to follow the runner. */
  #next: Runner | null = null
  #begun = false
  #attached = false
  /** The step that waits for the thread to be attached, or runs in it. */
  #step: ((thread: ProgramThread) => void) | null = null
  #stepBeganMs = 0

  constructor(moduleUrl: string) {
    this.#moduleUrl = moduleUrl
  }

  /** Whether there is a thread that goes on, or will as soon as its attachment is there. */
  get begun(): boolean {
    return this.#begun
  }

  /** For how long the running step has gone on; null between two steps. */
  get stepMs(): number | null {
    return this.#step === null || !this.#attached ? null : monotonicMs() - this.#stepBeganMs
  }

  /** Has a thread import the program ahead. */
  warm(): void {
    this.#runner ??= this.#makeRunner()
  }

  /**
   * Has the thread after this one import the program ahead, while there is time: in a recovery, everybody needs one at
   * the same moment.
   */
  warmNext(): void {
    this.#next ??= this.#makeRunner()
  }

  /** The process goes on, from memory as `attachment` says. */
  async begin(attachment: Promise<Attachment>): Promise<void> {
    this.warm()
    this.#begun = true
    const runner = this.#runner
    const found = await attachment
    if (this.#runner !== runner || runner === null) return
    runner.thread.attach(found)
    this.#attached = true
    this.#stepBeganMs = monotonicMs()
    this.#step?.(runner.thread)
  }

  /** Runs a step; one at a time. `listener` hears how it ended. */
  run(step: (thread: ProgramThread) => void): void {
    this.#step = step
    this.#stepBeganMs = monotonicMs()
    if (this.#runner?.failure) this.listener?.failed(this.#runner.failure)
    else if (this.#attached && this.#runner) step(this.#runner.thread)
  }

  /** Ends the thread; the next takes its place. When this resolves it changes no memory any more. */
  async stop(): Promise<void> {
    const ended = this.#runner
    this.#runner = this.#next
    this.#next = null
    this.#begun = false
    this.#attached = false
    this.#step = null
    await ended?.thread.stop()
  }

  /** Ends all threads: the program does not run here any more. */
  async close(): Promise<void> {
    await this.stop()
    await this.stop()
  }

  #makeRunner(): Runner {
    const isCurrent = (): boolean => this.#runner === runner
    const thread = new ProgramThread({
      moduleUrl: this.#moduleUrl,
      onAttached: () => this.listener?.attached(),
      onProgress: (done, total) => this.listener?.progressed(done, total),
      onEnded: (outcome) => {
        this.#step = null
        this.listener?.ended(outcome)
      },
      onFailed: (failure) => {
        runner.failure = failure
        if (isCurrent() && this.#step) this.listener?.failed(failure)
      },
    })
    const runner: Runner = { thread, failure: null }
    return runner
  }
}
