import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { loadProgram } from '../../src/machine/program/load-program.ts'
import { programCodec } from '../../src/machine/program/program-codec.ts'
import { ProgramThread, type ThreadFailure } from '../../src/machine/program/program-thread.ts'
import type { Attachment } from '../../src/machine/program/program-worker.ts'
import type { StepOutcome } from '../../src/program/index.ts'
import { ProgramModules } from './program-modules.ts'

type Event =
  | { readonly type: 'ended'; readonly outcome: StepOutcome }
  | { readonly type: 'failed'; readonly failure: ThreadFailure }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }

const modules = new ProgramModules()
afterAll(() => modules.remove())

/** One thread, with what it reports as a queue. */
class Harness {
  readonly thread: ProgramThread
  readonly memory = new WebAssembly.Memory({ initial: 4, maximum: 16, shared: true })
  readonly progress: number[] = []
  readonly events: Event[] = []
  #wake = (): void => {}

  constructor(moduleUrl: string, heapLimitMiB: number) {
    this.thread = new ProgramThread({
      moduleUrl,
      heapLimitMiB,
      onAttached: () => {},
      onEnded: (outcome) => this.#push({ type: 'ended', outcome }),
      onFailed: (failure) => this.#push({ type: 'failed', failure }),
      onProgress: (done) => this.progress.push(done),
    })
  }

  attach(parts: Partial<Attachment> = {}): void {
    const buffer = this.memory.buffer as unknown as SharedArrayBuffer
    const place = { rank: 0, processes: 2, size: {}, buffer, programOffset: 64 }
    this.thread.attach({ ...place, vars: null, input: null, ...parts })
  }

  async ended(): Promise<StepOutcome> {
    const event = await this.#next()
    if (event.type !== 'ended') throw new Error(JSON.stringify(event))
    return event.outcome
  }

  async failed(): Promise<ThreadFailure> {
    const event = await this.#next()
    if (event.type !== 'failed') throw new Error(JSON.stringify(event))
    return event.failure
  }

  /** What is left uncaught comes on another way than the news of a step's end, and may overtake it. */
  async failedAfterStep(): Promise<ThreadFailure> {
    const event = await this.#next()
    return event.type === 'failed' ? event.failure : await this.failed()
  }

  async #next(): Promise<Event> {
    while (this.events.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.events.shift()!
  }

  #push(event: Event): void {
    this.events.push(event)
    this.#wake()
  }
}

const running: Harness[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ thread }) => thread.stop()))
})

/** Starts a thread on a program whose definition is given as text. */
async function threadOf(body: string, { file = 'program.ts', heapLimitMiB = 64 } = {}): Promise<Harness> {
  const source = `import { defineProgram, f64, u32 } from 'paritas'\n${body}\n`
  const { moduleUrl } = await loadProgram(modules.write(file, source), modules.folders())
  const harness = new Harness(moduleUrl, heapLimitMiB)
  running.push(harness)
  return harness
}

