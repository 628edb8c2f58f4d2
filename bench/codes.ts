// XOR and Reed–Solomon with two rows on 64 MiB, in every kind of code that this machine can run, beside a plain copy and
// Intel's ISA-L (Debian: libisal-dev and a C compiler), whose results are compared too.
// With the argument `vectors` it prints test/parity/isa-l-vectors.json, made by ISA-L.
import { readFileSync } from 'node:fs'
import { loadAddon, NativeBatches } from '../src/memory/native/index.ts'
import {
  type BatchKernels,
  compileKernels,
  type KernelMemory,
  portableKernels,
  reedSolomonCode,
  ScratchBatches,
} from '../src/parity/index.ts'
import { compileIsaL, type IsaL, vectors } from './isa-l.ts'

const sourceBytes = 64 * 2 ** 20
const pageSizeBytes = 4096
const pages = sourceBytes / pageSizeBytes
const pagesPerBatch = 64
const rounds = 11
const warmUpRounds = 1
const sources = 4
const code = reedSolomonCode(sources, 2)

type Work = 'copy' | 'xor' | 'update' | 'encode'

const descriptions: Record<Work, string> = {
  copy: 'copy of 64 MiB',
  xor: 'XOR of 64 MiB into a row',
  update: 'Reed–Solomon, m = 2: 64 MiB into two rows',
  encode: 'Reed–Solomon, m = 2: two rows of 4 x 16 MiB',
}

/** One way to do the work; returns the milliseconds it took. */
interface Contender {
  readonly name: string
  run(work: Work): number | Promise<number>
}

/** One way to add pages of the sources to the rows' pages. */
interface Bench {
  readonly name: string
  readonly rooms: Rooms
  readonly batches: BatchKernels
  /**
   * Adds a batch of pages of the sources from page `from` on, times each row's coefficient, to those of the first rows
   * from page `to` on, or writes over them.
   */
  add(to: number, from: number, coefficients: Uint8Array, over: boolean): void
}

/** A memory with the sources and two rows, and the sources outside of it too, as they come from a link. */
interface Rooms {
  readonly memory: KernelMemory
  readonly source: number
  readonly rows: readonly number[]
  readonly outside: Uint8Array
}

function sourceContent(): Uint8Array {
  const bytes = new Uint8Array(sourceBytes)
  const words = new Uint32Array(bytes.buffer)
  for (let i = 0; i < words.length; i += 1) words[i] = Math.imul(i + 1, 0x9e3779b1)
  return bytes
}

function furnish(memory: KernelMemory, outside: Uint8Array): Rooms {
  const source = memory.allocate(sourceBytes, pageSizeBytes)
  const rows = [0, 1].map(() => memory.allocate(sourceBytes, pageSizeBytes))
  memory.bytes.set(outside, source)
  for (const row of rows) memory.bytes.fill(1, row, row + sourceBytes)
  return { memory, source, rows, outside }
}

/** Page by page, with the sources in the memory. */
function pageBench(name: string, rooms: Rooms): Bench {
  const { memory, source, rows } = rooms
  return {
    name: `${name}, pages`,
    rooms,
    batches: memory.batches,
    add(to, from, coefficients, over) {
      for (let page = 0; page < pagesPerBatch; page += 1) {
        const content = source + (from + page) * pageSizeBytes
        for (let row = 0; row < coefficients.length; row += 1) {
          const target = rows[row]! + (to + page) * pageSizeBytes
          if (over) memory.multiply(target, content, coefficients[row]!, pageSizeBytes)
          else memory.multiplyAdd(target, content, coefficients[row]!, pageSizeBytes)
        }
      }
    },
  }
}

function batchBench(name: string, rooms: Rooms, batches: BatchKernels): Bench {
  const { rows, outside } = rooms
  // For one row and for two: the targets of one batch after those of the other.
  const offsets = [1, 2].map((count) =>
    Uint32Array.from({ length: count * pages }, (_, i) => {
      const [batch, at] = [Math.floor(i / (count * pagesPerBatch)), i % (count * pagesPerBatch)]
      const page = batch * pagesPerBatch + (at % pagesPerBatch)
      return rows[Math.floor(at / pagesPerBatch)]! + page * pageSizeBytes
    }),
  )
  const holds = [1, 2].map((count) => new Uint8Array(count * pagesPerBatch))
  return {
    name: `${name}, batches`,
    rooms,
    batches,
    add(to, from, coefficients, over) {
      const count = coefficients.length
      const bytes = outside.subarray(from * pageSizeBytes, (from + pagesPerBatch) * pageSizeBytes)
      const targets = offsets[count - 1]!.subarray(count * to, count * (to + pagesPerBatch))
      batches.bring(bytes, targets, holds[count - 1]!.fill(over ? 0 : 1), coefficients)
    },
  }
}

/** The coefficients of a process in both rows. */
const column = (process: number): Uint8Array =>
  Uint8Array.of(code.coefficient(0, process), code.coefficient(1, process))
const columns = Array.from({ length: sources }, (_, process) => column(process))
const one = Uint8Array.of(1)

