import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProcessorHandle } from '../../src/machine/launcher/crew/processor-handle.ts'
import { FaultSchedule } from '../../src/machine/launcher/fault-schedule.ts'
import type { Fault } from '../../src/machine/run.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const every: Fault = { kind: 'kill', who: 'random', when: { kind: 'every', ms: 1000 } }

/** A machine of three processors. `lose` leaves it without the one that was hit, until `recover`. */
function machine(...faults: readonly Fault[]) {
  const struck: string[] = []
  let isWhole = true
  let isNoticed = true
  let handles: ProcessorHandle[] = []
  const recover = (): void => {
    handles = ['a0', 'a1', 'c0'].map((name) => ({ name, struckMs: null, signal() {} }) as unknown as ProcessorHandle)
    isWhole = true
    schedule.strike()
  }
  const schedule = new FaultSchedule({
    ...{ faults, seed: 1 },
    targets: () => handles.map((handle, index) => ({ place: (['a0', 'a1', 'c0'] as const)[index]!, handle })),
    isWhole: () => isWhole,
    onStrike: (kind) => {
      struck.push(kind)
      if (kind === 'kill' && isNoticed) isWhole = false
    },
  })
  recover()
  const hide = (): void => {
    isNoticed = false
  }
  return { struck, recover, schedule, hide }
}

test('what comes again and again comes so long after the time before', () => {
  const { struck, recover, schedule } = machine(every)
  schedule.begin()
  for (let commit = 1; commit <= 4; commit += 1) {
    vi.advanceTimersByTime(999)
    expect(struck).toHaveLength(commit - 1)
    vi.advanceTimersByTime(1)
    expect(struck).toHaveLength(commit)
    recover()
    schedule.committed(commit)
  }
  expect(schedule.left).toEqual([])
  schedule.stop()
})

test('it waits until the machine is whole, and has committed something new', () => {
  const { struck, recover, schedule } = machine(every)
  schedule.begin()
  schedule.committed(3)
  vi.advanceTimersByTime(1000)
  expect(struck).toHaveLength(1)
  vi.advanceTimersByTime(5000)
  schedule.strike()
  expect(struck).toHaveLength(1)
  recover()
  // Or the same work would be taken back for ever.
  expect(struck).toHaveLength(1)
  schedule.committed(4)
  expect(struck).toHaveLength(2)
  schedule.stop()
})

test('with a commit while the machine is not whole, it waits for that alone', () => {
  const { struck, recover, schedule } = machine(every)
  schedule.begin()
  vi.advanceTimersByTime(2000)
  schedule.committed(1)
  expect(struck).toHaveLength(1)
  recover()
  expect(struck).toHaveLength(2)
  schedule.stop()
})

test('it waits for a loss too that nobody has noticed yet', () => {
  const { struck, recover, schedule, hide } = machine(every)
  hide()
  schedule.begin()
  vi.advanceTimersByTime(1000)
  // Decided before the loss, told after it.
  schedule.committed(1)
  vi.advanceTimersByTime(1000)
  expect(struck).toHaveLength(1)
  recover()
  expect(struck).toHaveLength(2)
  schedule.stop()
})

test('other faults come once, and do not wait; what never came is left', () => {
  const once: Fault = { kind: 'kill', who: 'a1', when: { kind: 'commit', checkpoint: 2 } }
  const { struck, schedule } = machine(once, every)
  schedule.begin()
  schedule.committed(2)
  schedule.committed(3)
  expect(struck).toHaveLength(1)
  vi.advanceTimersByTime(5000)
  expect(struck).toHaveLength(1)
  expect(schedule.left).toEqual([every])
  schedule.stop()
})
