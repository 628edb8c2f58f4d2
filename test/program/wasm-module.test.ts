// Which WebAssembly modules can be programs, and what is said of those that cannot.
import { expect, test } from 'vitest'
import {
  integer,
  memoryLayout,
  number,
  type Program,
  type SizeFields,
  text,
  wasmProgram,
} from '../../src/program/index.ts'
import { assemble } from './assembly-script.ts'
import { binaryModule, functionKind, memoryKind, name, type Parts, procedure, tableKind } from './binary-module.ts'

type Options = Partial<Parameters<typeof wasmProgram>[0]>

const programOf = (wasm: Uint8Array, options: Options = {}): Program =>
  wasmProgram({ name: 'demo', wasm, ...options }) as unknown as Program

const layoutOf = (program: Program, size = {}) => memoryLayout(program, { rank: 0, processes: 1, size })

test('the least module is one', () => {
  const { bytes, fields } = layoutOf(programOf(binaryModule()))
  expect(fields).toMatchObject({ memory: { offset: 0, count: 65_536 }, globals: { count: 0 } })
  expect(bytes).toBe(65_536 + 8)
})

const table = [0x70, 0, 1]
const global = (type: number, isMutable: boolean, ...init: number[]) => [type, isMutable ? 1 : 0, ...init, 0x0b]
const importOf = (module: string, field: string, kind: number, ...rest: number[]) => [
  ...name(module),
  ...name(field),
  kind,
  ...rest,
]
const start = [...name('start'), functionKind, 0]
const step = [...name('step'), functionKind, 1]
const memory = [...name('memory'), memoryKind, 0]

test.each<[string, Parts, string]>([
  [
    'no memory',
    { memories: [], exports: [start, step] },
    "the WebAssembly module must have a memory and export it as 'memory'",
  ],
  [
    'a memory of its own',
    { exports: [start, step] },
    "the WebAssembly module must have a memory and export it as 'memory'",
  ],
  ['no step', { exports: [memory, start] }, "the WebAssembly module must export a function 'step'"],
  [
    'no start',
    { exports: [memory, [...name('start'), memoryKind, 0], step] },
    "the WebAssembly module must export a function 'start'",
  ],
  [
    'a step that takes two numbers',
    { types: [procedure, [0x60, 2, 0x7f, 0x7f, 0]], functions: [0, 1] },
    'step of the WebAssembly module must take one i32, how many messages there are, or nothing',
  ],
  [
    'an imported memory',
    { imports: [importOf('env', 'memory', memoryKind, 0, 1)], memories: [] },
    'the WebAssembly module imports the memory env.memory: it must have its own, and export it',
  ],
  [
    'an imported table',
    { imports: [importOf('env', 'table', tableKind, ...table)] },
    'the WebAssembly module imports the table env.table: Paritas gives it functions only',
  ],
  [
    'an import that there is not',
    { imports: [importOf('env', 'seed', functionKind, 0)], importedFunctions: 1 },
    'the WebAssembly module imports env.seed, which there is not: paritas has rank, processes, send, receive, sender, ' +
      'tag, length, read, inputLength, readInput, emit, progress and done, and env has abort',
  ],
  [
    'an import with too few parameters',
    { imports: [importOf('paritas', 'send', functionKind, 0)], importedFunctions: 1 },
    'the WebAssembly module imports paritas.send with other parameters: it is send(to, tag, address, length)',
  ],
  [
    'table.set',
    { tables: [table], code: [[0x41, 0, 0xd0, 0x70, 0x26, 0], []] },
    'the WebAssembly module changes a table, which no checkpoint can hold',
  ],
  [
    'table.grow, behind instructions with all kinds of operands',
    {
      tables: [table],
      code: [
        [
          ...[0x02, 0x40, 0x41, 0, 0x0e, 1, 0, 0, 0x0b],
          ...[0x44, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x1a],
          ...[0xfd, 12, ...Array(16).fill(0x26), 0x1a, 0x42, 0xa6, 0x26, 0x1a],
          ...[0x41, 0, 0x28, 2, 0xa6, 0x26, 0x1a],
          ...[0xd0, 0x70, 0x41, 1, 0xfc, 15, 0, 0x1a],
        ],
        [],
      ],
    },
    'the WebAssembly module changes a table, which no checkpoint can hold',
  ],
  [
    'a mutable vector',
    { globals: [global(0x7f, true, 0x41, 0), global(0x7b, true, 0xfd, 12, ...Array(16).fill(0))] },
    'the WebAssembly module has a mutable global that is no number (number 1 of its globals)',
  ],
  [
    'a mutable reference',
    { globals: [global(0x70, true, 0xd0, 0x70)] },
    'the WebAssembly module has a mutable global that is no number (number 0 of its globals)',
  ],
])('%s is refused', (_, parts, line) => {
  expect(WebAssembly.validate(binaryModule(parts)), 'the module itself is valid').toBe(true)
  expect(() => programOf(binaryModule(parts))).toThrow(expect.objectContaining({ name: 'UsageError', message: line }))
})

