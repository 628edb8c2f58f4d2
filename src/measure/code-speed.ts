import { loadKernels } from '../machine/index.ts'
import { loadAddon, NativeBatches } from '../memory/native/index.ts'
import { type KernelMemory, portableKernels, ScratchBatches } from '../parity/index.ts'
import { batchBench, type CodeBench, type CodeWork, doWork, furnish, sourceBytes, sourceContent } from './code-work.ts'
import { breathe, type Conditions, type Figure, figureOf, timedMs } from './figure.ts'

/** How fast one kind of kernels does one work. */
export interface CodeSpeed {
  readonly work: Exclude<CodeWork, 'copy' | 'encode'>
  readonly kernels: string
  /** Whether check processors on this machine use these. */
  readonly isUsed: boolean
  /** Of source bytes. */
  readonly bytesPerSecond: Figure
  /** Share of the speed of a plain copy in the same round. */
  readonly toCopy: Figure
}

export interface CodeSpeeds {
  readonly sourceBytes: number
  readonly copyBytesPerSecond: Figure
  readonly codes: readonly CodeSpeed[]
}

const works = ['xor', 'update'] as const
const warmUpRounds = 1

/** Copies and codes over 64 MiB, with every kind of kernels that this machine has. */
export async function measureCodes({ rounds, signal, onProgress }: Conditions): Promise<CodeSpeeds> {
  const content = sourceContent()
  const target = new Uint8Array(sourceBytes).fill(1)
  const benches = codeBenches(content)
  const used = benches.at(loadKernels().name === 'portable' ? 0 : -1)
  const copyTimes: number[] = []
  const codes: CodeSpeed[] = []
  for (const [index, work] of works.entries()) {
    const contenders = [() => target.set(content), ...benches.map((bench) => () => doWork(bench, work))]
    const told = (share: number): void => onProgress((index + share) / works.length, 'copies and codes')
    const [copies, ...times] = await inTurns(contenders, { rounds, signal, onProgress: told })
    copyTimes.push(...copies!)
    for (const [i, bench] of benches.entries()) {
      const toCopy = figureOf(times[i]!.map((ms, round) => copies![round]! / ms))
      codes.push({ work, kernels: bench.name, isUsed: bench === used, bytesPerSecond: speedOf(times[i]!), toCopy })
    }
  }
  return { sourceBytes, copyBytesPerSecond: speedOf(copyTimes), codes }
}

/**
 * The times of all contenders, who take turns, so that whatever else the machine does hits all of them. Each does its
 * work twice and the second time counts, so that nobody pays for what another has left in the caches.
 */
async function inTurns(contenders: readonly (() => void)[], conditions: Conditions): Promise<number[][]> {
  const { rounds, signal, onProgress } = conditions
  const times: number[][] = contenders.map(() => [])
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (const [i, work] of contenders.entries()) {
      await breathe(signal)
      work()
      const ms = timedMs(work)
      if (round >= warmUpRounds) times[i]!.push(ms)
    }
    onProgress((round + 1) / (warmUpRounds + rounds), '')
  }
  return times
}

/** Kernels as check processors use them, from the slowest to the fastest. */
function codeBenches(outside: Uint8Array): CodeBench[] {
  const bench = (name: string, memory: KernelMemory): CodeBench =>
    batchBench(name, furnish(memory, outside), new ScratchBatches(memory))
  const portable = bench('JavaScript', portableKernels.create({ maximumBytes: 2 ** 29 }))
  const kernels = loadKernels()
  if (kernels.name === 'portable') return [portable]
  const simd = bench('WASM SIMD', kernels.create({ maximumBytes: 2 ** 29 }))
  const native = (loadAddon().addon?.batchKernels ?? []).map((one) =>
    batchBench(`native ${one.name}`, simd.rooms, new NativeBatches(simd.rooms.memory, one)),
  )
  return [portable, simd, ...native.reverse()]
}

const speedOf = (times: readonly number[]): Figure => figureOf(times.map((ms) => (1000 * sourceBytes) / ms))
