// What a checkpoint of 64 MiB costs the processor that takes it, with every tracker that this machine has, beside a plain
// copy of the same bytes. Each changed page has one 4-byte word changed at a random place. `writes` is what the program
// pays for these first writes; where changed pages are compared, it is what writing costs without any tracking.
import { seededRandom } from '../src/base/index.ts'
import { loadKernels } from '../src/machine/kernels.ts'
import { openMemory, probeTrackers, type TrackerName } from '../src/memory/native/index.ts'
import { type KernelModule, type PageBatch, ParityStore, portableKernels } from '../src/parity/index.ts'

const memoryBytes = 64 * 2 ** 20
const pageSizeBytes = 4096
const pages = memoryBytes / pageSizeBytes
const pagesPerBatch = 64
const rounds = 11
const warmUpRounds = 3
const shares = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 10, 100]
const headings = ['median ms', 'min', 'max', 'x memcpy', 'GB/s'].map((heading) => heading.padStart(10)).join('')
/** The median of a plain copy of `memoryBytes`. */
let copyMs = 0

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

function medianOf(row: Row): number {
  const sorted = row.times.slice(warmUpRounds).sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

function print(row: Row): void {
  const median = medianOf(row)
  const times = row.times.slice(warmUpRounds)
  const figures = [median, Math.min(...times), Math.max(...times), median / copyMs]
  const gigabytesPerSecond = (row.bytes / median / 1e6).toFixed(1)
  console.log(
    `${row.what.padEnd(30)}${figures.map((figure) => figure.toFixed(2).padStart(10)).join('')}${gigabytesPerSecond.padStart(10)}`,
  )
}

function drain(batches: Iterable<PageBatch>): void {
  for (const batch of batches) if (batch.bytes[0] === undefined) throw new Error('a batch without bytes')
}

/** Random pages, all different, and a random word in each. */
function* picks(seed: number, count: number): Generator<Uint32Array> {
  const random = seededRandom(seed)
  const numbers = Uint32Array.from({ length: pages }, (_, page) => page)
  for (;;) {
    for (let i = 0; i < count; i += 1) {
      const other = random.integer(i, pages - 1)
      const page = numbers[other]!
      numbers[other] = numbers[i]!
      numbers[i] = page
    }
    yield numbers.slice(0, count).map((page) => (page * pageSizeBytes) / 4 + random.integer(0, pageSizeBytes / 4 - 1))
  }
}

function measure(tracker: TrackerName, kernels: KernelModule, percent: number): void {
  const { memory } = openMemory({ tracker, kernels, programBytes: memoryBytes, pageSizeBytes })
  const words = new Uint32Array(memory.buffer, memory.programOffset, memoryBytes / 4)
  words.forEach((_, i) => {
    words[i] = Math.imul(i + 1, 0x9e3779b1)
  })
  const parity = new ParityStore(kernels, { pageSizeBytes })
  const changed = Math.round((pages * percent) / 100)
  const changedBytes = changed * pageSizeBytes
  const row = (what: string, bytes: number): Row => ({ what: `${percent} %, ${what}`, bytes, times: [] })
  const first = row('first capture', memoryBytes)
  timed(first, () => memory.capture(1, new Map()))
  memory.recycle(1)
  const rows = {
    writes: row('writes', changedBytes),
    capture: row('capture', memoryBytes),
    delta: row('delta', changedBytes),
    checksums: row('checksums', 2 * changedBytes),
    stage: row('delta and stage', changedBytes),
    apply: row('apply to the parity', changedBytes),
    recycle: row('recycle', changedBytes),
    count: row('count changed pages', memoryBytes),
    undo: row('undo', memoryBytes),
    image: row('image', memoryBytes),
  }
  const sequence = picks(percent, changed)
  const change = (): void => {
    const places = sequence.next().value as Uint32Array
    timed(rows.writes, () => {
      for (let i = 0; i < places.length; i += 1) words[places[i]!]! += 1
    })
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
    timed(rows.undo, () => memory.restore(round))
    timed(rows.image, () => drain(memory.pages(round, pagesPerBatch)))
  }
  console.log(`${first.what.padEnd(30)}${first.times[0]!.toFixed(2).padStart(10)}`)
  Object.values(rows).forEach(print)
  memory.close()
}

function measureCopy(): void {
  const from = new Uint8Array(memoryBytes).fill(1)
  const to = new Uint8Array(memoryBytes).fill(2)
  const row: Row = { what: 'plain copy of 64 MiB', bytes: memoryBytes, times: [] }
  for (let round = 0; round < warmUpRounds + rounds; round += 1) timed(row, () => to.set(from))
  copyMs = medianOf(row)
  print(row)
}

for (const kernels of [loadKernels(), portableKernels]) {
  for (const tracker of ['shadow', 'lean', 'compare'] as const) {
    const { available, reason } = probeTrackers()[tracker]
    console.log(`\n${`${tracker}, ${kernels.name} kernels`.padEnd(30)}${headings}`)
    if (!available) {
      console.log(`not on this machine: ${reason}`)
      continue
    }
    measureCopy()
    for (const percent of shares) measure(tracker, kernels, percent)
  }
}
