/** Whether a daemon hears a launcher, by a clock of the test's own. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HearingWatch } from '../../src/machine/daemon/hearing-watch.ts'

const told: string[] = []
let watch: HearingWatch
beforeEach(() => {
  told.length = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'hrtime'] })
  watch = new HearingWatch({
    onChange: (isHeard) => told.push(isHeard ? 'heard' : 'silent'),
    onGone: () => told.push('gone'),
  })
  watch.start()
})
afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

/** So long, with a beat every 50 ms or none. */
async function pass(ms: number, beats: boolean): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    await vi.advanceTimersByTimeAsync(50)
    if (beats) watch.heard()
  }
}

test('it is heard while beats come', async () => {
  await pass(10_000, true)
  expect(told).toEqual([])
})

test('after half a second without any it is not, and with the next it is again', async () => {
  await pass(5000, true)
  await pass(450, false)
  expect(told).toEqual([])
  await pass(300, false)
  expect(told).toEqual(['silent'])
  await pass(5000, false)
  expect(told).toEqual(['silent'])
  await pass(200, true)
  expect(told).toEqual(['silent', 'heard'])
})

test('after twenty seconds it will not come back', async () => {
  await pass(19_500, false)
  expect(told).toEqual(['silent'])
  await pass(2000, false)
  expect(told).toEqual(['silent', 'gone'])
})

test('a daemon that slept itself has not heard anybody, and takes nobody for silent', async () => {
  await pass(1000, true)
  const clock = process.hrtime.bigint()
  vi.spyOn(process.hrtime, 'bigint').mockReturnValue(clock + 30_000_000_000n)
  await vi.advanceTimersByTimeAsync(100)
  expect(told).toEqual([])
})

test('it is asked nothing once it is stopped', async () => {
  watch.stop()
  await pass(2000, false)
  expect(told).toEqual([])
})
