// Sorts numbers. Process 0 holds the records and hands them out in chunks; whoever is free sorts the next one. At the end
// process 0 merges the sorted chunks and emits the records in order, one slice a step.
import { defineProgram, f64, type InputBlock, integer, type Message, type Next, type Self, u32 } from 'paritas'
import { checksumOf, printChecksum } from './numbers/checksum.ts'
import { printLines, printNumber } from './numbers/print-number.ts'
import { randomWords } from './numbers/random-words.ts'
import { readNumber } from './numbers/read-number.ts'

const size = {
  records: integer({ default: 1_000_000, min: 0, max: 2 ** 29, help: 'numbers to sort; --input decides it if given' }),
  chunk: integer({ default: 100_000, min: 1, max: 2 ** 29, help: 'numbers that are sorted in one go' }),
  seed: integer({ default: 1, min: 0, max: 2 ** 32 - 1, help: 'seed of the numbers when there is no --input' }),
}
type Size = { readonly records: number; readonly chunk: number; readonly seed: number }

/** What a process keeps from step to step. The coordinator has all records, every other process one chunk of them. */
function memory({ rank, size }: { rank: number; size: Size }) {
  const isCoordinator = rank === 0
  return {
    records: f64(isCoordinator ? size.records : Math.min(size.chunk, size.records)),
    chunksHandedOut: u32(),
    chunksSorted: u32(),
    workersSentHome: u32(),
    // While merging: how many records of each chunk have been emitted, and of all.
    emittedOf: u32(isCoordinator ? chunkCount(size) : 0),
    emitted: u32(),
    checksum: u32(),
  }
}

type Process = Self<typeof size, ReturnType<typeof memory>>

interface Chunk {
  readonly index: number
  readonly records: Float64Array
}

export default defineProgram({
  name: 'merge-sort',
  description: 'sorts numbers; process 0 hands out chunks to whoever is free, then merges them',
  size,
  memory,

  input: {
    description: 'one number a line, integers and decimals; blank lines are ignored',
    async parse(blocks, { file }) {
      const data = await parseNumbers(blocks, file)
      return { data, size: { records: data.length } }
    },
  },
  output: {
    description: 'the numbers in ascending order, one a line',
    format: (slice) => printLines(slice as Float64Array),
  },

  start(self) {
    if (self.rank > 0) {
      self.send(0, 'ready')
      return self.receive({ from: 0 })
    }
    if (self.input) self.memory.records.set(self.input)
    else fillWithRandom(self.memory.records, self.size.seed)
    return self.processes > 1 ? self.receive({}) : self.next()
  },

  step(self, [message]) {
    if (self.rank > 0) return work(self, message!)
    if (message) return coordinate(self, message)
    return self.memory.chunksSorted < chunkCount(self.size) ? sortAlone(self) : merge(self)
  },

  verifiedAgainst: 'an independent sort',
  verify({ size, input, emitted }) {
    const expected = input ? Float64Array.from(input as Float64Array) : new Float64Array(size.records)
    if (!input) fillWithRandom(expected, size.seed)
    expected.sort()
    let index = 0
    for (const slice of emitted as readonly Float64Array[]) {
      for (const value of slice) {
        const wanted = expected[index]
        index += 1
        if (value === wanted) continue
        const right = wanted === undefined ? 'none' : printNumber(wanted)
        return `record ${index} is ${printNumber(value)}, but should be ${right}`
      }
    }
    return index === expected.length ? null : `${index} records came out, but ${expected.length} went in`
  },
})

/** A worker's step: sorts the chunk that came and asks for the next by sending it back. */
function work(self: Process, { tag, value }: Message): Next {
  if (tag === 'home') return self.done()
  const { index, records } = value as Chunk
  const sorted = self.memory.records.subarray(0, records.length)
  sorted.set(records)
  sorted.sort()
  self.send(0, 'sorted', { index, records: sorted } satisfies Chunk)
  return self.receive({ from: 0 })
}

/** The coordinator's step while others sort: `message` says that its sender is free, and may bring a sorted chunk. */
function coordinate(self: Process, { from, tag, value }: Message): Next {
  if (tag === 'sorted') {
    const { index, records } = value as Chunk
    self.memory.records.set(records, index * self.size.chunk)
    self.memory.chunksSorted += 1
    reportProgress(self)
  }
  if (self.memory.chunksHandedOut < chunkCount(self.size)) {
    const index = self.memory.chunksHandedOut
    self.send(from, 'chunk', { index, records: chunkAt(self, index) } satisfies Chunk)
    self.memory.chunksHandedOut += 1
    return self.receive({})
  }
  self.send(from, 'home')
  self.memory.workersSentHome += 1
  // A worker goes home only after its last chunk has come back: when all are home, everything is sorted.
  return self.memory.workersSentHome < self.processes - 1 ? self.receive({}) : self.next()
}

