/**
 * Sees to it that a step is over when it returns. What goes on after it (a promise, a timer, a callback) may write memory
 * that a checkpoint is just taken of, so to begin such a thing fails the step, and nothing of it is ever captured.
 */
import { createHook } from 'node:async_hooks'

export class StepBoundary {
  readonly #onLate: (error: Error) => void
  /** The first thing that the running step has begun, as an error with its place in the program. */
  #begun: Error | null = null
  #stepIsRunning = false
  /** What steps have begun that mostly ends with them, by its number. */
  readonly #suspects = new Map<number, Error>()

  /** `onLate` is told of a callback that runs after the step that began it, where the step could not be failed. */
  constructor(onLate: (error: Error) => void) {
    this.#onLate = onLate
    createHook({
      init: (asyncId, type) => this.#note(asyncId, type),
      before: (asyncId) => this.#enter(asyncId),
      promiseResolve: (asyncId) => this.#note(asyncId, 'PROMISE'),
      destroy: (asyncId) => this.#suspects.delete(asyncId),
    }).enable()
  }

  /** Runs a step. Throws what it throws, and an `Error` if it has begun what goes on after it. */
  run<Outcome>(step: () => Outcome): Outcome {
    this.#begun = null
    this.#stepIsRunning = true
    try {
      const outcome = step()
      if (this.#begun !== null) throw this.#begun as Error
      return outcome
    } finally {
      this.#stepIsRunning = false
    }
  }

  /** Nothing may be thrown here: Node takes it for a failure of its own. */
  #note(asyncId: number, type: string): void {
    if (!this.#stepIsRunning || harmless.has(type)) return
    const what = names.get(type)
    const error = errorAt(what ?? `a callback (${type})`)
    if (type === 'TickObject' && !isOwnTick(error)) return
    if (what === undefined) this.#suspects.set(asyncId, error)
    else this.#begun ??= error
  }

  #enter(asyncId: number): void {
    const error = this.#suspects.get(asyncId)
    if (error !== undefined) this.#onLate(error)
  }
}

/** What is over before a step is, or never calls back into the program. */
const harmless = new Set(['MESSAGEPORT'])

/** What always goes on after a step. */
const names = new Map([
  ['PROMISE', 'a promise'],
  ['Timeout', 'a timer'],
  ['Immediate', 'a timer (setImmediate)'],
  ['Microtask', 'a callback (queueMicrotask)'],
  ['FSREQCALLBACK', 'a callback (node:fs)'],
  ['TickObject', 'a callback (process.nextTick)'],
])

function errorAt(what: string): Error {
  return new Error(
    `a step has begun ${what}, which would go on after it: all that a step does must be over when it returns`,
  )
}

/** Node's streams, those of `console` too, have ticks of their own, which write no memory of the program. */
function isOwnTick({ stack = '' }: Error): boolean {
  const frames = stack.split('\n')
  const call = frames.findIndex((frame) => frame.includes('nextTick'))
  return call !== -1 && !frames[call + 1]?.includes('node:')
}
