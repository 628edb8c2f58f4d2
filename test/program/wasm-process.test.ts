// Processes whose steps are those of a WebAssembly module: what they do, and that nothing of them is lost.
import { describe, expect, it, test } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { programCodec } from '../../src/machine/program/program-codec.ts'
import {
  copyPageBytes,
  createProcess,
  type Delivery,
  integer,
  memoryLayout,
  type Process,
  type Program,
  type SizeFields,
  type StepOutcome,
  type TypedArray,
  type WasmPageWatch,
  wasmProgram,
} from '../../src/program/index.ts'
import { assemble } from './assembly-script.ts'

const size = (...names: string[]): SizeFields =>
  Object.fromEntries(names.map((name) => [name, integer({ default: 3, help: '' })]))

interface Given {
  readonly sizes?: SizeFields
  readonly input?: TypedArray
  readonly watchPages?: (bytes: Uint8Array) => WasmPageWatch | null
  readonly memoryBytesMax?: number
}

/** Process 1 of 3 on memory of its own. */
class Running {
  process: Process
  readonly memory: Uint8Array
  readonly progress: number[][] = []
  readonly #make: () => Process

  constructor(wasm: Uint8Array, { sizes = {}, memoryBytesMax = 2 ** 20, ...rest }: Given = {}) {
    const program = wasmProgram({ name: 'demo', wasm, size: sizes, memoryBytesMax }) as unknown as Program
    const context = { rank: 1, processes: 3, size: Object.fromEntries(Object.keys(sizes).map((name) => [name, 3])) }
    const buffer = new SharedArrayBuffer(64 + memoryLayout(program, context).bytes)
    this.memory = new Uint8Array(buffer, 64)
    const onProgress = (done: number, total: number) => this.progress.push([done, total])
    const { input = null, ...watching } = rest
    this.#make = () =>
      createProcess(program, {
        ...context,
        ...{ buffer, byteOffset: 64, vars: null, codec: programCodec, onProgress, input },
        ...watching,
      })
    this.process = this.#make()
  }

  /** As after a recovery: all that is left is the protected memory. */
  recover(): void {
    this.process = this.#make()
  }
}

const message = (from: number, tag: string, ...bytes: number[]): Delivery => ({
  from,
  tag,
  payload: programCodec.encode(Uint8Array.from(bytes), 'value', 'cut'),
})
const sent = ({ sends }: StepOutcome) =>
  sends.map(({ to, tag, payload }) => [to, tag, [...(programCodec.decode(payload) as Uint8Array)]])
const result = ({ next }: StepOutcome): unknown => (next.kind === 'done' ? programCodec.decode(next.result) : next)

