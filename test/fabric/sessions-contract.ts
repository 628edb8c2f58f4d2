import type { NetConnectOpts } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  type Link,
  type MemorySharing,
  ReceivingSession,
  SendingSession,
  type SessionTiming,
  SlotPool,
} from '../../src/fabric/index.ts'
import { type FabricUnderTest, nextTurn, pattern, useFabric } from './harness.ts'
import { LinkProxy, type ProxyOptions, strikeKinds } from './proxy.ts'

/** Of a computer that has nothing else to do a tenth of it would do. */
export const quickTiming: SessionTiming = { ackMs: 5, overdueMs: 200, retryMs: 2, downMs: 400 }

export interface ProxiedFabric extends FabricUnderTest {
  /** Another address, for what stands before the one who listens. */
  frontOf(address: string): string
  /** As `net` wants it. */
  parts(address: string): NetConnectOpts
}

export interface Numbered {
  readonly epoch: number
  readonly index: number
  readonly bytes?: Uint8Array
}

type Bench = ReturnType<typeof useFabric>

/** Two ends of sessions with a proxy between them. */
export async function proxiedSession(
  subject: ProxiedFabric,
  bench: Bench,
  {
    strike = () => null,
    timing = quickTiming,
    slots = null,
    onLent = null,
  }: Partial<ProxyOptions> & {
    timing?: SessionTiming
    slots?: SlotPool | null
    onLent?: ((bytes: Uint8Array, giveBack: () => void) => void) | null
  },
) {
  const arrived: Numbered[] = []
  const told: string[] = []
  let wake = (): void => {}
  const receiver = new ReceivingSession({
    ackMs: timing.ackMs,
    problemWith: () => null,
    onMessage(message, keep) {
      const lent = onLent ? keep() : null
      if (lent) onLent?.((message as Numbered).bytes!, lent)
      const { bytes, ...rest } = message as Numbered
      arrived.push(bytes ? { ...rest, bytes: bytes.slice() } : rest)
      wake()
    },
    onEnd: ({ kind, detail }) => {
      if (kind === 'damaged') told.push(detail)
    },
  })
  const means = slots ? { slots } : {}
  await bench.listen((link: Link) => receiver.accept(link, Number(link.peer?.attempt)), means)
  const front = subject.frontOf(bench.address)
  const proxy = await new LinkProxy({
    listen: subject.parts(front),
    target: subject.parts(bench.address),
    strike,
  }).open()
  const sender = new SendingSession({
    timing,
    slots,
    connect: (attempt) => subject.make(means).connect(front, { attempt }),
    onDown: () => told.push('down'),
    onUp: () => told.push('up'),
  })
  return {
    ...{ sender, proxy, arrived, told },
    async untilArrived(count: number): Promise<void> {
      while (arrived.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async close(): Promise<void> {
      sender.drop()
      await proxy.close()
    },
  }
}

/** What sessions promise, whatever they are over. */
export function sessionsContract(subject: ProxiedFabric, sharing: MemorySharing | null): void {
  describe(`${subject.name}: the contract of sessions`, () => {
    const bench = useFabric(subject)

    it.each(strikeKinds)('%s at each of twelve frames: all arrive once, in order', async (kind) => {
      for (let at = 0; at < 14; at += kind === 'swallow' || kind === 'mute' ? 4 : 1) {
        const one = await proxiedSession(subject, bench, { strike: (frames) => (frames === at ? kind : null) })
        const sent = Array.from(
          { length: 12 },
          (_, index): Numbered => ({ epoch: 1, index, ...(index % 7 === 3 ? { bytes: pattern(20_000) } : {}) }),
        )
        for (const message of sent) one.sender.send(message)
        await one.untilArrived(12)
        expect(isDeepStrictEqual(one.arrived, sent)).toBe(true)
        await one.sender.whenDrained(0)
        await one.close()
        await bench.closeAll()
      }
    })

    it('fields in slots keep their bytes over links that break, and the slots come back', async () => {
      const slots = new SlotPool({ slotBytes: 64 * 1024, slots: 4, sharing })
      const one = await proxiedSession(subject, bench, { slots, strike: (frames) => (frames % 9 === 8 ? 'cut' : null) })
      for (let index = 0; index < 40; index += 1) {
        while (!slots.isFree) await slots.whenFree()
        slots.using(() => {
          const bytes = slots.room(50_000)
          bytes.set(pattern(50_000))
          bytes[0] = index
          one.sender.send({ epoch: 1, index, bytes } as Numbered)
        })
        await nextTurn()
      }
      await one.untilArrived(40)
      for (const [place, { index, bytes }] of one.arrived.entries()) {
        expect([index, bytes![0]]).toEqual([place, place])
        expect(Buffer.compare(bytes!.subarray(1), pattern(50_000).subarray(1))).toBe(0)
      }
      expect(one.proxy.strikes).toBeGreaterThan(2)
      await one.close()
    })

    if (sharing) lentTest(subject, bench, sharing)

    it('a new epoch drops what is kept and goes on with what is new; what is of an old one is not sent', async () => {
      // After the hello, the place and the first message.
      const one = await proxiedSession(subject, bench, { strike: (frames) => (frames === 3 ? 'swallow' : null) })
      one.sender.send({ epoch: 1, index: 0 } as Numbered)
      await one.untilArrived(1)
      for (let index = 1; index < 50; index += 1) one.sender.send({ epoch: 1, index } as Numbered)
      one.sender.send({ epoch: 2, index: 100 } as Numbered)
      one.sender.send({ epoch: 1, index: 50 } as Numbered)
      one.sender.send({ epoch: 2, index: 101 } as Numbered)
      await one.untilArrived(3)
      await one.sender.whenDrained(0)
      expect(one.arrived).toEqual([
        { epoch: 1, index: 0 },
        { epoch: 2, index: 100 },
        { epoch: 2, index: 101 },
      ])
      await one.close()
    })

    it('whoever waits is woken by a new epoch and by the end, and what is kept is bounded by those who wait', async () => {
      const one = await proxiedSession(subject, bench, { strike: () => 'swallow' })
      const sent = new Promise<number>((resolve) => {
        let count = 0
        const next = async (): Promise<void> => {
          await one.sender.whenDrained(1_000_000)
          if (one.sender.closed) return resolve(count)
          one.sender.send({ epoch: 1, index: count, bytes: pattern(1_000_000) } as Numbered)
          count += 1
          setImmediate(next)
        }
        void next()
      })
      while (one.sender.queuedBytes < 1_000_000) await nextTurn()
      const woken = one.sender.whenDrained(0)
      one.sender.beginEpoch(2)
      await woken
      expect(one.sender.queuedBytes).toBeLessThanOrEqual(2_000_000)
      one.sender.drop()
      expect(await sent).toBeLessThan(40)
      expect(one.arrived).toEqual([])
      await one.close()
    })

    it('a message that comes slowly is not sent again for ever', async () => {
      const bytesPerMs = 2000
      const one = await proxiedSession(subject, bench, { bytesPerMs })
      const bytes = pattern(2 * quickTiming.overdueMs * bytesPerMs)
      one.sender.send({ epoch: 1, index: 0, bytes } as Numbered)
      await one.untilArrived(1)
      expect(Buffer.compare(one.arrived[0]!.bytes!, bytes)).toBe(0)
      expect(one.proxy.links).toBe(1)
      await one.close()
    })

    it('tells once that nothing gets through, and that it does again', async () => {
      let isBroken = true
      const one = await proxiedSession(subject, bench, { strike: () => (isBroken ? 'cut' : null) })
      one.sender.send({ epoch: 1, index: 0 } as Numbered)
      while (one.told.length === 0) await nextTurn()
      const { links } = one.proxy
      while (one.proxy.links < links + 5) await nextTurn()
      expect(one.told).toEqual(['down'])
      isBroken = false
      await one.untilArrived(1)
      while (one.told.length === 1) await nextTurn()
      expect(one.told).toEqual(['down', 'up'])
      await one.close()
    })
  })
}

function lentTest(subject: ProxiedFabric, bench: Bench, sharing: MemorySharing): void {
  it('a field that stays lent keeps its bytes until it is given back, over links that break too', async () => {
    const slots = new SlotPool({ slotBytes: 64 * 1024, slots: 4, sharing })
    const lent: { readonly bytes: Uint8Array; readonly giveBack: () => void }[] = []
    const one = await proxiedSession(subject, bench, {
      slots,
      strike: (frames) => (frames === 12 ? 'cut' : null),
      onLent: (bytes, giveBack) => lent.push({ bytes, giveBack }),
    })
    const send = (index: number): void =>
      slots.using(() => {
        const bytes = slots.room(50_000).fill(index)
        one.sender.send({ epoch: 1, index, bytes } as Numbered)
      })
    await one.sender.whenDrained()
    // The first goes through the socket, or waits for the lane.
    for (let index = 0; index < 3; index += 1) send(index)
    await one.untilArrived(3)
    for (let index = 3; index < 40; index += 1) {
      one.sender.send({ epoch: 1, index } as Numbered)
      await one.untilArrived(index + 1)
    }
    expect(one.proxy.strikes).toBe(1)
    // Whatever is made now lies elsewhere.
    for (let index = 40; index < 48; index += 1) send(index)
    await one.untilArrived(48)
    expect(lent.length).toBeGreaterThan(0)
    const first = lent.filter(({ bytes }) => bytes[0]! < 3)
    for (const { bytes } of first) expect(new Set(bytes).size).toBe(1)
    expect(first.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2].slice(3 - first.length))
    for (const { giveBack } of lent) giveBack()
    await slots.whenFree()
    await one.close()
  })
}
