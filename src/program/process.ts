import { assert, describeValue, messageOf, oneLine, quoted, type Rank } from '../base/index.ts'
import type { Next, Pattern, ProcessContext, Program, Self, Vars, Wanted } from './definition.ts'
import { bindMemory, type TypedArray } from './fields.ts'
import type { AnySizes } from './sizes.ts'
import { isWellFormed, unknownKey } from './texts.ts'
import { memoryLayout } from './validate.ts'
import { provideWatch, type WatchPages } from './wasm/page-watch.ts'

/** How much of the buffers behind views is kept: all of them, or no more than the views show. */
export type Buffers = 'whole' | 'cut'

/** Turns values into bytes and back. */
export interface Codec {
  /** Throws for what would not come back as it is, with its path; `name` is where paths begin. */
  encode(value: unknown, name: string, buffers: Buffers): Uint8Array
  /** A value of its own: the bytes may change afterwards. */
  decode(bytes: Uint8Array): unknown
  /** Values put together as `console.log` does. */
  format(values: readonly unknown[]): string
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
  /** Each is an encoded text: what one `self.log` made of its arguments. */
  readonly logs: readonly Uint8Array[]
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
  const outgoing = new Outgoing({ rank, processes, codec, onProgress })
  const layout = memoryLayout(program, context)
  const memory = bindMemory(layout, options.buffer, options.byteOffset, (field) =>
    outgoing.checkRunning(`used self.memory.${oneLine(field)}`, 'use it'),
  )
  const state: State = { memory, vars: options.vars === null ? {} : (codec.decode(options.vars) as Vars), input: null }
  const self = selfOf(context, outgoing, state)
  if (options.watchPages !== undefined) provideWatch(self, options.watchPages)
  // Given up after the start: the input may be as large as the memory.
  let input = options.input
  return {
    start() {
      if (program.vars !== undefined) state.vars = firstVars(rank, program.vars(context))
      state.input = input
      input = null
      const outcome = outgoing.run('start', state, () => program.start(self))
      state.input = null
      return outcome
    },
    step(deliveries) {
      const messages = deliveries.map(({ from, tag, payload }) => ({ from, tag, value: codec.decode(payload) }))
      return outgoing.run('step', state, () => program.step(self, messages))
    },
  }
}

/** The parts of `self` that change. */
interface State {
  readonly memory: Self['memory']
  vars: Vars
  input: TypedArray | null
}

/** Frozen, since no checkpoint would hold what a step puts on it. */
function selfOf(context: ProcessContext, outgoing: Outgoing, state: State): Self {
  const { rank, processes } = context
  return Object.freeze({
    ...context,
    ...bound(outgoing),
    left: (rank + processes - 1) % processes,
    right: (rank + 1) % processes,
    get memory() {
      return state.memory
    },
    set memory(_) {
      throw replaced('memory', 'self.memory.count = 1')
    },
    get vars() {
      return state.vars
    },
    set vars(_) {
      throw replaced('vars', 'self.vars.names = []')
    },
    get input() {
      return state.input
    },
  })
}

function replaced(name: string, example: string): TypeError {
  return new TypeError(`self.${name} cannot be replaced: assign to its fields, such as ${example}`)
}

