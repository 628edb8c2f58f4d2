import { assert, type Rank } from '../base/index.ts'
import type { Next, Pattern, Program, Self, Vars, Wanted } from './definition.ts'
import { describeValue, messageOf } from './errors.ts'
import { bindMemory, type TypedArray } from './fields.ts'
import type { AnySizes } from './sizes.ts'
import { memoryLayout } from './validate.ts'
import { provideWatch, type WatchPages } from './wasm/page-watch.ts'

/** Turns values into bytes and back. `encode` throws for what cannot be cloned; `decode` may keep views on the bytes. */
export interface Codec {
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** A message on its way into a step. */
export interface Delivery {
  readonly from: Rank
  readonly tag: string
  readonly payload: Uint8Array
}

/** A message on its way out of a step. */
export interface Sending {
  readonly to: Rank
  readonly tag: string
  readonly payload: Uint8Array
}

/** What a step has done, besides changing the memory. */
export interface StepOutcome {
  readonly sends: readonly Sending[]
  readonly emits: readonly Uint8Array[]
  readonly next:
    | { readonly kind: 'receive'; readonly patterns: readonly Pattern[] }
    | { readonly kind: 'continue' }
    | { readonly kind: 'done'; readonly result: Uint8Array }
  /** `self.vars`, encoded; null while it is empty. */
  readonly vars: Uint8Array | null
}

/** Where one process of a program lives, and what it is given. */
export interface ProcessOptions {
  readonly rank: Rank
  readonly processes: number
  readonly size: AnySizes
  /** Holds the program's memory from `byteOffset` (a multiple of 8) on; all zeros there for a fresh process. */
  readonly buffer: ArrayBufferLike
  readonly byteOffset: number
  /** The `vars` of the checkpoint that the process goes on from; null for a fresh process, and while it is empty. */
  readonly vars: Uint8Array | null
  readonly input: TypedArray | null
  readonly codec: Codec
  readonly onProgress: (done: number, total: number) => void
  /** Finds what WebAssembly modules write faster than comparing does. */
  readonly watchPages?: WatchPages
}

/**
 * Runs the steps of one process. Whatever `start` or `step` throws is the program's failure: the memory may then be
 * half-changed, and the process must go back to a checkpoint.
 */
export interface Process {
  start(): StepOutcome
  step(deliveries: readonly Delivery[]): StepOutcome
}

/** The process on the given memory: fresh, or as a checkpoint left it between two steps. */
export function createProcess(program: Program, options: ProcessOptions): Process {
  const { rank, processes, size, codec, onProgress } = options
  const context = { rank, processes, size }
  const layout = memoryLayout(program, context)
  const outgoing = new Outgoing({ rank, processes, codec, onProgress })
  // Let go of after the start: the input may be as large as the memory.
  let input = options.input
  const self: Self & { input: TypedArray | null } = {
    ...context,
    ...bound(outgoing),
    left: (rank + processes - 1) % processes,
    right: (rank + 1) % processes,
    memory: bindMemory(layout, options.buffer, options.byteOffset) as Self['memory'],
    vars: options.vars === null ? {} : (codec.decode(options.vars) as Vars),
    input: null,
  }
  if (options.watchPages !== undefined) provideWatch(self, options.watchPages)
  return {
    start() {
      if (program.vars !== undefined) self.vars = program.vars(context)
      self.input = input
      input = null
      const outcome = outgoing.run('start', self, () => program.start(self))
      self.input = null
      return outcome
    },
    step(deliveries) {
      const messages = deliveries.map(({ from, tag, payload }) => ({ from, tag, value: codec.decode(payload) }))
      return outgoing.run('step', self, () => program.step(self, messages))
    },
  }
}

/** The functions of `self`, which authors may also take out of it: `const { send, receive } = self`. */
function bound(outgoing: Outgoing) {
  return {
    send: (to: Rank, tag: string, value?: unknown) => outgoing.send(to, tag, value),
    receive: (...wanted: readonly Wanted[]) => outgoing.receive(wanted),
    next: () => outgoing.issue({ kind: 'continue' }),
    done: (result?: unknown) => outgoing.issue({ kind: 'done', result }),
    emit: (value: unknown) => outgoing.emit(value),
    progress: (done: number, total: number) => outgoing.progress(done, total),
  }
}

type OutgoingOptions = Pick<ProcessOptions, 'rank' | 'processes' | 'codec' | 'onProgress'>

/** Collects what the running step sends and emits, so that it leaves as a whole when the step ends. */
class Outgoing {
  readonly #options: OutgoingOptions
  #stepIsRunning = false
  #sends: Sending[] = []
  #emits: Uint8Array[] = []
  #issued = new WeakSet<Next>()
  #done = false