describe('a step', () => {
  it('sends, emits, reports, and asks for messages in the order of its calls', async () => {
    const wasm = await assemble(`
      import { any, emit, processes, progress, rank, receive, send } from './paritas'
      const bytes: StaticArray<u8> = [10, 11, 12, 13]
      export function start(a: i32, b: i64, c: f64): void {
        bytes[0] = u8(a + i32(b) + i32(c))
        send(rank() + 1, 7, changetype<usize>(bytes), 3)
        send(processes() - 3, 0, changetype<usize>(bytes), 0)
        emit(changetype<usize>(bytes) + 1, 2)
        progress(0.5, 2)
        receive(0, 4)
        receive(any, 2147483647)
        receive(2, any)
        receive(any, any)
      }
      export function step(): void {}`)
    const { process, progress } = new Running(wasm, { sizes: size('a', 'b', 'c') })
    const outcome = process.start()
    expect(sent(outcome)).toEqual([
      [2, '7', [9, 11, 12]],
      [0, '0', []],
    ])
    expect(outcome.emits.map((bytes) => programCodec.decode(bytes))).toEqual([Uint8Array.of(11, 12)])
    expect(progress).toEqual([[0.5, 2]])
    const patterns = [
      { from: 0, tag: '4' },
      { from: null, tag: '2147483647' },
      { from: 2, tag: null },
      { from: null, tag: null },
    ]
    expect(outcome.next).toEqual({ kind: 'receive', patterns })
  })

  it('reads its messages, goes on at once if it says nothing, and is done with a number', async () => {
    const wasm = await assemble(`
      import { done, length, read, send, sender, tag } from './paritas'
      const bytes = new StaticArray<u8>(8)
      export function start(): void {}
      export function step(count: i32): void {
        if (count == 0) return done(2.5)
        for (let i = 0; i < count; i++) {
          read(i, changetype<usize>(bytes))
          send(sender(i), tag(i) + 1, changetype<usize>(bytes), length(i))
        }
      }`)
    const { process } = new Running(wasm)
    expect(process.start().next).toEqual({ kind: 'continue' })
    const answered = process.step([message(2, '5', 1, 2, 3), message(0, '0')])
    expect(sent(answered)).toEqual([
      [2, '6', [1, 2, 3]],
      [0, '1', []],
    ])
    expect(result(process.step([]))).toBe(2.5)
  })

  it('reads the input in start, and only there', async () => {
    const wasm = await assemble(`
      import { done, emit, inputLength, readInput } from './paritas'
      export function start(): void {
        const bytes = heap.alloc(inputLength())
        readInput(bytes)
        emit(bytes, inputLength())
      }
      export function step(): void { done(inputLength()) }`)
    const { process } = new Running(wasm, { input: Uint16Array.of(1, 2, 258) })
    expect(process.start().emits.map((bytes) => programCodec.decode(bytes))).toEqual([Uint8Array.of(1, 0, 2, 0, 2, 1)])
    expect(result(process.step([]))).toBe(0)
  })

  test.each([
    [
      'send(0, 0, -8, 16)',
      'process 1 called send, but 16 bytes from 4294967288 on lie outside of its memory of 65536 bytes',
    ],
    ['emit(65535, 2)', 'process 1 called emit, but 2 bytes from 65535 on lie outside of its memory of 65536 bytes'],
    ['emit(1, -1)', 'process 1 called emit, but 4294967295 bytes from 1 on lie outside of its memory of 65536 bytes'],
    ['send(3, 0, 0, 0)', "process 1 sent '0' to process 3, but ranks go from 0 to 2"],
    ['receive(3, 0)', 'process 1 asked to receive from process 3, but ranks go from 0 to 2'],
    ['read(0, 0)', 'read: there is no message 0, there are 0'],
    ['length(-1)', 'length: there is no message -1, there are 0'],
    ['progress(NaN, 1)', 'process 1 reported progress NaN of 1: both must be finite numbers'],
    ['receive(any, any); done(1)', 'process 1 called both receive and done in one step'],
    ["throw new Error('no fuel')", 'no fuel at module.ts:3:39'],
    ['unreachable()', 'unreachable'],
  ])('that calls %s fails', async (call, error) => {
    const wasm = await assemble(`
      import { any, done, emit, length, progress, read, receive, send } from './paritas'
      export function start(): void { ${call} }
      export function step(): void {}`)
    expect(() => new Running(wasm).process.start()).toThrow(expect.objectContaining({ message: error }))
  })
})

describe('what a module does while it is made', () => {
  const module = (call: string) => `
    import { done, progress, rank, receive, send } from './paritas'
    let mine = 0
    ${call}
    export function start(): void {}
    export function step(): void { done(mine) }`

  it('may ask which process it is', async () => {
    const { process } = new Running(await assemble(module('mine = rank() + 10')))
    process.start()
    expect(result(process.step([]))).toBe(11)
  })

  it('can be no part of a step, since it is done again on each recovery', async () => {
    const { process } = new Running(await assemble(module('send(0, 0, 0, 0)')))
    expect(() => process.start()).toThrow(
      'process 1 called send while its module was being made: call it in start or step',
    )
  })
})