test('what cannot change may be anything, and bytes of operands are taken for no instruction', () => {
  const parts: Parts = {
    tables: [table],
    globals: [global(0x7b, false, 0xfd, 12, ...Array(16).fill(0x26)), global(0x70, false, 0xd0, 0x70)],
    code: [[0x43, 0x26, 0x26, 0x26, 0x26, 0x1a, 0xfc, 16, 0, 0x1a, 0x41, 0xa6, 0x26, 0x1a], []],
  }
  expect(WebAssembly.validate(binaryModule(parts))).toBe(true)
  expect(() => programOf(binaryModule(parts))).not.toThrow()
})

test('all that AssemblyScript makes of objects, vectors and atomics is understood', async () => {
  const source = `
    import { done, any, receive } from './paritas'
    class Node { constructor(public value: f64, public next: Node | null) {} }
    const known = new Map<string, Node>()
    const steps: ((n: Node) => f64)[] = [(n) => n.value, (n) => n.value * 2]
    export function start(): void { known.set('a', new Node(1.5, null)); receive(any, any) }
    export function step(count: i32): void {
      const all = v128.splat<f64>(known.get('a').value)
      switch (count) { case 0: done(1); break; case 2: done(2); break; default: done(f64x2.extract_lane(all, 1)) }
      atomic.add<i32>(8, 1)
      done(steps[count % 2](known.get('a')) + parseFloat('1.5') + Math.sin(2))
    }`
  const options = ['--runtime', 'incremental', '--enable', 'simd,threads,relaxed-simd', '--maximumMemory', '16']
  expect(() => programOf(new Uint8Array())).toThrow(/^wasm is no WebAssembly module: /)
  const program = programOf(await assemble(source, ...options))
  expect(layoutOf(program).fields).toMatchObject({ memory: { count: 16 * 65_536 } })
})

test.each<[unknown, RegExp]>([
  [
    new URL('file:///a.wasm'),
    /^wasm must be the bytes of a WebAssembly module, but is an object of class URL; import it/,
  ],
  [new Uint8Array([1, 2, 3]), /^wasm is no WebAssembly module: /],
  [binaryModule().subarray(0, 30), /^wasm is no WebAssembly module: /],
])('%s is no module', (wasm, line) => {
  expect(() => programOf(wasm as Uint8Array)).toThrow(line)
})

test('a memory of 64 bits and a second one are refused where the engine has them', () => {
  const limits64 = [0x05, 1, 1]
  for (const memories of [
    [limits64],
    [
      [1, 1, 1],
      [1, 1, 1],
    ],
  ]) {
    expect(() => programOf(binaryModule({ memories }))).toThrow(expect.objectContaining({ name: 'UsageError' }))
  }
})

test.each<[Options, string]>([
  [{}, 'the WebAssembly module says no maximum for its memory: compile it with one, or say memoryBytesMax'],
  [{ memoryBytesMax: 65_536 }, 'memoryBytesMax is 65536: the module begins with 131072 bytes, and 4 GiB are the most'],
  [
    { memoryBytesMax: 2 ** 33 },
    'memoryBytesMax is 8589934592: the module begins with 131072 bytes, and 4 GiB are the most',
  ],
  [
    { memoryBytesMax: Number.NaN },
    'memoryBytesMax is NaN: the module begins with 131072 bytes, and 4 GiB are the most',
  ],
])('a memory without a maximum, and %j', (options, line) => {
  const program = programOf(binaryModule({ memories: [[0, 2]] }), options)
  expect(() => layoutOf(program)).toThrow(
    expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(line) }),
  )
})

test('memoryBytesMax goes by the process, in whole pages, and never above what the module says', () => {
  const wasm = binaryModule({ memories: [[1, 1, 3]] })
  const program = programOf(wasm, { memoryBytesMax: ({ rank }) => (rank + 1) * 70_000 })
  const counts = [0, 1, 2].map((rank) => memoryLayout(program, { rank, processes: 3, size: {} }).fields.memory!.count)
  expect(counts).toEqual([2, 3, 3].map((pages) => pages * 65_536))
})

const takes = (...types: number[]): Parts => ({
  types: [[0x60, types.length, ...types, 0], procedure],
  functions: [0, 1],
})
const [i32, i64, f64] = [0x7f, 0x7e, 0x7c]
const limit = (value: number) => integer({ default: value, help: '' })

test.each<[Parts, SizeFields, string]>([
  [takes(i32), {}, 'start of the WebAssembly module must take as many numbers as the program has sizes: 0, not 1'],
  [
    takes(),
    { a: limit(1) },
    'start of the WebAssembly module must take as many numbers as the program has sizes: 1, not 0',
  ],
  [
    takes(i32),
    { a: limit(2 ** 32) },
    "size 'a' is 4294967296, which start of the WebAssembly module cannot take as i32",
  ],
  [
    takes(i32),
    { a: number({ default: 0.5, help: '' }) },
    "size 'a' is 0.5, which start of the WebAssembly module cannot take as i32",
  ],
  [
    takes(i64),
    { a: number({ default: 0.5, help: '' }) },
    "size 'a' is 0.5, which start of the WebAssembly module cannot take as i64",
  ],
  [
    takes(f64),
    { a: text({ default: 'x', help: '' }) },
    "size 'a' is a text; a WebAssembly module can only be given numbers",
  ],
])('sizes that start cannot take: %#', (parts, size, line) => {
  expect(() => programOf(binaryModule(parts), { size })).toThrow(
    expect.objectContaining({ name: 'UsageError', message: line }),
  )
})
