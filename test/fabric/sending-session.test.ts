import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { type Link, SendingSession, type SessionMessage, SlotPool } from '../../src/fabric/index.ts'

/** Acknowledges each message after 30 ms, whatever the thread that sent it does meanwhile. */
const worker = new Worker(
  `const { parentPort } = require('node:worker_threads')
   let has = 0
   parentPort.on('message', () => setTimeout(() => parentPort.postMessage(['has', 1, (has += 1)]), 30))
   parentPort.postMessage('ready')`,
  { eval: true },
)
const ready = once(worker, 'message')
afterAll(() => worker.terminate())
afterEach(() => void vi.useRealTimers())

function linkTo(): Link {
  const link: Partial<Link> & { onMessage: Link['onMessage'] } = {
    ...{ peer: null, queuedBytes: 0, receivedBytes: 0, closed: false, onMessage: null, onClose: null },
    send(message) {
      if (!Array.isArray(message)) worker.postMessage(null)
      return 10
    },
    whenDrained: async () => {},
    destroy: () => {},
    reject(reason) {
      throw new Error(reason)
    },
  }
  worker.on('message', (has) => link.onMessage?.(has))
  return link as Link
}

it('takes no link for broken because its own thread was held up: what has come meanwhile is read first', async () => {
  await ready
  let links = 0
  const told: string[] = []
  const timing = { ackMs: 5, overdueMs: 200, retryMs: 2, downMs: 200 }
  const session = new SendingSession({
    ...{ timing, slots: null },
    connect: async () => {
      links += 1
      return linkTo()
    },
    onDown: (detail) => told.push(detail),
    onUp: () => {},
  })
  await vi.waitFor(() => expect(session.isOpen).toBe(true))
  for (let time = 1; time <= 3; time += 1) {
    session.send({ epoch: 1 })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  session.drop()
  expect(told).toEqual([])
  expect(links).toBe(1)
})

it('has no timer while nothing is on its way, and one as soon as something may be overdue', async () => {
  vi.useFakeTimers()
  const timing = { ackMs: 5, overdueMs: 200, retryMs: 2, downMs: 200 }
  const links: Link[] = []
  const session = new SendingSession({
    ...{ timing, slots: null },
    connect: async () => {
      links.push({ send: () => 10, destroy: () => {} } as Partial<Link> as Link)
      return links.at(-1)!
    },
    onDown: () => {},
    onUp: () => {},
  })
  await vi.advanceTimersByTimeAsync(1000)
  expect([vi.getTimerCount(), links.length]).toEqual([0, 1])
  session.send({ epoch: 1 })
  session.send({ epoch: 1 })
  expect(vi.getTimerCount()).toBe(1)
  links[0]!.onMessage!(['has', 1, 2])
  await vi.advanceTimersByTimeAsync(1000)
  expect([vi.getTimerCount(), links.length]).toEqual([0, 1])
  session.send({ epoch: 1 })
  await vi.advanceTimersByTimeAsync(300)
  // What it says nothing of is sent on another one.
  expect(links).toHaveLength(2)
  session.drop()
  await vi.advanceTimersByTimeAsync(100)
  expect(vi.getTimerCount()).toBe(0)
})

it.each([
  ['maps them', false],
  ['is on another computer', true],
])('gives its slots to others while there is no link, where the receiver %s', async (_, isRemote) => {
  vi.useFakeTimers()
  const slots = new SlotPool({ slotBytes: 64 * 1024, slots: 1, sharing: null })
  const sent: unknown[] = []
  const opened: ((link: Link) => void)[] = []
  const newLink = (): Link =>
    ({ send: (message: unknown) => sent.push(message), destroy() {} }) as Partial<Link> as Link
  const session = new SendingSession({
    ...{ timing: { ackMs: 5, overdueMs: 200, retryMs: 2, downMs: 200 }, slots, isRemote },
    connect: () => new Promise((resolve) => opened.push(resolve)),
    onDown: () => {},
    onUp: () => {},
  })
  const [first, second] = [newLink(), newLink()]
  opened[0]!(first)
  await vi.advanceTimersByTimeAsync(1)
  const arena = slots.using(() => {
    const bytes = slots.room(50_000).fill(7)
    session.send({ epoch: 1, bytes } as SessionMessage)
    return slots.slotOf(bytes)!.arena
  })
  expect(slots.isFree).toBe(false)
  first.onClose!({ kind: 'lost', detail: 'cut' })
  await vi.advanceTimersByTimeAsync(1000)
  const next = slots.using(() => slots.slotOf(slots.room(50_000).fill(8))!)
  // Whoever has mapped the former arena may be reading in it still.
  expect(next.arena === arena).toBe(isRemote)
  opened[1]!(second)
  await vi.advanceTimersByTimeAsync(1)
  second.onMessage!(['has', 1, 0])
  expect(new Set((sent.at(-1) as { readonly bytes: Uint8Array }).bytes)).toEqual(new Set([7]))
  session.drop()
})