describe('a recovery', () => {
  const everywhere = `
    import { done, emit } from './paritas'
    class Link { constructor(public value: i32, public next: Link | null) {} }
    let links: Link | null = null
    let whole = -5
    let long: i64 = i64.MIN_VALUE + 7
    let small: f32 = 0.1
    let double: f64 = -0.0
    const names = new Map<string, i32>()
    export function start(): void {}
    export function step(): void {
      links = new Link(whole, links)
      whole -= 1
      long += 3
      small *= 1.5
      double = double == 0 ? 1e-300 : double * 1.25
      names.set('step ' + names.size.toString(), whole)
      let sum: f64 = 0
      let link = links
      while (link) { sum = sum * 31 + link.value; link = link.next }
      const values = names.values()
      for (let i = 0; i < values.length; i++) sum = sum * 31 + values[i]
      const bytes: StaticArray<f64> = [f64(long & 0xffffffff), f64(long >> 32), f64(small), double, sum, 1 / double]
      emit(changetype<usize>(bytes), 48)
      if (whole == -50) done(sum)
    }`

  test.each([['stub'], ['minimal'], ['incremental']])(
    'changes nothing, wherever it falls: memory, globals, growth (runtime %s)',
    async (runtime) => {
      const wasm = await assemble(everywhere, '--runtime', runtime)
      const left = new Running(wasm, { memoryBytesMax: 40 * 65_536 })
      const right = new Running(wasm, { memoryBytesMax: 40 * 65_536 })
      right.process.start()
      left.process.start()
      const random = seededRandom(5)
      for (let step = 0; step < 45; step += 1) {
        if (random.integer(0, 2) === 0) left.recover()
        const [got, expected] = [left.process.step([]), right.process.step([])]
        expect(got).toEqual(expected)
        expect(Buffer.compare(left.memory, right.memory), `memory after step ${step}`).toBe(0)
        expect(got.next.kind).toBe(step < 44 ? 'continue' : 'done')
      }
    },
  )

  it('brings back a memory that has grown, to which the module adds', async () => {
    const wasm = await assemble(`
      import { done } from './paritas'
      const blocks: usize[] = []
      export function start(): void {}
      export function step(): void {
        const block = heap.alloc(30000)
        memory.fill(block, u8(blocks.length + 1), 30000)
        blocks.push(block)
        let sum = 0
        for (let i = 0; i < blocks.length; i++) for (let at: usize = 0; at < 30000; at += 1000) sum += load<u8>(blocks[i] + at)
        if (memory.size() == 16) done(sum)
      }`)
    const running = new Running(wasm)
    running.process.start()
    let outcome = running.process.step([])
    let blocks = 1
    for (; outcome.next.kind !== 'done'; blocks += 1) {
      running.recover()
      outcome = running.process.step([])
    }
    expect(blocks).toBeGreaterThan(15)
    expect(result(outcome)).toBe((30 * blocks * (blocks + 1)) / 2)
  })
})

describe('a memory that grows', () => {
  const growing = `
    import { done } from './paritas'
    export function start(): void {}
    export function step(): void { done(memory.grow(3)) }`

  it('grows up to what was said, as memory.grow tells the module', async () => {
    const most = new Running(await assemble(growing), { memoryBytesMax: 4 * 65_536 })
    most.process.start()
    expect(result(most.process.step([]))).toBe(1)
    const less = new Running(await assemble(growing), { memoryBytesMax: 4 * 65_536 - 70_000 })
    less.process.start()
    expect(result(less.process.step([]))).toBe(-1)
    const own = new Running(await assemble(growing, '--maximumMemory', '2'))
    own.process.start()
    expect(result(own.process.step([]))).toBe(-1)
  })

  it('is named when the module ends since it can have no more', async () => {
    const wasm = await assemble(`
      export function start(): void {}
      export function step(): void { for (;;) heap.alloc(10000) }`)
    const { process } = new Running(wasm, { memoryBytesMax: 2 ** 19 })
    process.start()
    expect(() => process.step([])).toThrow("unreachable (the module's memory has grown to its maximum, 0.5 MiB)")
  })
})

/** A watch as the kernel's, that compares with what it saw last. */
class FakeWatch implements WasmPageWatch {
  readonly calls: string[] = []
  #bytes = new Uint8Array()
  #seen = new Uint8Array()

  watch(bytes: Uint8Array): this {
    expect(bytes.length % copyPageBytes).toBe(0)
    this.calls.push('watch')
    this.#bytes = bytes as Uint8Array<ArrayBuffer>
    return this
  }