describe('steps', () => {
  const counter = `export default defineProgram({
    name: 'counter',
    memory: () => ({ count: u32(), values: f64(4) }),
    start(self) {
      self.memory.values.set(self.input ?? [9, 9, 9, 9])
      self.vars.names = ['a']
      self.send(1, 'values', self.memory.values)
      self.emit('started')
      return self.receive({ from: 1, tag: 'more' }, {})
    },
    step(self, [more, any]) {
      self.memory.count += more.value.by
      self.vars.names.push(any.tag)
      more.value.list.reverse()
      self.send(any.from, 'list', more.value.list)
      return self.memory.count < 10 ? self.next() : self.done({ count: self.memory.count })
    },
  })`

  test('run on the shared memory, with input, vars, messages both ways and a result', async () => {
    const harness = await threadOf(counter)
    const input = new Float64Array(new SharedArrayBuffer(32))
    input.set([1, 2, 3, 4])
    harness.attach({ input })
    harness.thread.start()
    const first = await harness.ended()
    expect(first.sends.map(({ to, tag, payload }) => [to, tag, programCodec.decode(payload)])).toEqual([
      [1, 'values', Float64Array.of(1, 2, 3, 4)],
    ])
    expect(first.emits.map((bytes) => programCodec.decode(bytes))).toEqual(['started'])
    expect(first.next).toEqual({
      kind: 'receive',
      patterns: [
        { from: 1, tag: 'more' },
        { from: null, tag: null },
      ],
    })
    expect([...new Float64Array(harness.memory.buffer, 72, 4)]).toEqual([1, 2, 3, 4])

    const payload = programCodec.encode({ by: 10, list: Float64Array.of(1, 2) }, 'value', 'cut')
    harness.thread.step([
      { from: 1, tag: 'more', payload },
      { from: 0, tag: 'b', payload: programCodec.encode(null, 'value', 'cut') },
    ])
    expect(payload.byteLength).toBeGreaterThan(0)
    const last = await harness.ended()
    expect(programCodec.decode(last.sends[0]!.payload)).toEqual(Float64Array.of(2, 1))
    expect(programCodec.decode(payload)).toEqual({ by: 10, list: Float64Array.of(1, 2) })
    expect(programCodec.decode(last.vars!)).toEqual({ names: ['a', 'b'] })
    expect(last.next.kind === 'done' && programCodec.decode(last.next.result)).toEqual({ count: 10 })
    expect(new Uint32Array(harness.memory.buffer, 64, 1)[0]).toBe(10)
  })

  test('go on from restored memory and vars', async () => {
    const harness = await threadOf(counter)
    new Uint32Array(harness.memory.buffer, 64, 1)[0] = 41
    const vars = programCodec.encode({ names: ['x', 'y'] }, 'value', 'cut')
    harness.attach({ vars })
    const message = { from: 1, tag: 'z', payload: programCodec.encode({ by: 1, list: [] }, 'value', 'cut') }
    harness.thread.step([message, message])
    const { next, vars: after } = await harness.ended()
    expect(next.kind === 'done' && programCodec.decode(next.result)).toEqual({ count: 42 })
    expect(programCodec.decode(after!)).toEqual({ names: ['x', 'y', 'z'] })
    expect(programCodec.decode(vars)).toEqual({ names: ['x', 'y'] })
  })

  test('copy only the bytes of a payload out of a larger buffer', async () => {
    const harness = await threadOf(counter)
    const bytes = programCodec.encode({ by: 20, list: ['ok'] }, 'value', 'cut')
    const pool = Buffer.alloc(65_536)
    pool.set(bytes, 1001)
    const payload = pool.subarray(1001, 1001 + bytes.length)
    harness.attach({ vars: programCodec.encode({ names: [] }, 'value', 'cut') })
    harness.thread.step([
      { from: 1, tag: 'more', payload },
      { from: 1, tag: 'more', payload },
    ])
    pool.fill(0)
    expect(programCodec.decode((await harness.ended()).sends[0]!.payload)).toEqual(['ok'])
    expect(pool.byteLength).toBe(65_536)
  })
})

describe('progress', () => {
  test('comes seldom while it is reported often, and always with the last', async () => {
    const harness = await threadOf(`export default defineProgram({
      name: 'eager',
      memory: () => ({}),
      start(self) {
        for (let done = 1; done <= 100_000; done += 1) self.progress(done, 100_000)
        return self.done()
      },
      step: (self) => self.done(),
    })`)
    harness.attach()
    harness.thread.start()
    await harness.ended()
    expect(harness.progress[0]).toBe(1)
    expect(harness.progress.at(-1)).toBe(100_000)
    expect(harness.progress.length).toBeLessThan(1000)
  })

  test('of a process that then waits comes too', async () => {
    const harness = await threadOf(`export default defineProgram({
      name: 'waiting',
      memory: () => ({}),
      start(self) {
        self.progress(1, 3)
        self.progress(2, 3)
        return self.receive({})
      },
      step: (self) => self.done(),
    })`)
    harness.attach()
    harness.thread.start()
    await harness.ended()
    await expect.poll(() => harness.progress).toEqual([1, 2])
  })
})

