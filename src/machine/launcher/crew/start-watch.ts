import { availableParallelism, loadavg } from 'node:os'
import { UsageError } from '../../../base/index.ts'
import { type ProcessSight, sightOfProcess } from '../../local/process-sight.ts'
import { monotonicMs } from '../../wire/control.ts'
import type { ProcessHandle } from './process-handle.ts'
import type { ProcessorHandle } from './processor-handle.ts'

const lookIntervalMs = 500

/** A start that takes longer is told of. */
const quietMs = 2000

/** How long a starting process may use no processor time although it does not wait for a core. */
const idleMsMax = 30_000

/** Starting takes about half a second of processor time. A process that has used this much will never beat. */
const cpuMsMax = 30_000

/** Where processes cannot be looked at: how long starting may take, and how much longer for each that starts. */
const blindMsMax = 15_000
const blindMsEach = 2000

/** If all that start get less than this share of a core for so long, there will never be a machine. */
const starvedShare = 0.01
const starvedMs = 60_000

/** What the watch looks at. */
type Starter = Pick<ProcessHandle, 'pid' | 'startedMs' | 'lastHeardMs'> & { readonly status: string }

export interface StartWatchOptions<Handle extends Starter> {
  /** All whose process has not ended. */
  readonly handles: () => readonly Handle[]
  /** Null: nobody knows. Asked of starting processes. */
  readonly sightOf?: (handle: Handle) => ProcessSight | null
  /** Told now and then while the first start takes long. */
  onProgress(ready: number, wanted: number): void
  /** It does not get ready, whatever it is given. */
  onStuck(handle: Handle): void
  /** Nothing that starts gets any time. */
  onHopeless(error: Error): void
}

interface Start {
  cpuMs: number
  /** When it last had used more processor time than before. */
  progressMs: number
}

/**
 * Waits for processes that start, in proportion to what they are given: one that gets processor time and goes on is waited
 * for, and so is one that waits for a core.
 */
export class StartWatch<Handle extends Starter = ProcessorHandle> {
  readonly #options: StartWatchOptions<Handle>
  readonly #starts = new Map<Handle, Start>()
  #timer: NodeJS.Timeout | null = null
  #beganMs = 0
  #isFirst = true
  /** Processor time that all starts have had, and when there were enough of it last. */
  #usedMs = 0
  #fed = { usedMs: 0, atMs: 0 }

  constructor(options: StartWatchOptions<Handle>) {
    this.#options = options
  }

  start(): void {
    this.#beganMs = monotonicMs()
    this.#fed = { usedMs: 0, atMs: this.#beganMs }
    this.#timer = setInterval(() => this.#look(), lookIntervalMs)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  #look(): void {
    const nowMs = monotonicMs()
    const handles = this.#options.handles()
    // Who has beaten is watched by its beats.
    const starting = handles.filter(({ status, lastHeardMs }) => status === 'starting' && lastHeardMs === null)
    for (const handle of this.#starts.keys()) if (!starting.includes(handle)) this.#starts.delete(handle)
    for (const handle of starting) if (this.#isStuck(handle, starting.length, nowMs)) this.#options.onStuck(handle)
    this.#tell(handles, nowMs)
    this.#checkFood(starting.length, nowMs)
  }

  #isStuck(handle: Handle, startingCount: number, nowMs: number): boolean {
    const { sightOf = ({ pid }: Handle) => sightOfProcess(pid) } = this.#options
    const sight = sightOf(handle)
    if (sight === null) return nowMs - handle.startedMs > blindMsMax + blindMsEach * startingCount
    const start = this.#starts.get(handle) ?? { cpuMs: 0, progressMs: nowMs }
    this.#starts.set(handle, start)
    if (sight.cpuMs > start.cpuMs || sight.state === 'R') start.progressMs = nowMs
    this.#usedMs += sight.cpuMs - start.cpuMs
    start.cpuMs = sight.cpuMs
    return sight.cpuMs > cpuMsMax || nowMs - start.progressMs > idleMsMax
  }

  /** How far the first start is. Later ones are no news: the program computes. */
  #tell(handles: readonly Handle[], nowMs: number): void {
    const ready = handles.filter(({ status }) => status === 'serving').length
    if (ready === handles.length && ready > 0) this.#isFirst = false
    // A crew of a daemon may have none for as long as the run lasts.
    if (this.#isFirst && handles.length > 0 && nowMs - this.#beganMs >= quietMs)
      this.#options.onProgress(ready, handles.length)
  }

  #checkFood(startingCount: number, nowMs: number): void {
    const { usedMs, atMs } = this.#fed
    if (startingCount === 0 || this.#usedMs - usedMs >= starvedShare * starvedMs) {
      this.#fed = { usedMs: this.#usedMs, atMs: nowMs }
    } else if (this.#starts.size > 0 && nowMs - atMs > starvedMs) {
      this.#options.onHopeless(tooSmall(`${startingCount} processors that start get next to no processor time`))
    }
  }
}

/** What is wrong with this computer, and what to do. */
export function tooSmall(what: string): UsageError {
  const cores = availableParallelism()
  const load = `load ${loadavg()[0]!.toFixed(1)} on ${cores} ${cores === 1 ? 'core' : 'cores'}`
  return new UsageError(
    `this computer is too busy or too small (${load}): ${what}; use fewer processes (--processes), or try when it has less to do`,
  )
}