function sortAlone(self: Process): Next {
  chunkAt(self, self.memory.chunksSorted).sort()
  self.memory.chunksSorted += 1
  reportProgress(self)
  return self.next()
}

/** Emits the next slice of the merged records. */
function merge(self: Process): Next {
  const { memory } = self
  const slice = new Float64Array(Math.min(sliceLength(self.size), memory.records.length - memory.emitted))
  mergeInto(slice, self)
  memory.checksum = checksumOf(slice, memory.checksum)
  memory.emitted += slice.length
  if (slice.length > 0) self.emit(slice)
  reportProgress(self)
  return memory.emitted < memory.records.length ? self.next() : self.done(summary(self))
}

/** Fills `slice` with the smallest records that are left, and counts them in `emittedOf`. */
function mergeInto(slice: Float64Array, self: Process): void {
  const { records, emittedOf } = self.memory
  const chunk = self.size.chunk
  // A binary heap of the chunks that have records left; `heads[i]` is the smallest record left of `chunks[i]`.
  const chunks = new Uint32Array(emittedOf.length)
  const heads = new Float64Array(emittedOf.length)
  let count = 0
  const sink = (hole: number, head: number, index: number): void => {
    let at = hole
    for (let child = 2 * at + 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && heads[child + 1]! < heads[child]!) child += 1
      if (head <= heads[child]!) break
      heads[at] = heads[child]!
      chunks[at] = chunks[child]!
      at = child
    }
    heads[at] = head
    chunks[at] = index
  }

  const endOf = (index: number): number => Math.min((index + 1) * chunk, records.length)
  for (let index = 0; index < emittedOf.length; index += 1) {
    const next = index * chunk + emittedOf[index]!
    if (next === endOf(index)) continue
    heads[count] = records[next]!
    chunks[count] = index
    count += 1
  }
  for (let at = (count >> 1) - 1; at >= 0; at -= 1) sink(at, heads[at]!, chunks[at]!)

  for (let position = 0; position < slice.length; position += 1) {
    slice[position] = heads[0]!
    const index = chunks[0]!
    emittedOf[index]! += 1
    const next = index * chunk + emittedOf[index]!
    if (next < endOf(index)) {
      sink(0, records[next]!, index)
    } else {
      count -= 1
      sink(0, heads[count]!, chunks[count]!)
    }
  }
}

function chunkCount({ records, chunk }: Size): number {
  return Math.ceil(records / chunk)
}

/** One chunk, but never so little that setting up the merge takes longer than the merge. */
function sliceLength(size: Size): number {
  return Math.max(size.chunk, chunkCount(size))
}

function chunkAt({ memory, size }: Process, index: number): Float64Array {
  return memory.records.subarray(index * size.chunk, (index + 1) * size.chunk)
}

function reportProgress({ memory, size, progress }: Process): void {
  const slicesEmitted = Math.ceil(memory.emitted / sliceLength(size))
  progress(memory.chunksSorted + slicesEmitted, chunkCount(size) + Math.ceil(size.records / sliceLength(size)))
}

function summary({ memory, size }: Process) {
  const { records, emittedOf } = memory
  const firsts = Array.from(emittedOf, (_, index) => records[index * size.chunk]!)
  const lasts = Array.from(emittedOf, (count, index) => records[index * size.chunk + count - 1]!)
  return {
    records: records.length,
    chunks: emittedOf.length,
    min: records.length > 0 ? shown(firsts.reduce((least, value) => Math.min(least, value))) : null,
    max: records.length > 0 ? shown(lasts.reduce((most, value) => Math.max(most, value))) : null,
    checksum: printChecksum(memory.checksum),
  }
}

/** A number of the result; as a text if JSON would fill it up with zeros. */
function shown(value: number): number | string {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? printNumber(value) : value
}

/** The same ones for the same seed on every machine. */
function fillWithRandom(records: Float64Array, seed: number): void {
  const random = randomWords(seed)
  for (let index = 0; index < records.length; index += 1) records[index] = random()
}

/** All numbers of the input, gathered in parts, since their count shows only at the end. */
async function parseNumbers(blocks: AsyncIterable<InputBlock>, file: string): Promise<Float64Array> {
  const parts: Float64Array[] = []
  for await (const { first, lines } of blocks) {
    const part = new Float64Array(lines.length)
    let count = 0
    lines.forEach((line, index) => {
      const text = line.trim()
      if (text === '') return
      part[count] = readNumber(text, `${file}:${first + index}`)
      count += 1
    })
    parts.push(part.subarray(0, count))
  }
  const numbers = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    numbers.set(part, offset)
    offset += part.length
  }
  return numbers
}
