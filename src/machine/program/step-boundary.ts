/**
 * Sees to it that a step is over when it returns. What goes on after it (a promise, a timer, a callback) may write memory
 * that a checkpoint is just taken of, so to begin such a thing fails the step, and nothing of it is ever captured.
 */
import { createHook } from 'node:async_hooks'
import { attempt } from '../../base/index.ts'

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
    process.on('newListener', (event) => {
      if (this.#stepIsRunning) this.#begun ??= errorAt(`a callback (process.on '${String(event)}')`)
    })
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
    if (!this.#stepIsRunning) return
    const what = names.get(type)
    const error = errorAt(what ?? `a callback (${type})`)
    if (type === 'MESSAGEPORT' && isOfClone(error)) return
    if (what !== undefined) this.#begun ??= error
    else this.#suspects.set(asyncId, error)
  }

  #enter(asyncId: number): void {
    const error = this.#suspects.get(asyncId)
    if (error !== undefined) this.#onLate(error)
  }
}

/** What always goes on after a step. All else may be over when it returns, as `gzipSync` is. */
const names = new Map([
  ['PROMISE', 'a promise'],
  ['Timeout', 'a timer'],
  ['Immediate', 'a timer (setImmediate)'],
  ['Microtask', 'a callback (queueMicrotask)'],
  ['FSREQCALLBACK', 'a callback (node:fs)'],
  ['GETADDRINFOREQWRAP', 'a callback (node:dns)'],
  ['QUERYWRAP', 'a callback (node:dns)'],
  ['FSEVENTWRAP', 'a callback (node:fs)'],
  ['TickObject', 'a callback (process.nextTick)'],
  ['MESSAGEPORT', 'a message port'],
  ['WORKER', 'a thread'],
  ['PROCESSWRAP', 'a child process'],
  ['TCPWRAP', 'a connection'],
  ['TCPSERVERWRAP', 'a server'],
  ['PIPEWRAP', 'a connection'],
  ['PIPESERVERWRAP', 'a server'],
  ['UDPWRAP', 'a socket'],
])

/** More than the functions of Node that lie between the program and what it begins. */
const framesMax = 100

function errorAt(what: string): Error {
  const text = `a step has begun ${what}, which would go on after it: all that a step does must be over when it returns`
  const limit = Error.stackTraceLimit
  const setLimit = (frames: number): number => (Error.stackTraceLimit = frames)
  // A program may have forbidden to set it.
  attempt(() => setLimit(framesMax), limit)
  const error = new Error(text)
  attempt(() => setLimit(limit), limit)
  return error
}

/** Some versions of Node clone by way of a port that never calls back. */
function isOfClone({ stack }: Error): boolean {
  return stack?.includes('structuredClone (node:') === true
}
