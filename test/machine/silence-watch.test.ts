import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProcessorHandle } from '../../src/machine/launcher/crew/processor-handle.ts'
import { SilenceWatch } from '../../src/machine/launcher/crew/silence-watch.ts'
import type { ProcessSight } from '../../src/machine/local/process-sight.ts'

const toFake = ['setInterval', 'clearInterval', 'hrtime'] as const
beforeEach(() => void vi.useFakeTimers({ toFake: [...toFake] }))
afterEach(() => void vi.useRealTimers())

/** `sight`: what the system says of the thread that beats for `two`. */
function watched(names: readonly string[], sight: () => ProcessSight | null = () => null) {
  const handles = new Map(
    names.map((name) => [name, { name, startedMs: 0, lastHeardMs: null, silent: false } as unknown as ProcessorHandle]),
  )
  const told: string[] = []
  const nameOf = (handle: ProcessorHandle): string => (handle as unknown as { name: string }).name
  const watch = new SilenceWatch({
    handles: () => [...handles.values()],
    sightOf: (handle) => (nameOf(handle) === 'two' ? sight() : null),
    onSlow: (handle) => told.push(`${nameOf(handle)} slow`),
    onSilent: (handle) => told.push(`${nameOf(handle)} silent`),
    onHeard: (handle) => told.push(`${nameOf(handle)} heard`),
  })
  watch.start()
  /** Lets `ms` pass, with a beat of `beating` every `intervalMs`. */
  const pass = (ms: number, beating: readonly string[], intervalMs = 100): void => {
    for (let at = 0; at < ms; at += 50) {
      if (at % intervalMs === 0) for (const name of beating) watch.heard(handles.get(name)!)
      vi.advanceTimersByTime(50)
    }
  }
  return { told, pass }
}

it('tells of a processor that misses three beats, and of its return', () => {
  const { told, pass } = watched(['one', 'two'])
  pass(1000, ['one', 'two'])
  pass(150, ['one'])
  expect(told).toEqual([])
  pass(200, ['one'])
  expect(told).toEqual(['two silent'])
  pass(100, ['two'])
  expect(told).toEqual(['two silent', 'two heard'])
})

it('waits longer when everybody is late, and short again when that is over', () => {
  const { told, pass } = watched(['one', 'two'])
  pass(1000, ['one', 'two'], 250)
  pass(350, ['one'], 250)
  expect(told, 'three times 250 ms are not over').toEqual([])
  pass(400, ['one'], 250)
  expect(told).toEqual(['two silent'])
})

describe('a processor that is suspected', () => {
  it('is slow and not silent while it waits for a core, which is told once', () => {
    const { told, pass } = watched(['one', 'two'], () => ({ state: 'R', cpuMs: 30 }))
    pass(1000, ['one', 'two'])
    pass(30_000, ['one'])
    expect(told).toEqual(['two slow'])
    pass(500, ['one', 'two'])
    pass(3000, ['one'])
    expect(told).toEqual(['two slow', 'two slow'])
  })

  it('is silent at once when it is stopped', () => {
    const { told, pass } = watched(['one', 'two'], () => ({ state: 'T', cpuMs: 30 }))
    pass(1000, ['one', 'two'])
    pass(350, ['one'])
    expect(told).toEqual(['two silent'])
  })

  it('is silent when it runs and runs and does not beat', () => {
    let cpuMs = 30
    const { told, pass } = watched(['one', 'two'], () => {
      cpuMs += 45
      return { state: 'R', cpuMs }
    })
    pass(1000, ['one', 'two'])
    pass(1000, ['one'])
    expect(told).toEqual([])
    pass(600, ['one'])
    expect(told).toEqual(['two silent'])
  })

  it('is silent when it is stopped after it was slow', () => {
    let state = 'R'
    const { told, pass } = watched(['one', 'two'], () => ({ state, cpuMs: 30 }))
    pass(1000, ['one', 'two'])
    pass(1000, ['one'])
    state = 'T'
    pass(50, ['one'])
    expect(told).toEqual(['two silent'])
  })
})

it('leaves a processor that has never beaten to those who watch over its start', () => {
  const { told, pass } = watched(['one', 'not yet there'])
  pass(60_000, ['one'])
  expect(told).toEqual([])
})
