/**
 * The worker thread that runs the steps of one process: imports the program's module ahead, is then attached to the
 * memory, and from there on answers each `start` and `step` with what came of it. `program-thread.ts` is the other side.
 */
import { setSourceMapsEnabled } from 'node:process'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../base/index.ts'
import { openPageTracker } from '../../memory/native/index.ts'
import {
  type AnySizes,
  copyPageBytes,
  createProcess,
  type Delivery,
  type Process,
  type Program,
  type StepOutcome,
  type TypedArray,
  validateProgram,
  type WasmPageWatch,
} from '../../program/index.ts'
import { sharePackage } from '../bundle/shared-package.ts'
import { importModule } from './import-module.ts'
import { markPrinted } from './printed-lines.ts'
import { programCodec } from './program-codec.ts'
import { describeFailure, type ProgramFailure } from './program-failure.ts'
import { giveWayToProtocol } from './program-priority.ts'
import { StepBoundary } from './step-boundary.ts'

/** The process that the worker shall be: where its memory is and what it goes on from. */
export interface Attachment {
  readonly rank: number
  readonly processes: number
  readonly size: AnySizes
  readonly buffer: SharedArrayBuffer
  readonly programOffset: number
  readonly vars: Uint8Array | null
  readonly input: TypedArray | null
}

export type ToWorker =
  | { readonly type: 'attach'; readonly attachment: Attachment }
  | { readonly type: 'start' }
  | { readonly type: 'step'; readonly deliveries: readonly Delivery[] }

export type FromWorker =
  | { readonly type: 'attached' }
  | { readonly type: 'ended'; readonly outcome: StepOutcome }
  | { readonly type: 'failed'; readonly failure: ProgramFailure }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }

const progressIntervalMs = 50

/** Lets one progress post through per interval, and the last one of a step after it, late at most by the interval. */
class ProgressThrottle {
  readonly #port: MessagePort
  #postedAtMs = Number.NEGATIVE_INFINITY
  #pending: { readonly done: number; readonly total: number } | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(port: MessagePort) {
    this.#port = port
  }

  report(done: number, total: number): void {
    this.#pending = { done, total }
    const waitMs = this.#postedAtMs + progressIntervalMs - performance.now()
    // A long step never reaches a timer, so the clock is asked at each report.
    if (waitMs <= 0) this.flush()
  }

  /** A step has ended: no further report may come for long. */
  settle(): void {
    if (this.#pending !== null) this.#timer ??= setTimeout(() => this.flush(), progressIntervalMs)
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#pending === null) return
    this.#port.postMessage({ type: 'progress', ...this.#pending } satisfies FromWorker)
    this.#pending = null
    this.#postedAtMs = performance.now()
  }
}

function attach(program: Program, attachment: Attachment, progress: ProgressThrottle): Process {
  const { programOffset: byteOffset, ...rest } = attachment
  return createProcess(program, {
    ...rest,
    byteOffset,
    codec: programCodec,
    watchPages,
    onProgress: (done, total) => progress.report(done, total),
  })
}

/** What a WebAssembly module writes, by the kernel; null where that cannot be had. */
function watchPages(bytes: Uint8Array): WasmPageWatch | null {
  return openPageTracker()?.watch(bytes, bytes.length / copyPageBytes, copyPageBytes) ?? null
}

/** Shorter ones are copied: handing over a buffer costs more, and the more, the more there are. */
const transferBytesMin = 64 * 1024

/** The long buffers. Each was made by the codec for this outcome alone, so it can change hands. */
function buffersOf({ sends, emits, logs, next, vars }: StepOutcome): ArrayBuffer[] {
  const payloads = [...sends.map(({ payload }) => payload), ...emits, ...logs]
  if (next.kind === 'done') payloads.push(next.result)
  if (vars !== null) payloads.push(vars)
  const long = payloads.filter((payload) => payload.byteLength >= transferBytesMin)
  return long.map((payload) => payload.buffer as ArrayBuffer)
}

async function serve(port: MessagePort): Promise<void> {
  setSourceMapsEnabled(true)
  sharePackage()
  const { moduleUrl } = workerData as { readonly moduleUrl: string }
  const progress = new ProgressThrottle(port)
  let endPrinted = (): void => {}
  const fail = (error: unknown): void => {
    // Whoever hears of the failure may end this process at once.
    endPrinted()
    progress.flush()
    const failure = describeFailure(error)
    // What callbacks throw from here on only follows from it, and would overtake it on its way.
    for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => {})
    port.postMessage({ type: 'failed', failure } satisfies FromWorker)
    port.close()
  }
  try {
    const program = validateProgram((await importModule(moduleUrl)).default)
    const boundary = new StepBoundary(fail)
    let process: Process | null = null
    const run = (message: Exclude<ToWorker, { type: 'attach' }>): void => {
      assert(process !== null, 'the worker is attached before its first step')
      const { start, step } = process
      const outcome = boundary.run(() => (message.type === 'start' ? start() : step(message.deliveries)))
      endPrinted()
      if (outcome.next.kind === 'done') progress.flush()
      else progress.settle()
      port.postMessage({ type: 'ended', outcome } satisfies FromWorker, buffersOf(outcome))
    }
    port.on('message', (message: ToWorker) => {
      try {
        if (message.type !== 'attach') return run(message)
        endPrinted = markPrinted(message.attachment.rank)
        process = attach(program, message.attachment, progress)
        port.postMessage({ type: 'attached' } satisfies FromWorker)
        // Not before: a recovery waits for the thread to import the program, and to be attached.
        giveWayToProtocol()
      } catch (error) {
        fail(error)
      }
    })
  } catch (error) {
    fail(error)
  }
}

assert(parentPort !== null, 'program-worker runs in a worker thread')
void serve(parentPort)
