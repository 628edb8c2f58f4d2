import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { HeldWatch } from '../../src/machine/processor/held-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watching() {
  const heldBytes = vi.fn(() => 5)
  const tell = vi.fn()
  return { heldBytes, tell, watch: new HeldWatch({ heldBytes, tell }) }
}

it('tells who is held up for two seconds, once, and when it goes on', () => {
  const { watch, tell } = watching()
  watch.note(true)
  vi.advanceTimersByTime(1900)
  watch.note(true)
  expect(tell).not.toHaveBeenCalled()
  vi.advanceTimersByTime(100)
  expect(tell.mock.calls).toEqual([[5]])
  vi.advanceTimersByTime(10_000)
  watch.note(false)
  watch.note(false)
  expect(tell.mock.calls).toEqual([[5], [0]])
})

it('tells nothing of who goes on sooner, or has nothing to do', () => {
  const { watch, tell, heldBytes } = watching()
  for (let turn = 0; turn < 5; turn += 1) {
    watch.note(true)
    vi.advanceTimersByTime(1900)
    watch.note(false)
  }
  heldBytes.mockReturnValueOnce(0)
  watch.note(true)
  vi.advanceTimersByTime(3900)
  expect(tell).not.toHaveBeenCalled()
  // Until something comes that it would do.
  vi.advanceTimersByTime(100)
  expect(tell.mock.calls).toEqual([[5]])
})
