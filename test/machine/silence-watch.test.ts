import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Hand } from '../../src/machine/launcher/crew/hand.ts'
import { SilenceWatch } from '../../src/machine/launcher/crew/silence-watch.ts'

const toFake = ['setInterval', 'clearInterval', 'hrtime'] as const
beforeEach(() => void vi.useFakeTimers({ toFake: [...toFake] }))
afterEach(() => void vi.useRealTimers())

function watched(names: readonly string[]) {
  const hands = new Map(
    names.map((name) => [name, { name, startedMs: 0, lastHeardMs: null, silent: false } as unknown as Hand]),
  )
  const told: string[] = []
  const nameOf = (hand: Hand): string => (hand as unknown as { name: string }).name
  const watch = new SilenceWatch({
    hands: () => [...hands.values()],
    onSilent: (hand) => told.push(`${nameOf(hand)} silent`),
    onHeard: (hand) => told.push(`${nameOf(hand)} heard`),
  })
  watch.start()
  /** Lets `ms` pass, with a beat of `beating` every `intervalMs`. */
  const pass = (ms: number, beating: readonly string[], intervalMs = 100): void => {
    for (let at = 0; at < ms; at += 50) {
      if (at % intervalMs === 0) for (const name of beating) watch.heard(hands.get(name)!)
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

it('tells of a processor that never beats at all', () => {
  const { told, pass } = watched(['one', 'frozen at birth'])
  pass(14_000, ['one'])
  expect(told).toEqual([])
  pass(2000, ['one'])
  expect(told).toEqual(['frozen at birth silent'])
})
