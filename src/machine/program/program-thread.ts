import { Worker } from 'node:worker_threads'
import type { Delivery, StepOutcome } from '../../program/index.ts'
import { describeFailure, type ProgramFailure } from './program-failure.ts'
import type { Attachment, FromWorker, ToWorker } from './program-worker.ts'

/** Why the program can take no further step. */
export interface ThreadFailure extends ProgramFailure {
  /** `died`: the thread ended by itself, for instance since the program called `process.exit`. */
  readonly reason: 'threw' | 'out of memory' | 'died'
}

export interface ProgramThreadOptions {
  /** The program's bundle, as `loadProgram` returns it. */
  readonly moduleUrl: string
  /** The most that the program's JavaScript objects may take; typed arrays and the process's memory do not count. */
  readonly heapLimitMiB?: number
  /** The thread has the memory now: the process can go on. */
  readonly onAttached: () => void
  readonly onEnded: (outcome: StepOutcome) => void
  /** Called at most once; no other call comes after it. */
  readonly onFailed: (failure: ThreadFailure) => void
  readonly onProgress: (done: number, total: number) => void
}

const defaultHeapLimitMiB = 1024

/** The compiled worker: it runs as plain JavaScript, wherever this module itself runs from. */
const workerUrl = new URL('../../../dist/bundles/program-worker.cjs', import.meta.url)

/**
 * The thread that a process's steps run in. It starts at once and imports the program ahead; `attach` then makes it one
 * process on one memory. `start` and `step` are answered by `onEnded` or `onFailed`; one at a time.
 */
export class ProgramThread {
  readonly #worker: Worker
  readonly #options: ProgramThreadOptions
  readonly #heapLimitMiB: number
  #rank: number | null = null
  #isSilent = false

  constructor(options: ProgramThreadOptions) {
    this.#options = options
    this.#heapLimitMiB = options.heapLimitMiB ?? defaultHeapLimitMiB
    this.#worker = new Worker(workerUrl, {
      workerData: { moduleUrl: options.moduleUrl },
      resourceLimits: { maxOldGenerationSizeMb: this.#heapLimitMiB },
    })
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    this.#worker.on('error', (error) => this.#fail(this.#describe(error)))
    this.#worker.on('exit', (code) => this.#fail(this.#died(code)))
  }

  /** Makes the thread the process of `attachment`: fresh with `start` to follow, or restored with `step` to follow. */
  attach(attachment: Attachment): void {
    this.#rank = attachment.rank
    const vars = attachment.vars === null ? null : new Uint8Array(attachment.vars)
    this.#post({ type: 'attach', attachment: { ...attachment, vars } }, vars === null ? [] : [vars.buffer])
  }

  start(): void {
    this.#post({ type: 'start' }, [])
  }

  /** Runs one step. The payloads are copied, and may be changed when this returns. */
  step(deliveries: readonly Delivery[]): void {
    // A copy of just the bytes, which then changes hands: posting a view would clone the whole buffer behind it.
    const copies = deliveries.map(({ from, tag, payload }) => ({ from, tag, payload: new Uint8Array(payload) }))
    this.#post(
      { type: 'step', deliveries: copies },
      copies.map(({ payload }) => payload.buffer),
    )
  }

  /** Ends the thread, in the middle of a step if need be. When this resolves it writes no memory any more. */
  async stop(): Promise<void> {
    this.#isSilent = true
    await this.#worker.terminate()
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[]): void {
    this.#worker.postMessage(message, transfer)
  }

  #receive(message: FromWorker): void {
    if (this.#isSilent) return
    switch (message.type) {
      case 'attached':
        this.#options.onAttached()
        return
      case 'ended':
        this.#options.onEnded(message.outcome)
        return
      case 'progress':
        this.#options.onProgress(message.done, message.total)
        return
      case 'failed':
        this.#fail({ ...message.failure, reason: 'threw' })
        return
    }
  }

  #fail(failure: ThreadFailure): void {
    if (this.#isSilent) return
    this.#isSilent = true
    this.#options.onFailed(failure)
  }

  /** What the program left uncaught outside its steps, or what made V8 give up the thread. */
  #describe(error: Error & { readonly code?: string }): ThreadFailure {
    if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return { ...describeFailure(error), reason: 'threw' }
    const text = `${this.#name()} ran out of memory: its heap is limited to ${this.#heapLimitMiB} MiB`
    return { error: text, site: 'out of memory', reason: 'out of memory' }
  }

  #died(code: number): ThreadFailure {
    const text = `${this.#name()} ended its thread with exit code ${code}`
    return { error: text, site: 'died', reason: 'died' }
  }

  #name(): string {
    return this.#rank === null ? 'the program' : `process ${this.#rank}`
  }
}
