// What a checkpoint of 64 MiB costs the processor that takes it, beside a plain copy of the same bytes.
// Each changed page has one 4-byte word changed at a random place. Both kinds of kernels: WASM SIMD and plain JavaScript.
import { seededRandom } from '../src/base/index.ts'
import { loadKernels } from '../src/machine/kernels.ts'
import { createProtectedMemory } from '../src/memory/index.ts'
import { type KernelModule, type PageBatch, ParityStore, portableKernels } from '../src/parity/index.ts'

const memoryBytes = 64 * 2 ** 20
const pageSizeBytes = 4096
const pages = memoryBytes / pageSizeBytes
const pagesPerBatch = 64
const rounds = 11
const warmUpRounds = 2
const headings = ['median ms', 'min', 'max', 'GB/s'].map((heading) => heading.padStart(9)).join('')

interface Row {
  readonly what: string
  readonly bytes: number
  readonly times: number[]
}

function timed(row: Row, work: () => void): void {
  const start = performance.now()
  work()
  row.times.push(performance.now() - start)
}

function print({ what, bytes, times }: Row): void {
  const sorted = times.slice(warmUpRounds).sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]!
  const milliseconds = [median, sorted[0]!, sorted.at(-1)!].map((ms) => ms.toFixed(2).padStart(9)).join('')
  console.log(`${what.padEnd(34)}${milliseconds}${(bytes / median / 1e6).toFixed(1).padStart(9)}`)
}

function drain(batches: Iterable<PageBatch>): void {
  for (const batch of batches) if (batch.bytes[0] === undefined) throw new Error('a batch without bytes')
}

function measure(kernels: KernelModule, percent: number): void {
  const memory = createProtectedMemory({ kernels, programBytes: memoryBytes, pageSizeBytes })
  const words = new Uint32Array(memory.buffer, memory.programOffset, memoryBytes / 4)
  const random = seededRandom(percent)
  words.forEach((_, i) => {
    words[i] = Math.imul(i + 1, 0x9e3779b1)
  })
  memory.capture(1, new Map())
  memory.recycle(1)
  const parity = new ParityStore(kernels, { pageSizeBytes })
  const changed = Math.round((pages * percent) / 100)
  const changedBytes = changed * pageSizeBytes
  const numbers = Array.from({ length: pages }, (_, page) => page)
  const row = (what: string, bytes: number): Row => ({ what: `${what}, ${percent} % changed`, bytes, times: [] })
  const rows = {
    count: row('count changed pages', memoryBytes),
    capture: row('capture', memoryBytes),
    delta: row('delta', changedBytes),
    checksums: row('checksums', 2 * changedBytes),
    stage: row('delta and stage', changedBytes),
    apply: row('apply to the parity', changedBytes),
    recycle: row('recycle', changedBytes),
    undo: row('undo', memoryBytes),
    image: row('image', memoryBytes),
  }
  const change = (): void => {
    for (let i = 0; i < changed; i += 1) {
      const other = random.integer(i, pages - 1)
      const page = numbers[other]!
      numbers[other] = numbers[i]!
      numbers[i] = page
      const at = (page * pageSizeBytes) / 4 + random.integer(0, pageSizeBytes / 4 - 1)
      words[at] = words[at]! + 1
    }
  }
  for (let round = 2; round < 2 + warmUpRounds + rounds; round += 1) {
    change()
    timed(rows.capture, () => memory.capture(round, new Map()))
    timed(rows.delta, () => drain(memory.delta(pagesPerBatch)))
    timed(rows.checksums, () => memory.checksums(round))
    timed(rows.stage, () => {
      for (const batch of memory.delta(pagesPerBatch)) parity.stage(batch)
    })
    timed(rows.apply, () => parity.applyStaged())
    timed(rows.recycle, () => memory.recycle(round))
    change()
    timed(rows.count, () => memory.changedPages())
    timed(rows.undo, () => memory.undo(round))
    timed(rows.image, () => drain(memory.image(round, pagesPerBatch)))
  }
  Object.values(rows).forEach(print)
}

function measureCopy(): void {
  const from = new Uint8Array(memoryBytes).fill(1)
  const to = new Uint8Array(memoryBytes).fill(2)
  const row: Row = { what: 'plain copy of 64 MiB', bytes: memoryBytes, times: [] }
  for (let round = 0; round < warmUpRounds + rounds; round += 1) timed(row, () => to.set(from))
  print(row)
}

for (const kernels of [loadKernels(), portableKernels]) {
  console.log(`\n${`${kernels.name} kernels, ${rounds} rounds`.padEnd(34)}${headings}`)
  measureCopy()
  for (const percent of [1, 10, 100]) measure(kernels, percent)
}
