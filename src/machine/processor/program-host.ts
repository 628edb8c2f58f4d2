import type { StepOutcome } from '../../program/index.ts'
import { ProgramThread, type ThreadFailure } from '../program-thread.ts'
import type { Attachment } from '../program-worker.ts'

/** Told what the program's thread does. */
export interface HostListener {
  ended(outcome: StepOutcome): void
  failed(failure: ThreadFailure): void
  /** The thread has the memory: the process computes again. */
  attached(): void
  progressed(done: number, total: number): void
}

/**
 * Runs the program of one processor, in one thread after another: a recovery ends the thread and goes on with a new one,
 * which has imported the program by then. Whatever goes wrong with a thread is told when a step is due.
 */
export class ProgramHost {
  readonly #moduleUrl: string
  /** To be set before `begin`. */
  listener: HostListener | null = null
  #thread: ProgramThread | null = null
  #begun = false
  #attached = false
  /** The step that waits for the thread to be attached, or runs in it. */
  #step: ((thread: ProgramThread) => void) | null = null
  #failure: ThreadFailure | null = null

  constructor(moduleUrl: string) {
    this.#moduleUrl = moduleUrl
  }

  /** Whether there is a thread that goes on, or will as soon as its attachment is there. */
  get begun(): boolean {
    return this.#begun
  }

  /** Has a thread import the program ahead. */
  warm(): void {
    this.#thread ??= this.#makeThread()
  }

  /** The process goes on, from memory as `attachment` says. */
  async begin(attachment: Promise<Attachment>): Promise<void> {
    this.warm()
    this.#begun = true
    const thread = this.#thread
    const found = await attachment
    if (this.#thread !== thread || thread === null) return
    thread.attach(found)
    this.#attached = true
    this.#step?.(thread)
  }

  /** Runs a step; one at a time. `listener` hears how it ended. */
  run(step: (thread: ProgramThread) => void): void {
    this.#step = step
    if (this.#failure) this.listener?.failed(this.#failure)
    else if (this.#attached && this.#thread) step(this.#thread)
  }

  /** Ends the thread. When this resolves it changes no memory any more. */
  async stop(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    this.#begun = false
    this.#attached = false
    this.#step = null
    this.#failure = null
    await thread?.stop()
  }

  #makeThread(): ProgramThread {
    return new ProgramThread({
      moduleUrl: this.#moduleUrl,
      onAttached: () => this.listener?.attached(),
      onProgress: (done, total) => this.listener?.progressed(done, total),
      onEnded: (outcome) => {
        this.#step = null
        this.listener?.ended(outcome)
      },
      onFailed: (failure) => {
        this.#failure = failure
        if (this.#step) this.listener?.failed(failure)
      },
    })
  }
}
