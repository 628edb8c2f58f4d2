// What `paritas measure` runs: each process computes on its memory, and meanwhile writes over a share of its pages in
// each interval, whole pages in random order. The share follows the clock, not the steps, so that it is the same on
// every machine; what is computed is the same number of steps, however long they take.
import { defineProgram, integer, number, type Self, u32 } from 'paritas'

const size = {
  pages: integer({ default: 16_384, min: 1, max: 2 ** 19, help: 'memory of each process, in pages of 4 KiB' }),
  changed: number({ default: 10, min: 0, max: 100, help: 'pages that are written over in each interval, in percent' }),
  intervalMs: integer({ default: 500, min: 1, help: 'the interval, in milliseconds' }),
  load: number({ default: 100, min: 0, max: 100, help: 'share of the time that processes compute, in percent' }),
  steps: integer({ default: 10_000, min: 1, help: 'steps of each process' }),
  warmUpSteps: integer({ default: 0, min: 0, help: 'steps before those that are timed' }),
}

const wordsPerPage = 1024
/** Read in one step: about two milliseconds. */
const pagesReadPerStep = 1000
/** Where all pages are to change, some intervals are a little short. */
const haste = 1.25

function memory({ size: { pages } }: { size: { pages: number } }) {
  return { words: u32(pages * wordsPerPage), sum: u32(), step: u32() }
}

type Process = Self<typeof size, ReturnType<typeof memory>>

/** How far a process has come through its pages. Not part of its state: after a recovery it begins anew. */
interface Way {
  readonly order: Uint32Array
  at: number
  /** Pages that are due, in fractions too. */
  due: number
  atMs: number
}

/** Of a process that computes nothing, between two looks at what is due to be written. */
const restMs = 2
/** To sleep on: nobody ever wakes a thread that waits for it. */
const bed = new Int32Array(new SharedArrayBuffer(4))

let way: Way | null = null
let timedFromMs = clockMs()

export default defineProgram({
  name: 'scattered-writes',
  description: 'computes, and writes over a share of its pages in each interval',
  size,
  memory,
  start(self) {
    // Memory that was never written costs nothing, neither to copy nor to send: so it is all written once.
    for (let page = 0; page < self.size.pages; page += 1) writePage(self, page)
    return self.next()
  },
  step(self) {
    if (self.memory.step === self.size.warmUpSteps) timedFromMs = clockMs()
    writeDuePages(self)
    work(self)
    self.memory.step += 1
    self.progress(self.memory.step, self.size.steps)
    if (self.memory.step < self.size.steps) return self.next()
    return self.done({ timedMs: clockMs() - timedFromMs })
  },
})

function clockMs(): number {
  return performance.now()
}

function writeDuePages(self: Process): void {
  const { pages, changed, intervalMs } = self.size
  way ??= { order: shuffled(pages, self.rank + 1), at: 0, due: 0, atMs: clockMs() }
  const nowMs = clockMs()
  const share = ((changed === 100 ? haste : 1) * changed) / 100
  way.due += Math.min(1, (nowMs - way.atMs) / intervalMs) * share * pages
  way.atMs = nowMs
  for (; way.due >= 1; way.due -= 1) {
    writePage(self, way.order[way.at]!)
    way.at = (way.at + 1) % pages
  }
}

function writePage({ memory: { words, sum, step }, rank }: Process, page: number): void {
  const begin = page * wordsPerPage
  const value = Math.imul(step + 1, 0x9e3779b1) + sum + rank
  for (let index = 0; index < wordsPerPage; index += 1) words[begin + index] = value ^ Math.imul(index + 1, 0x85ebca6b)
}

/** Computes, and rests for as long as the load leaves free. */
function work(self: Process): void {
  const { load } = self.size
  const startMs = clockMs()
  if (load > 0) compute(self)
  if (load < 100) Atomics.wait(bed, 0, 0, load > 0 ? ((clockMs() - startMs) * (100 - load)) / load : restMs)
}

function compute({ memory, size: { pages } }: Process): void {
  const { words } = memory
  let hash = memory.sum
  const count = Math.min(pages, pagesReadPerStep) * wordsPerPage
  const from = (memory.step * pagesReadPerStep * wordsPerPage) % words.length
  const end = Math.min(words.length, from + count)
  for (let index = from; index < end; index += 1) hash = Math.imul(hash ^ words[index]!, 0x01000193)
  memory.sum = hash
}

/** The numbers below `count`, in an order that follows from `seed` (Fisher and Yates, with a generator of Marsaglia's). */
function shuffled(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  let state = seed
  for (let left = count; left > 1; left -= 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const other = (state >>> 0) % left
    const value = order[other]!
    order[other] = order[left - 1]!
    order[left - 1] = value
  }
  return order
}
