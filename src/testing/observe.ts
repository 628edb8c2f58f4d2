/** What runs in the thread of a program under test: the program itself, with a look at each process beside its steps. */
import { isTypedArray, type Message, type Next, type Program, type Self, type TypedArray } from '../program/index.ts'
import { digestElements, digestOf } from './digest.ts'
import { foreignCalls, now } from './foreign-calls.ts'

/** What is wanted of an observed program. */
export interface Observing {
  /** How long each step of a process takes longer, by rank; 0 for not at all. Fractions of a millisecond are possible. */
  readonly pausesMs: readonly number[]
  /** Each step is told, and not only the last. */
  readonly isJournal: boolean
}

/** A value that is too large to be told: one digest for every `per` elements of an array, or one for the whole. */
export interface Digests {
  readonly digestOf: 'array' | 'value'
  readonly per: number
  readonly digests: readonly string[]
}

/** A message as a step was given it. */
export interface GivenMessage {
  readonly from: number
  readonly tag: string
  readonly digest: string
}

/** What a process looks like after one of its steps. It is emitted behind what the step itself has emitted. */
export interface ObservedProcess {
  readonly [mark]: true
  /** What the step was given, each message with a digest of its value. */
  readonly given: readonly GivenMessage[]
  readonly memory: Readonly<Record<string, unknown>>
  readonly vars: Readonly<Record<string, unknown>>
  /** Whether the process has finished with it. */
  readonly isLast: boolean
  /** Steps that this thread has run, and how long that took, with all waiting. */
  readonly steps: number
  readonly spanMs: number
  /** How long it would have taken with a processor to itself, as far as the usual step tells. */
  readonly workMs: number
  /** This thread went on from a checkpoint, and did not begin with `start`. */
  readonly isContinued: boolean
  /** Where the program has asked for what differs from run to run, such as `Date.now at my-program.ts:7:20`. */
  readonly foreign: readonly string[]
}

const mark = 'observed by paritas test'

export function isObservation(emitted: unknown): emitted is ObservedProcess {
  return typeof emitted === 'object' && emitted !== null && mark in emitted
}

/** The program, which also emits what each process looks like at its end. */
export function observe(program: Program, { pausesMs, isJournal }: Observing): Program {
  let steps = 0
  let isContinued = true
  let beganMs: number | null = null
  const durationsMs: number[] = []
  const watch = (self: Self, given: readonly Message[], step: () => Next): Next => {
    // Digested now: a step may change what it is given.
    const digested = isJournal ? given.map(givenMessage) : []
    beganMs ??= now()
    pause(pausesMs[self.rank] ?? 0)
    const stepBeganMs = now()
    const next = step()
    if (durationsMs.length < sampleMax) durationsMs.push(now() - stepBeganMs)
    steps += 1
    const isLast = next?.kind === 'done'
    if (isLast || isJournal) {
      const workMs = steps * median(durationsMs)
      const thread = { steps, spanMs: now() - beganMs, workMs, isContinued, foreign: foreignCalls() }
      self.emit({ [mark]: true, given: digested, ...portrait(self), isLast, ...thread } satisfies ObservedProcess)
    }
    return next
  }
  return {
    ...program,
    start(self) {
      isContinued = false
      return watch(self, [], () => program.start(self))
    },
    step: (self, messages) => watch(self, messages, () => program.step(self, messages)),
  }
}

function givenMessage({ from, tag, value }: Message): GivenMessage {
  return { from, tag, digest: digestOf(value)?.digest ?? '' }
}

/** Steps that are timed. */
const sampleMax = 1000

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

const sleeping = new Int32Array(new SharedArrayBuffer(4))

function pause(ms: number): void {
  if (ms > 0) Atomics.wait(sleeping, 0, 0, ms)
}

/** Arrays of more elements, and values of which there is more to tell, are told by their digests. */
const wholeMax = 512
const sizeMax = 4096
/** Digests of one array. */
const partsMax = 256

function portrait(self: Self): Pick<ObservedProcess, 'memory' | 'vars'> {
  const memory: Record<string, unknown> = {}
  for (const name of Object.keys(self.memory)) {
    const value: unknown = self.memory[name]
    memory[name] = isTypedArray(value) ? arrayPart(value) : value
  }
  const vars: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(self.vars)) {
    const digest = digestOf(value)
    // What has none is refused behind this step.
    const isWhole = digest !== null && digest.size <= sizeMax
    vars[name] = isWhole ? value : { digestOf: 'value', per: 1, digests: [digest?.digest ?? ''] }
  }
  return { memory, vars }
}

function arrayPart(array: TypedArray): TypedArray | Digests {
  if (array.length <= wholeMax) return array.slice()
  const per = Math.ceil(array.length / partsMax)
  const digests: string[] = []
  for (let from = 0; from < array.length; from += per) {
    digests.push(digestElements(array.subarray(from, from + per)))
  }
  return { digestOf: 'array', per, digests }
}
