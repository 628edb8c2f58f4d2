/** A processor that hears neither its crew nor others. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Isolation } from '../../src/machine/processor/isolation.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function isolated() {
  const others = { answer: false }
  const told: string[] = []
  const askPeers = vi.fn()
  const isolation = new Isolation({
    askPeers,
    hearsPeers: () => others.answer,
    onAlone: () => told.push('alone'),
    onHeard: (silentMs) => told.push(`heard after ${silentMs}`),
    nowMs: () => Date.now(),
  })
  return { isolation, others, told, askPeers }
}

it('stands still after two seconds without anybody, and goes on when the crew is heard', () => {
  const { isolation, told, askPeers } = isolated()
  isolation.noteEchoes(false)
  vi.advanceTimersByTime(1999)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1001)
  expect(told).toEqual(['alone'])
  isolation.noteEchoes(true)
  expect(told).toEqual(['alone', 'heard after 3000'])
  const { length } = askPeers.mock.calls
  vi.advanceTimersByTime(10_000)
  expect(askPeers.mock.calls).toHaveLength(length)
  expect(vi.getTimerCount()).toBe(0)
})

it('goes on without the crew while others answer, and as soon as they do', () => {
  const { isolation, others, told } = isolated()
  others.answer = true
  isolation.noteEchoes(false)
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([])
  others.answer = false
  vi.advanceTimersByTime(2500)
  others.answer = true
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['alone', 'heard after 2750'])
})

it('takes no time that it has slept through itself for silence', () => {
  const { isolation, told } = isolated()
  isolation.noteEchoes(false)
  vi.advanceTimersByTime(1000)
  vi.setSystemTime(Date.now() + 100_000)
  vi.advanceTimersByTime(900)
  isolation.noteEchoes(true)
  expect(told).toEqual([])
})