function run(bench: Bench, work: Work): void {
  const pagesEach = pages / sources
  switch (work) {
    case 'copy':
    case 'xor':
      for (let at = 0; at < pages; at += pagesPerBatch) bench.add(at, at, one, work === 'copy')
      return
    case 'update':
      for (let at = 0; at < pages; at += pagesPerBatch) bench.add(at, at, columns[1]!, false)
      return
    case 'encode':
      for (let at = 0; at < pagesEach; at += pagesPerBatch) {
        columns.forEach((coefficients, i) => {
          bench.add(at, i * pagesEach + at, coefficients, i === 0)
        })
      }
  }
}

function timedMs(work: () => void): number {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}

/**
 * The times of all contenders, who take turns, so that whatever else the machine does hits all of them. Each does its
 * work twice and the second time counts: what another has left in the caches, dirty, is not to its charge.
 */
async function measure(work: Work, contenders: readonly Contender[]): Promise<number[][]> {
  const times: number[][] = contenders.map(() => [])
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (const [i, contender] of contenders.entries()) {
      await contender.run(work)
      const ms = await contender.run(work)
      if (round >= warmUpRounds) times[i]!.push(ms)
    }
  }
  return times
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

/** Median, minimum and maximum of the speed, and the medians of the ratios to what others reached in the same round. */
function print(name: string, times: readonly number[], yardsticks: readonly (readonly number[] | undefined)[]): void {
  const speeds = sorted(times.map((ms) => sourceBytes / ms / 1e6))
  const shown = [speeds[speeds.length >> 1]!, speeds[0]!, speeds.at(-1)!].map((one) => one.toFixed(1).padStart(8))
  const ratios = yardsticks.map((others) => {
    if (others === undefined) return ''.padStart(10)
    return sorted(times.map((ms, round) => others[round]! / ms))
      [times.length >> 1]!.toFixed(2)
      .padStart(10)
  })
  console.log(`  ${name.padEnd(42)}${shown.join('')}${ratios.join('')}`)
}

function benches(outside: Uint8Array): Bench[] {
  const wasmBytes = readFileSync(new URL('../../dist/parity/kernels.wasm', import.meta.url))
  const [portable, simd] = [portableKernels, compileKernels(wasmBytes)].map((kernels) =>
    furnish(kernels.create({ maximumBytes: 2 ** 29 }), outside),
  )
  const native = loadAddon().addon?.batchKernels ?? []
  return [
    pageBench('JavaScript', portable!),
    batchBench('JavaScript', portable!, new ScratchBatches(portable!.memory)),
    pageBench('WASM SIMD', simd!),
    batchBench('WASM SIMD', simd!, new ScratchBatches(simd!.memory)),
    ...native.map((one) => batchBench(`native ${one.name}`, simd!, new NativeBatches(simd!.memory, one))),
  ]
}

/** ISA-L must make the same rows out of the same sources and coefficients. */
function compare(isaL: IsaL, { name, rooms, batches }: Bench): void {
  const [count, length] = [5, 5 * pageSizeBytes]
  const processes = Array.from({ length: sources }, (_, i) => rooms.outside.subarray(i * length, (i + 1) * length))
  const targets = Uint32Array.from({ length: count }, () => rooms.memory.allocate(pageSizeBytes, pageSizeBytes))
  isaL.encode(code, processes).forEach((row, j) => {
    const holds = new Uint8Array(count)
    processes.forEach((bytes, i) => {
      batches.bring(bytes, targets, holds.fill(i === 0 ? 0 : 1), Uint8Array.of(code.coefficient(j, i)))
    })
    const made = batches.take(targets, new Uint32Array(count), 1, pageSizeBytes)
    if (Buffer.compare(made, row) !== 0) throw new Error(`${name}: row ${j} is not what ISA-L makes`)
  })
}

async function main(): Promise<void> {
  const isaL = compileIsaL()
  const yardstick = isaL?.measure(sourceBytes)
  const content = sourceContent()
  const target = new Uint8Array(sourceBytes).fill(1)
  const all = benches(content)
  const copy: Contender = { name: 'plain copy', run: () => timedMs(() => target.set(content)) }
  const contenders = all.map((bench) => ({ name: bench.name, run: (work: Work) => timedMs(() => run(bench, work)) }))
  const headings = ['GB/s', 'min', 'max'].map((one) => one.padStart(8)).join('')
  console.log(`${`medians of ${rounds} rounds, GB/s of source bytes`.padEnd(44)}${headings}   to copy  to ISA-L`)
  for (const work of ['copy', 'xor', 'update', 'encode'] as const) {
    const name = work === 'copy' ? 'memcpy in C' : 'ISA-L'
    const others = yardstick ? [{ name, run: (each: Work) => yardstick.run(each) }] : []
    const [copyTimes, ...times] = await measure(work, [copy, ...contenders, ...others])
    const isaLTimes = yardstick && work !== 'copy' ? times.at(-1) : undefined
    console.log(descriptions[work])
    print(copy.name, copyTimes!, [undefined, undefined])
    ;[...contenders, ...others].forEach((one, i) => {
      print(one.name, times[i]!, [copyTimes, isaLTimes])
    })
  }
  yardstick?.end()
  if (isaL === null) console.log('ISA-L is not here: install libisal-dev and a C compiler for the yardstick.')
  else for (const bench of all) compare(isaL, bench)
  if (isaL !== null) console.log('All make the same bytes as ISA-L.')
}

if (process.argv[2] === 'vectors') console.log(JSON.stringify(vectors(compileIsaL()), null, 2))
else await main()