function firstVars(rank: Rank, vars: unknown): Vars {
  if (isPlain(vars)) return vars as Vars
  throw new TypeError(`vars() of process ${rank} must return a plain object, but returned ${describeValue(vars)}`)
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** The functions of `self`, which authors may also take out of it: `const { send, receive } = self`. */
function bound(outgoing: Outgoing) {
  return {
    send: (to: Rank, tag: string, value?: unknown) => outgoing.send(to, tag, value),
    receive: (...wanted: readonly Wanted[]) => outgoing.receive(wanted),
    next: () => outgoing.issue({ kind: 'continue' }),
    done: (result?: unknown) => outgoing.issue({ kind: 'done', result }),
    emit: (value: unknown) => outgoing.emit(value),
    log: (...values: readonly unknown[]) => outgoing.log(values),
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
  #logs: Uint8Array[] = []
  #issued = new WeakSet<Next>()
  #done = false

  constructor(options: OutgoingOptions) {
    this.#options = options
  }

  run(name: 'start' | 'step', state: { readonly vars: Vars }, body: () => unknown): StepOutcome {
    assert(!this.#done, 'no step runs after the process is done')
    this.#sends = []
    this.#emits = []
    this.#logs = []
    this.#stepIsRunning = true
    let returned: unknown
    try {
      returned = body()
    } catch (error) {
      throw withAdvice(error)
    } finally {
      this.#stepIsRunning = false
    }
    const next = this.#encodeNext(this.#checkNext(name, returned))
    this.#done = next.kind === 'done'
    return { sends: this.#sends, emits: this.#emits, logs: this.#logs, next, vars: this.#encodeVars(state.vars) }
  }

  send(to: Rank, tag: string, value: unknown): void {
    this.checkRunning('called self.send', 'call it')
    const { rank, processes } = this.#options
    this.#checkTag('sent', tag)
    if (!this.#isRank(to)) {
      const ranks = `ranks go from 0 to ${processes - 1}`
      throw new RangeError(`process ${rank} sent ${quoted(tag)} to process ${describeValue(to)}, but ${ranks}`)
    }
    this.#sends.push({ to, tag, payload: this.#encode(value, 'value', () => `send ${quoted(tag)} to process ${to}`) })
  }

  emit(value: unknown): void {
    this.checkRunning('called self.emit', 'call it')
    this.#emits.push(this.#encode(value, 'value', () => 'emit its value'))
  }

  log(values: readonly unknown[]): void {
    this.checkRunning('called self.log', 'call it')
    // Here, since nothing that cannot be copied would be left of them, and what they show may change.
    this.#logs.push(this.#encode(this.#options.codec.format(values), 'text', () => 'log its text'))
  }

  receive(wanted: readonly Wanted[]): Next {
    const { rank } = this.#options
    if (wanted.length === 0) {
      throw new TypeError(`process ${rank} asked to receive nothing: write self.receive({}) for any message`)
    }
    const patterns = wanted.map((one) => this.#pattern(one))
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

  /** `deed` is what only a step may do, for instance `called self.send`. */
  checkRunning(deed: string, remedy: string): void {
    if (this.#stepIsRunning) return
    const advice = `${remedy} in start or step, before they return`
    throw new Error(`process ${this.#options.rank} ${deed} while no step of it was running: ${advice}`)
  }

  #pattern(wanted: Wanted): Pattern {
    const { rank, processes } = this.#options
    if (!isPlain(wanted)) {
      const given = describeValue(wanted)
      throw new TypeError(`process ${rank} asked to receive ${given}: write a pattern, such as { from: 0, tag: 'x' }`)
    }
    const unknown = unknownKey(wanted, ['from', 'tag'])
    if (unknown !== null) throw new TypeError(`process ${rank} asked to receive by a pattern that ${unknown}`)
    const empty = Object.keys(wanted).find((key) => wanted[key as keyof Wanted] === undefined)
    if (empty !== undefined) {
      throw new TypeError(
        `process ${rank} asked to receive by a pattern with nothing as '${empty}': leave it out for any`,
      )
    }
    const { from = null, tag = null } = wanted
    if (from !== null && !this.#isRank(from)) {
      const ranks = `ranks go from 0 to ${processes - 1}`
      throw new RangeError(`process ${rank} asked to receive from process ${describeValue(from)}, but ${ranks}`)
    }
    if (tag !== null) this.#checkTag('asked to receive', tag)
    return { from, tag }
  }

  #checkTag(deed: string, tag: unknown): void {
    if (typeof tag === 'string' && isWellFormed(tag)) return
    const [given, rule] =
      typeof tag === 'string'
        ? [JSON.stringify(tag), 'a text, and half of a surrogate pair is none']
        : [describeValue(tag), 'a text']
    throw new TypeError(`process ${this.#options.rank} ${deed} a message with the tag ${given}: a tag must be ${rule}`)
  }

  #checkNext(name: 'start' | 'step', returned: unknown): Next {
    if (typeof returned === 'object' && returned !== null && this.#issued.has(returned as Next)) return returned as Next
    const given = returned instanceof Promise ? 'a promise, and steps cannot be asynchronous' : describeValue(returned)
    const must = 'must return self.receive(...), self.next() or self.done(...)'
    throw new TypeError(`${name} of process ${this.#options.rank} ${must}, but returned ${given}`)
  }

  #encodeNext(next: Next): StepOutcome['next'] {
    if (next.kind !== 'done') return next
    return { kind: 'done', result: this.#encode(next.result, 'result', () => 'be done with its result') }
  }

  #encodeVars(vars: Vars): Uint8Array | null {
    return Reflect.ownKeys(vars).length === 0 ? null : this.#encode(vars, 'vars', () => 'keep its vars', 'whole')
  }

  #encode(value: unknown, name: string, purpose: () => string, buffers: Buffers = 'cut'): Uint8Array {
    try {
      return this.#options.codec.encode(value, name, buffers)
    } catch (error) {
      throw new TypeError(`process ${this.#options.rank} cannot ${purpose()}: ${messageOf(error)}`)
    }
  }
}

/** Adds what to do to the engine's short message about a new name on `self` or `self.memory`. */
function withAdvice(error: unknown): unknown {
  if (error instanceof TypeError && error.message.endsWith('object is not extensible')) {
    error.message += ': what a process remembers is declared in memory() or kept in self.vars'
  }
  return error
}