describe('failures', () => {
  const failing = (step: string) => `export default defineProgram({
  name: 'failing',
  memory: () => ({ count: u32(), values: f64(2) }),
  start: (self) => self.next(),
  step(self: { [name: string]: never }) {
    ${step}
  },
})`

  test('of a step name the place in the TypeScript source, without frames of ours', async () => {
    const harness = await threadOf(
      `${failing('return fail(self.memory)')}
interface Unused {
  readonly padding: string
}
function fail(memory: object): never {
  throw new RangeError(\`no room in \${Object.keys(memory).join()}\`)
}`,
      { file: 'failing at 50%.ts' },
    )
    harness.attach()
    harness.thread.step([])
    const failure = await harness.failed()
    const path = `${modules.folder}/failing at 50%.ts`
    expect(failure).toEqual({
      reason: 'threw',
      error: `RangeError: no room in count,values\n    at fail (${path}:14:9)\n    at Object.step (${path}:7:12)`,
      site: `${path}:14:9`,
    })
  })

  test.each([
    ["throw 'just a text'", 'thrown: just a text'],
    [
      "self.send(9, 'x', 1); return self.next()",
      "RangeError: process 0 sent 'x' to process 9, but ranks go from 0 to 1",
    ],
    [
      "self.send(1, 'f', () => 1); return self.next()",
      "TypeError: process 0 cannot send 'f' to process 1: value is a function, and those cannot be copied",
    ],
    [
      "self.send(1, 'm', self.memory.values.buffer); return self.next()",
      "TypeError: process 0 cannot send 'm' to process 1: value is an object of class SharedArrayBuffer, and would not come back as an object of that class",
    ],
    [
      'self.memory.count += 1',
      'TypeError: step of process 0 must return self.receive(...), self.next() or self.done(...), but returned nothing',
    ],
    [
      'self.memory.typo = 1',
      'TypeError: Cannot add property typo, object is not extensible: what a process remembers is declared in memory() or kept in self.vars',
    ],
  ])('of %s are told in one line', async (step, message) => {
    const harness = await threadOf(failing(step))
    harness.attach()
    harness.thread.step([])
    const failure = await harness.failed()
    expect(failure.error.split('\n')[0]).toBe(message)
    expect(failure.reason).toBe('threw')
    expect(failure.error).not.toMatch(/node:|dist\/(machine|program)/)
    expect(failure.error.split('\n').length).toBeLessThanOrEqual(2)
  })

  const lateBegins = [
    ['a promise', 'Promise.resolve().then(() => (self.memory.count = 1))'],
    ['a promise', 'const { values } = self.memory; Promise.resolve().then(() => (values[0] = 1))'],
    ['a promise', '(async () => { await null; self.memory.count = 1 })()'],
    ['a promise', 'setReady()'],
    ['a timer', 'setTimeout(() => (self.memory.count = 1), 0)'],
    ['a timer', 'const { values } = self.memory; setTimeout(() => (values[0] = 1), 0)'],
    ['a timer', 'setInterval(() => {}, 1000).unref()'],
    ['a timer (setImmediate)', 'setImmediate(() => self.memory.values.fill(1))'],
    ['a callback (queueMicrotask)', 'queueMicrotask(() => (self.memory.count = 1))'],
    ['a callback (process.nextTick)', 'process.nextTick(() => (self.memory.count = 1))'],
    ['a callback (node:fs)', 'readFile("/dev/null", () => (self.memory.count = 1))'],
    ['a message port', 'const { port1 } = new MessageChannel(); port1.onmessage = () => (self.memory.count = 1)'],
    ['a message port', 'new BroadcastChannel("b").onmessage = () => (self.memory.count = 1)'],
    ['a timer', 'AbortSignal.timeout(1)'],
    ['a timer (setImmediate)', 'observer.observe({ entryTypes: ["mark"] }); performance.mark("a")'],
    ['a child process', 'exec("true")'],
    ['a thread', 'new Worker("0", { eval: true })'],
    ['a connection', 'connect("/nowhere")'],
    ['a callback (process.nextTick)', 'new PassThrough().end("x", () => (self.memory.count = 1))'],
    ['a callback (process.nextTick)', 'createWriteStream("/dev/null").end("x")'],
  ] as const

  test.each(lateBegins)('to end, with %s that goes on after it, are told at the place: %s', async (what, begin) => {
    const source = failing(`${begin}; return self.next()`)
    const harness = await threadOf(
      `${source}; let setReady: () => void; const ready = new Promise<void>((resolve) => (setReady = resolve)); ready.then(() => {})
       import { exec } from 'node:child_process'
       import { createWriteStream, readFile } from 'node:fs'
       import { connect } from 'node:net'
       import { PerformanceObserver } from 'node:perf_hooks'
       import { PassThrough } from 'node:stream'
       import { Worker } from 'node:worker_threads'
       const observer = new PerformanceObserver(() => {})`,
      { file: 'late.ts' },
    )
    harness.attach()
    harness.thread.step([])
    const { error, site } = await harness.failed()
    expect(error.split('\n')[0]).toBe(
      `Error: a step has begun ${what}, which would go on after it: all that a step does must be over when it returns`,
    )
    expect(site).toMatch(new RegExp(`^${modules.folder}/late\\.ts:7:\\d+$`))
    // What such a callback writes until the thread is stopped counts for nothing: the step has not ended.
    await harness.thread.stop()
    expect(harness.events).toEqual([])
  })

  test.each(['exit', 'uncaughtException'])('to end, with a listener to %s of the thread, are told', async (event) => {
    const source = failing(`process.once('${event}', () => (self.memory.count = 1)); return self.next()`)
    const harness = await threadOf(source, { file: 'late.ts' })
    harness.attach()
    harness.thread.step([])
    expect((await harness.failed()).error).toMatch(
      new RegExp(`^Error: a step has begun a callback \\(process\\.on '${event}'\\), .*\\n(.*\\n)*.*/late\\.ts:7:`),
    )
  })

  test('to end with what is over with it are none', async () => {
    const harness = await threadOf(
      `${failing(`
      console.log('')
      structuredClone({ a: 1 })
      gzipSync(randomBytes(4))
      try {
        return self.next()
      } finally {
        self.memory.count = 5
      }`)}
      import { randomBytes } from 'node:crypto'
      import { gzipSync } from 'node:zlib'`,
    )
    harness.attach()
    for (let step = 0; step < 3; step += 1) {
      harness.thread.step([])
      await harness.ended()
    }
    expect(new Uint32Array(harness.memory.buffer, 64, 1)[0]).toBe(5)
  })

  test('in a callback that comes later are told when it does', async () => {
    const harness = await threadOf(
      `${failing('gzip("x", () => (self.memory.count = 1)); return self.receive({})')}; import { gzip } from 'node:zlib'`,
    )
    harness.attach()
    harness.thread.step([])
    expect((await harness.failedAfterStep()).error).toMatch(/^Error: a step has begun a callback/)
  })

  test('in a callback of the module are the failure of the program as well', async () => {
    const harness = await threadOf(
      `${failing('kept = self; return self.receive({})')}
let kept: { send(to: number, tag: string): void } | null = null
setInterval(() => kept?.send(1, "late"), 1)`,
      { file: 'callback.ts' },
    )
    harness.attach()
    harness.thread.step([])
    const failure = await harness.failedAfterStep()
    expect(failure.error).toMatch(
      /^Error: process 0 called self.send while no step of it was running: call it in start or step, before they return\n {4}at /,
    )
    expect(failure.site).toBe(`${modules.folder}/callback.ts:11:25`)
  })

  test('of the thread itself are told', async () => {
    const harness = await threadOf(failing('process.exit(3)'))
    harness.attach({ rank: 1 })
    harness.thread.step([])
    const text = 'process 1 ended its thread with exit code 3'
    expect(await harness.failed()).toEqual({ reason: 'died', error: text, site: 'died' })
  })

  test.each([
    ['many objects', 'const all = []; for (;;) all.push({ index: all.length, text: "x" + all.length })'],
    [
      'a growing text',
      'let text = "x"; const all = []; for (;;) all.push(JSON.stringify({ text: text += all.length }))',
    ],
    ['a map', 'const all = new Map(); for (let i = 0; ; i++) all.set(i, [i])'],
  ])('to find memory for %s end the thread alone', async (_, step) => {
    const harness = await threadOf(failing(step), { heapLimitMiB: 32 })
    harness.attach({ rank: 1 })
    harness.thread.step([])
    expect(await harness.failed()).toEqual({
      reason: 'out of memory',
      error: 'process 1 ran out of memory: its heap is limited to 32 MiB',
      site: 'out of memory',
    })
    const other = await threadOf(failing('return self.done(1)'))
    other.attach()
    other.thread.step([])
    expect((await other.ended()).next.kind).toBe('done')
  })

  test('are reported once, and nothing after them', async () => {
    const harness = await threadOf(failing("setTimeout(() => process.exit(1), 0); throw new Error('first')"))
    harness.attach()
    harness.thread.step([])
    harness.thread.step([])
    expect((await harness.failed()).error).toMatch(/^Error: first/)
    await harness.thread.stop()
    expect(harness.events).toEqual([])
  })
})

describe('stop', () => {
  test('ends a step that never would, and nothing writes the memory afterwards', async () => {
    const harness = await threadOf(`export default defineProgram({
      name: 'endless',
      memory: () => ({ count: u32() }),
      start(self) {
        for (;;) self.memory.count += 1
      },
      step: (self) => self.done(),
    })`)
    const count = new Int32Array(harness.memory.buffer, 64, 1)
    harness.attach()
    harness.thread.start()
    while (Atomics.load(count, 0) === 0) await new Promise((resolve) => setImmediate(resolve))
    await harness.thread.stop()
    const atStop = Atomics.load(count, 0)
    // A second thread on the same memory runs from start to end meanwhile.
    const other = await threadOf(
      'export default defineProgram({ name: "o", memory: () => ({}), start: (self) => self.done(), step: (self) => self.done() })',
    )
    other.attach()
    other.thread.start()
    await other.ended()
    expect(Atomics.load(count, 0)).toBe(atStop)
    expect(harness.events).toEqual([])
  })
})
