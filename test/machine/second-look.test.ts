/** The second look at a host that does not answer, with knocks that the test answers. */
import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { knock } from '../../src/machine/launcher/hosts/knock.ts'
import { SecondLook } from '../../src/machine/launcher/hosts/second-look.ts'

/** Answers to knocks, in turn; after the last one nothing comes back. */
function lookOf(...answers: ('there' | 'refused')[]): SecondLook {
  return new SecondLook(() => {
    const answer = answers.shift()
    return answer === undefined ? new Promise(() => {}) : Promise.resolve(answer)
  })
}

/** Asks until it is lost, and says after how many milliseconds it was; null: not within the time. */
async function lostAfterMs(look: SecondLook, limitMs: number, silentMs = 200): Promise<number | null> {
  const began = performance.now()
  for (;;) {
    const passed = performance.now() - began
    if (look.isLost(silentMs + passed)) return passed
    if (passed > limitMs) return null
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('a host of which nothing comes back is lost, not before it had time to answer', async () => {
  expect(await lostAfterMs(lookOf(), 5000)).toBeGreaterThanOrEqual(140)
})

test('a host that refuses is there, and its daemon is not', async () => {
  expect(await lostAfterMs(lookOf('refused'), 5000)).toBeLessThan(140)
})

test('a host that is there is waited for, and looked at again', async () => {
  expect(await lostAfterMs(lookOf('there', 'there', 'there', 'there', 'there'), 800)).toBeNull()
  expect(await lostAfterMs(lookOf('there'), 5000)).toBeGreaterThanOrEqual(440)
})

test('it is not waited for for ever', () => {
  const look = lookOf('there')
  expect([look.isLost(200), look.isLost(3001)]).toEqual([false, true])
})

test('once it is heard the next look begins anew', async () => {
  const look = lookOf('refused', 'there')
  look.isLost(200)
  await vi.waitFor(() => expect(look.isLost(200)).toBe(true))
  look.heard()
  expect(look.isLost(200)).toBe(false)
  await Promise.resolve()
  expect(look.isLost(200)).toBe(false)
})

test('knocking finds out whether anybody listens', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  expect(await knock('127.0.0.1', port)).toBe('there')
  await new Promise<void>((resolve) => server.close(() => resolve()))
  expect(await knock('127.0.0.1', port)).toBe('refused')
})
