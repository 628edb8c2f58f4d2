import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import { describeEndings, EarlyEndings } from '../../src/machine/launcher/crew/early-endings.ts'
import type { ProcessorHandle } from '../../src/machine/launcher/crew/processor-handle.ts'
import { StartWatch } from '../../src/machine/launcher/crew/start-watch.ts'
import type { ProcessSight } from '../../src/machine/local/process-sight.ts'
import { monotonicMs } from '../../src/machine/wire/control.ts'

const toFake = ['setInterval', 'clearInterval', 'hrtime'] as const
beforeEach(() => void vi.useFakeTimers({ toFake: [...toFake] }))
afterEach(() => void vi.useRealTimers())

/** `count` processes that start; `sight`: what the system says of each after so many milliseconds. */
function starting(count: number, sight: (afterMs: number) => ProcessSight | null) {
  const handles = Array.from({ length: count }, () => {
    return { startedMs: monotonicMs(), lastHeardMs: null, status: 'starting' } as unknown as {
      -readonly [Key in keyof ProcessorHandle]: ProcessorHandle[Key]
    }
  })
  const told: string[] = []
  let afterMs = 0
  const watch = new StartWatch({
    handles: () => handles as ProcessorHandle[],
    sightOf: () => sight(afterMs),
    onProgress: (ready, wanted) => told.push(`${ready} of ${wanted}`),
    onStuck: (handle) => {
      told.push('stuck')
      handles.splice(handles.indexOf(handle), 1)
    },
    onHopeless: (error) => {
      told.push(error instanceof UsageError ? `hopeless: ${error.message}` : 'a defect')
      watch.stop()
    },
  })
  watch.start()
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 500) {
      afterMs += 500
      vi.advanceTimersByTime(500)
    }
  }
  return { handles, told, pass }
}

const without = (told: readonly string[]): string[] => told.filter((one) => !/^\d/.test(one))

it('tells after two seconds how far the start is, and no more once all were ready', () => {
  const { handles, told, pass } = starting(2, (ms) => ({ state: 'R', cpuMs: ms / 10 }))
  pass(1500)
  expect(told).toEqual([])
  pass(500)
  handles[0]!.status = 'serving'
  pass(500)
  expect(told).toEqual(['0 of 2', '1 of 2'])
  handles[1]!.status = 'serving'
  pass(500)
  handles[1]!.status = 'starting'
  pass(5000)
  expect(told).toEqual(['0 of 2', '1 of 2'])
})

it('tells nothing where nobody is started', () => {
  const { told, pass } = starting(0, () => null)
  pass(10_000)
  expect(told).toEqual([])
})

it('waits for what gets a little time, and for what waits for a core', () => {
  // A fifth of a core for 48 processes.
  const slow = starting(48, (ms) => ({ state: 'S', cpuMs: Math.floor(ms / 240 / 10) * 10 }))
  slow.pass(110_000)
  expect(without(slow.told)).toEqual([])
  const waiting = starting(7, (ms) => ({ state: 'R', cpuMs: Math.floor(ms / 500) * 10 }))
  waiting.pass(110_000)
  expect(without(waiting.told)).toEqual([])
})

it('gives up what had more than enough and does not come, or does nothing at all', () => {
  const endless = starting(1, (ms) => ({ state: 'R', cpuMs: ms }))
  endless.pass(30_000)
  expect(without(endless.told)).toEqual([])
  endless.pass(1000)
  expect(without(endless.told)).toEqual(['stuck'])
  const asleep = starting(1, () => ({ state: 'S', cpuMs: 400 }))
  asleep.pass(30_000)
  expect(without(asleep.told)).toEqual([])
  asleep.pass(1500)
  expect(without(asleep.told)).toEqual(['stuck'])
})

it('says that the computer is too busy when all that start get next to nothing', () => {
  const { told, pass } = starting(24, () => ({ state: 'R', cpuMs: 0 }))
  pass(59_000)
  expect(without(told)).toEqual([])
  pass(3000)
  expect(without(told)).toHaveLength(1)
  expect(without(told)[0]).toMatch(
    /^hopeless: this computer is too busy or too small \(load \d+\.\d on \d+ cores?\): 24 processors that start get next to no processor time; use fewer processes/,
  )
})

it('goes by the clock where nobody can look, in proportion to what starts', () => {
  const few = starting(1, () => null)
  few.pass(17_000)
  expect(without(few.told)).toEqual([])
  few.pass(500)
  expect(without(few.told)).toEqual(['stuck'])
  const many = starting(20, () => null)
  many.pass(55_000)
  expect(without(many.told)).toEqual([])
})

it('counts those that were started together once: they may have ended of one cause', () => {
  const early = new EarlyEndings()
  expect([1, 2, 3, 4].map((id) => early.note(id, 4))).toEqual([null, null, null, null])
  expect([5, 6, 7].map((id) => early.note(id, 7))).toEqual([null, null, null])
  expect(early.note(9, 9)).toBe(3)
})

it('counts endings one after another, and says so many', () => {
  const early = new EarlyEndings()
  expect([early.note(1, 1), early.note(2, 2)]).toEqual([null, null])
  early.reset()
  expect([early.note(3, 3), early.note(4, 4), early.note(5, 5), early.note(6, 6)]).toEqual([null, null, 3, 4])
  const ended = (ending: string) => describeEndings('processors', 3, `its process ${ending}`, { ending }, true)
  expect(ended('ended with exit code 9').message).toBe(
    '3 processors in a row ended before they were ready; the last: its process ended with exit code 9',
  )
  expect(ended('was ended by SIGKILL')).toMatchObject({ name: 'UncoveredLossError' })
  const late = describeEndings('processors', 3, 'it does not get ready', { ending: 'was ended by SIGKILL' }, false)
  expect(late).toBeInstanceOf(UsageError)
  expect(late.message).toMatch(/too busy or too small .*: 3 processors in a row did not get ready; use fewer/)
})