  constructor(options: OutgoingOptions) {
    this.#options = options
  }

  run(name: 'start' | 'step', self: { readonly vars: Vars }, body: () => unknown): StepOutcome {
    assert(!this.#done, 'no step runs after the process is done')
    this.#sends = []
    this.#emits = []
    this.#stepIsRunning = true
    let returned: unknown
    try {
      returned = body()
    } finally {
      this.#stepIsRunning = false
    }
    const next = this.#encodeNext(this.#checkNext(name, returned))
    this.#done = next.kind === 'done'
    return { sends: this.#sends, emits: this.#emits, next, vars: this.#encodeVars(self.vars) }
  }

  send(to: Rank, tag: string, value: unknown): void {
    this.#checkRunning('send')
    const { rank, processes } = this.#options
    if (typeof tag !== 'string') {
      throw new TypeError(`process ${rank} sent a message with the tag ${describeValue(tag)}: a tag must be a text`)
    }
    if (!this.#isRank(to)) {
      const ranks = `ranks go from 0 to ${processes - 1}`
      throw new RangeError(`process ${rank} sent '${tag}' to process ${describeValue(to)}, but ${ranks}`)
    }
    this.#sends.push({ to, tag, payload: this.#encode(value, `send '${tag}' to process ${to}`) })
  }

  emit(value: unknown): void {
    this.#checkRunning('emit')
    this.#emits.push(this.#encode(value, 'emit its value'))
  }

  receive(wanted: readonly Wanted[]): Next {
    const { rank, processes } = this.#options
    if (wanted.length === 0) {
      throw new TypeError(`process ${rank} asked to receive nothing: write self.receive({}) for any message`)
    }
    const patterns = wanted.map(({ from = null, tag = null }) => {
      if (from !== null && !this.#isRank(from)) {
        const ranks = `ranks go from 0 to ${processes - 1}`
        throw new RangeError(`process ${rank} asked to receive from process ${describeValue(from)}, but ${ranks}`)
      }
      if (tag !== null && typeof tag !== 'string') {
        const given = describeValue(tag)
        throw new TypeError(`process ${rank} asked to receive a message with the tag ${given}: a tag must be a text`)
      }
      return { from, tag }
    })
    return this.issue({ kind: 'receive', patterns })
  }

  progress(done: number, total: number): void {
    if (!Number.isFinite(done) || !Number.isFinite(total)) {
      const given = `${describeValue(done)} of ${describeValue(total)}`
      throw new TypeError(`process ${this.#options.rank} reported progress ${given}: both must be finite numbers`)
    }
    this.#options.onProgress(done, total)
  }

  /** Remembers that `next` is one of ours, to know it again when the step returns it. */
  issue(next: Next): Next {
    this.#issued.add(next)
    return next
  }

  #isRank(rank: unknown): boolean {
    return Number.isInteger(rank) && Number(rank) >= 0 && Number(rank) < this.#options.processes
  }

  #checkRunning(name: string): void {
    if (this.#stepIsRunning) return
    const advice = 'call it in start or step, before they return'
    throw new Error(`process ${this.#options.rank} called self.${name} while no step of it was running: ${advice}`)
  }

  #checkNext(name: 'start' | 'step', returned: unknown): Next {
    if (typeof returned === 'object' && returned !== null && this.#issued.has(returned as Next)) return returned as Next
    const given = returned instanceof Promise ? 'a promise, and steps cannot be asynchronous' : describeValue(returned)
    const must = 'must return self.receive(...), self.next() or self.done(...)'
    throw new TypeError(`${name} of process ${this.#options.rank} ${must}, but returned ${given}`)
  }

  #encodeNext(next: Next): StepOutcome['next'] {
    if (next.kind !== 'done') return next
    return { kind: 'done', result: this.#encode(next.result, 'be done with its result') }
  }

  #encodeVars(vars: Vars): Uint8Array | null {
    if (typeof vars !== 'object' || vars === null) {
      throw new TypeError(`self.vars of process ${this.#options.rank} must be an object, but is ${describeValue(vars)}`)
    }
    return Object.keys(vars).length === 0 ? null : this.#encode(vars, 'keep its vars')
  }

  #encode(value: unknown, purpose: string): Uint8Array {
    try {
      return this.#options.codec.encode(value)
    } catch (error) {
      throw new TypeError(`process ${this.#options.rank} cannot ${purpose}: ${messageOf(error)}`)
    }
  }
}
