import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ExpectedMemory } from '../../src/machine/launcher/crew/expected-memory.ts'
import { CopiesAhead, longestRuns } from '../../src/machine/processor/copies-ahead.ts'
import { TouchAhead } from '../../src/machine/processor/touch-ahead.ts'
import { createProtectedMemory } from '../../src/memory/index.ts'
import { portableKernels } from '../../src/parity/index.ts'

const pageBytes = 4096

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Notes what it is told, and has done it at once unless `isStuck`. */
function fakeToucher() {
  const told: string[] = []
  return {
    told,
    isStuck: false,
    refuses: false,
    touch(bytes: Uint8Array, pages: Uint32Array, niceness: number) {
      told.push(`${bytes.length / pageBytes}: ${[...pages]} at ${niceness}`)
      return !this.refuses
    },
    hurry: (niceness: number) => void told.push(`hurry ${niceness}`),
    isBusy() {
      return this.isStuck
    },
    stop: () => void told.push('stop'),
  }
}

function touching(room: number, soonMs: number | null = null) {
  const toucher = fakeToucher()
  const rooms = { bytes: room }
  const ahead = new TouchAhead({ sharers: 7, soonMs, toucher, room: (sharers) => rooms.bytes / sharers })
  return { toucher, rooms, ahead }
}

const plenty = 7 * 2 ** 30
const bytes = (pages: number): Uint8Array => new Uint8Array(pages * pageBytes)

it('touches portion by portion, each when the one before is done', () => {
  const { toucher, ahead } = touching(plenty)
  ahead.add(bytes(3000), Uint32Array.of(0, 1000, 1500, 2000))
  ahead.add(bytes(9), Uint32Array.of(4, 6))
  vi.advanceTimersByTime(10)
  toucher.isStuck = true
  vi.advanceTimersByTime(1000)
  expect(toucher.told).toEqual(['3000: 0,1000,1500,1524 at 20'])
  toucher.isStuck = false
  vi.advanceTimersByTime(1000)
  expect(toucher.told.slice(1)).toEqual(['3000: 1524,2000 at 20', '9: 4,6 at 20'])
  expect(vi.getTimerCount()).toBe(0)
})

it('touches no more than there is room for, and nothing once there is none', () => {
  const { toucher, rooms, ahead } = touching(7 * 10 * pageBytes)
  ahead.add(bytes(100), Uint32Array.of(0, 100))
  vi.advanceTimersByTime(10)
  rooms.bytes = 7 * (pageBytes - 1)
  vi.advanceTimersByTime(1000)
  rooms.bytes = plenty
  vi.advanceTimersByTime(1000)
  expect(toucher.told).toEqual(['100: 0,10 at 20', 'stop'])
})

it('gives up where threads cannot be had', () => {
  const { toucher, ahead } = touching(plenty)
  toucher.refuses = true
  ahead.add(bytes(100), Uint32Array.of(0, 100))
  ahead.add(bytes(200), Uint32Array.of(0, 200))
  vi.advanceTimersByTime(1000)
  expect(toucher.told).toEqual(['100: 0,100 at 20', 'stop'])
  expect(vi.getTimerCount()).toBe(0)
})

it('takes as much as a program when it is needed soon, from the first on', () => {
  vi.stubEnv('PARITAS_PROGRAM_NICE', '19')
  const { toucher, ahead } = touching(plenty, 250)
  vi.advanceTimersByTime(1000)
  ahead.add(bytes(1), Uint32Array.of(0, 1))
  vi.advanceTimersByTime(249)
  ahead.add(bytes(2), Uint32Array.of(0, 2))
  vi.advanceTimersByTime(1000)
  expect(toucher.told).toEqual(['1: 0,1 at 20', 'hurry 19', '2: 0,2 at 19'])
  vi.unstubAllEnvs()
})

it('does nothing where nothing can be touched', () => {
  const ahead = new TouchAhead({ sharers: 1, soonMs: 1, toucher: null })
  ahead.add(bytes(1), Uint32Array.of(0, 1))
  expect([ahead.isPossible, vi.getTimerCount()]).toEqual([false, 0])
  ahead.stop()
})

it('follows a program through its memory until the second capture, and tells what is in use', () => {
  const { toucher, ahead } = touching(plenty)
  const told: (readonly number[])[] = []
  const resident = [Uint32Array.of(0, 8), Uint32Array.of(0, 9), Uint32Array.of(0, 8, 10, 20)]
  const memory = createProtectedMemory({
    kernels: portableKernels,
    programBytes: 64 * pageBytes,
    pageSizeBytes: pageBytes,
  })
  const aheadOfCapture: typeof memory.aheadOfCapture = () =>
    memory.aheadOfCapture(() => resident.shift() ?? new Uint32Array(0))
  const followed = {
    get captured() {
      return memory.captured
    },
    aheadOfCapture,
  } as typeof memory
  new CopiesAhead({ memory: followed, touching: ahead, tell: (count, pages) => told.push([count, ...pages]) }).start()
  vi.advanceTimersByTime(500)
  expect(toucher.told).toEqual(['64: 0,8 at 20', '64: 8,9 at 20', '64: 10,20 at 20'])
  // One page more than eight is no news.
  expect(told).toEqual([
    [8, 0, 8],
    [19, 0, 9, 10, 20],
  ])
  for (const checkpoint of [1, 2]) {
    memory.capture(checkpoint, new Map())
    memory.recycle(checkpoint)
  }
  vi.advanceTimersByTime(500)
  expect(vi.getTimerCount()).toBe(0)
})

it.each([
  [[0, 1, 5, 9, 20, 22], 2, [5, 9, 20, 22]],
  [[0, 1, 5, 9], 2, [0, 1, 5, 9]],
  [[], 2, []],
  [[0, 3, 4, 7, 8, 11], 2, [0, 3, 4, 7]],
])('of the runs %j the longest %i are %j', (runs, count, kept) => {
  expect(longestRuns(Uint32Array.from(runs), count)).toEqual(kept)
})

it('those who hold no process are told what the largest of them uses, also when they come later', () => {
  const told: string[] = []
  const handle = (name: string) => ({
    name,
    send: (order: object) => void told.push(`${name} ${JSON.stringify(order)}`),
  })
  const [process, check, spare] = [handle('a0'), handle('c0'), handle('spare')]
  const expected = new ExpectedMemory<typeof process>(({ name }) => name === 'a0')
  expected.tell(check)
  expected.note([0, 10], [process, check])
  expected.note([20, 30], [process, check])
  expected.note([0, 1, 20, 29], [process, check])
  expected.tell(spare)
  expected.note([0, 2, 20, 30], [check])
  expect(told).toEqual([
    'c0 {"type":"expect","pages":[0,10]}',
    'spare {"type":"expect","pages":[0,10]}',
    'c0 {"type":"expect","pages":[0,2,20,30]}',
  ])
})