  arm(): void {
    this.calls.push('arm')
    this.#seen = this.#bytes.slice()
  }

  disarm(): void {
    this.calls.push('disarm')
  }

  take(): Uint32Array {
    this.calls.push('take')
    const runs: number[] = []
    for (let page = 0; page < this.#bytes.length / copyPageBytes; page += 1) {
      const range = [page * copyPageBytes, (page + 1) * copyPageBytes] as const
      if (Buffer.compare(this.#bytes.subarray(...range), this.#seen.subarray(...range)) === 0) continue
      if (runs.at(-1) === page) runs[runs.length - 1] = page + 1
      else runs.push(page, page + 1)
    }
    this.#seen = this.#bytes.slice()
    return Uint32Array.from(runs)
  }

  close(): void {
    this.calls.push('close')
  }
}

describe('what a step changes is carried over', () => {
  // Each step writes into so many pages, the last one of which is sparse: a page in which one byte changes.
  const scattered = `
    import { length, read } from './paritas'
    let state: u32 = 12345
    const order = heap.alloc(8)
    export function start(): void { memory.grow(31) }
    export function step(count: i32): void {
      if (count == 0) return
      read(0, order)
      const pages = load<u16>(order)
      if (load<u8>(order, 2)) memory.grow(1)
      for (let i: u16 = 0; i < pages; i++) {
        state = state * 1664525 + 1013904223
        const page = (state >>> 8) % u32(memory.size() * 16 - 1) + 1
        store<u8>(page * 4096 + (state >>> 20), u8(state))
      }
    }`
  const write = (pages: number, grows = false) => [message(0, '0', pages & 255, pages >> 8, grows ? 1 : 0)]

  it('to the same bytes, by a watch as by comparing, over growth and recoveries', async () => {
    const wasm = await assemble(scattered)
    const watch = new FakeWatch()
    const watched = new Running(wasm, { watchPages: (bytes) => watch.watch(bytes), memoryBytesMax: 40 * 65_536 })
    const compared = new Running(wasm, { memoryBytesMax: 40 * 65_536 })
    const random = seededRandom(8)
    for (const { process } of [watched, compared]) process.start()
    for (let step = 0; step < 60; step += 1) {
      if (random.integer(0, 9) === 0) watched.recover()
      if (random.integer(0, 9) === 0) compared.recover()
      const deliveries = write(random.pick([0, 1, 20, 200, 2000]), random.integer(0, 9) === 0)
      for (const { process } of [watched, compared]) process.step(deliveries)
      expect(Buffer.compare(watched.memory, compared.memory), `memory after step ${step}`).toBe(0)
    }
    expect(watch.calls.filter((call) => call === 'take').length).toBeGreaterThan(20)
  })

  it('by a watch while few pages change, by comparing while many do', async () => {
    const watch = new FakeWatch()
    const { process } = new Running(await assemble(scattered), {
      watchPages: (bytes) => watch.watch(bytes),
      memoryBytesMax: 40 * 65_536,
    })
    const callsOf = (pages: number, grows = false) => {
      watch.calls.length = 0
      process.step(write(pages, grows))
      return watch.calls
    }
    process.start()
    expect(watch.calls).toEqual(['watch', 'arm'])
    expect(callsOf(20)).toEqual(['take'])
    expect(callsOf(2000)).toEqual(['take', 'disarm'])
    expect(callsOf(2000)).toEqual([])
    expect(callsOf(20)).toEqual(['arm'])
    expect(callsOf(20, true)).toEqual(['close', 'watch', 'arm'])
  })

  it('also where the sign of zero or the bits of a NaN are all that changes', async () => {
    const wasm = await assemble(`
      export function start(): void { store<f64>(1024, 0); store<u64>(2048, 0x7ff8000000000001) }
      export function step(): void { store<f64>(1024, -0.0); store<u64>(2048, 0x7ff8000000000002) }`)
    const { process, memory } = new Running(wasm)
    process.start()
    process.step([])
    const view = new DataView(memory.buffer, memory.byteOffset)
    expect([view.getBigUint64(1024, true), view.getBigUint64(2048, true)]).toEqual([2n ** 63n, 0x7ff8000000000002n])
  })
})
