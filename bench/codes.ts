// XOR and Reed–Solomon with two rows on 64 MiB, in every kind of code that this machine can run, beside a plain copy and
// Intel's ISA-L (Debian: libisal-dev and a C compiler), whose results are compared too.
// With the argument `vectors` it prints test/parity/isa-l-vectors.json, made by ISA-L.
import { readFileSync } from 'node:fs'
import {
  batchBench,
  type CodeBench,
  type CodeWork,
  code,
  doWork,
  furnish,
  pageSizeBytes,
  pagesPerBatch,
  type Rooms,
  sourceBytes,
  sourceContent,
  sources,
} from '../src/measure/code-work.ts'
import { timedMs } from '../src/measure/figure.ts'
import { loadAddon, NativeBatches } from '../src/memory/native/index.ts'
import { compileKernels, portableKernels, ScratchBatches } from '../src/parity/index.ts'
import { compileIsaL, type IsaL, vectors } from './isa-l.ts'

const rounds = 11
const warmUpRounds = 1

const descriptions: Record<CodeWork, string> = {
  copy: 'copy of 64 MiB',
  xor: 'XOR of 64 MiB into a row',
  update: 'Reed–Solomon, m = 2: 64 MiB into two rows',
  encode: 'Reed–Solomon, m = 2: two rows of 4 x 16 MiB',
}

/** One way to do the work; returns the milliseconds it took. */
interface Contender {
  readonly name: string
  run(work: CodeWork): number | Promise<number>
}

/** Page by page, with the sources in the memory. */
function pageBench(name: string, rooms: Rooms): CodeBench {
  const { memory, source, rows } = rooms
  return {
    name,
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

/**
 * The times of all contenders, who take turns, so that whatever else the machine does hits all of them. Each does its
 * work twice and the second time counts: what another has left in the caches, dirty, is not to its charge.
 */
async function measure(work: CodeWork, contenders: readonly Contender[]): Promise<number[][]> {
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

function benches(outside: Uint8Array): CodeBench[] {
  const wasmBytes = readFileSync(new URL('../../dist/parity/kernels.wasm', import.meta.url))
  const [portable, simd] = [portableKernels, compileKernels(wasmBytes)].map((kernels) =>
    furnish(kernels.create({ maximumBytes: 2 ** 29 }), outside),
  )
  const native = loadAddon().addon?.batchKernels ?? []
  return [
    pageBench('JavaScript, pages', portable!),
    batchBench('JavaScript, batches', portable!, new ScratchBatches(portable!.memory)),
    pageBench('WASM SIMD, pages', simd!),
    batchBench('WASM SIMD, batches', simd!, new ScratchBatches(simd!.memory)),
    ...native.map((one) => batchBench(`native ${one.name}, batches`, simd!, new NativeBatches(simd!.memory, one))),
  ]
}

/** ISA-L must make the same rows out of the same sources and coefficients. */
function compare(isaL: IsaL, { name, rooms, batches }: CodeBench): void {
  const [count, length] = [5, 5 * pageSizeBytes]
  const processes = Array.from({ length: sources }, (_, i) => rooms.outside.subarray(i * length, (i + 1) * length))
  const targets = Uint32Array.from({ length: count }, () => rooms.memory.allocate(pageSizeBytes, pageSizeBytes))
  isaL.encode(code, processes).forEach((row, j) => {
    const holds = new Uint8Array(count)
    processes.forEach((bytes, i) => {
      batches.bring(bytes, targets, holds.fill(i === 0 ? 0 : 1), Uint8Array.of(code.coefficient(j, i)))
    })
    const made = new Uint8Array(length)
    batches.take(targets, new Uint32Array(count), 1, made)
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
  const contenders = all.map((bench) => ({
    name: bench.name,
    run: (work: CodeWork) => timedMs(() => doWork(bench, work)),
  }))
  const headings = ['GB/s', 'min', 'max'].map((one) => one.padStart(8)).join('')
  console.log(`${`medians of ${rounds} rounds, GB/s of source bytes`.padEnd(44)}${headings}   to copy  to ISA-L`)
  for (const work of ['copy', 'xor', 'update', 'encode'] as const) {
    const name = work === 'copy' ? 'memcpy in C' : 'ISA-L'
    const others = yardstick ? [{ name, run: (each: CodeWork) => yardstick.run(each) }] : []
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
