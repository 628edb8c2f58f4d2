import { describe, expect, it } from 'vitest'
import {
  type FabricOptions,
  type Link,
  type MemorySharing,
  SlotPool,
  sendPaced,
  unixFabric,
} from '../../src/fabric/index.ts'
import { type Bench, ended, type FabricUnderTest, nextTurn, pattern, quiet, received, useFabric } from './harness.ts'

const [slotBytes, slots] = [64 * 1024, 4]

interface Field {
  readonly index: number
  readonly bytes: Uint8Array
}

type WithSlots = FabricUnderTest & { newPool(): SlotPool }

const unix: Pick<FabricUnderTest, 'make' | 'freshAddress'> = {
  make: unixFabric,
  freshAddress: (directory) => `${directory}/a0.sock`,
}

/** A fabric whose links all send from one pool; over Unix sockets if `base` is not given. */
export function fabricWithSlots(name: string, sharing: MemorySharing | null, base = unix): WithSlots {
  const newPool = (): SlotPool => new SlotPool({ slotBytes, slots, sharing })
  let pool = newPool()
  const make = (options?: FabricOptions) => base.make({ ...options, slots: pool })
  return {
    name,
    make,
    freshAddress: base.freshAddress,
    newPool: () => {
      pool = newPool()
      return pool
    },
  }
}

/** What long fields that are made in slots are promised, whether they go by shared memory or through the socket. */
export function slotsContract(subject: WithSlots, isShared: boolean): void {
  describe(`${subject.name}: fields made in slots`, () => {
    const bench = useFabric(subject)
    describe('on their way', () => journeyTests(subject, bench, isShared))
    describe('and ends', () => endTests(subject, bench))
  })
}

/** More than the system keeps of a connection. */
const filler = new Uint8Array(16 * 2 ** 20)

/** Makes a field in a slot if there is one, and sends it on all links. */
function sendField(pool: SlotPool, links: readonly Link[], index: number, length = slotBytes): void {
  pool.using(() => {
    const bytes = pool.room(length)
    bytes.set(pattern(length))
    bytes[0] = index
    for (const link of links) link.send({ index, bytes })
  })
}

/** Sends one field, so that the two ends have agreed on a lane, or know that there is none. */
async function warmUp(pool: SlotPool, near: Link, far: Link): Promise<void> {
  near.onMessage = () => {}
  const first = received(far, 1)
  sendField(pool, [near], 255)
  await first
  far.onMessage = null
  await quiet(near)
}

function expectField({ index, bytes }: Field, length = slotBytes): void {
  expect(bytes.length).toBe(length)
  expect(bytes[0]).toBe(index & 255)
  expect(Buffer.compare(bytes.subarray(1), pattern(length).subarray(1))).toBe(0)
}

function journeyTests({ newPool, make }: WithSlots, bench: Bench, isShared: boolean): void {
  it('arrive with their bytes, in order with what is sent before and behind', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    near.onMessage = () => {}
    const arrived: number[] = []
    const all = new Promise<void>((resolve) => {
      far.onMessage = (message) => {
        if (typeof message === 'number') arrived.push(message)
        else {
          const field = message as Field
          expectField(field, field.index % 2 === 0 ? slotBytes : 9000)
          arrived.push(field.index)
        }
        if (arrived.length === 400) resolve()
      }
    })
    for (let index = 0; index < 200; index += 1) {
      sendField(pool, [near], index, index % 2 === 0 ? slotBytes : 9000)
      near.send(index)
      await near.whenDrained(0)
      await nextTurn()
    }
    await all
    expect(arrived).toEqual(Array.from({ length: 400 }, (_, at) => Math.floor(at / 2)))
  })

  it(`go ${isShared ? 'past' : 'through'} the socket once both ends know of each other`, async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    sendField(pool, [near], 1)
    if (isShared) expect(near.queuedBytes).toBeLessThan(200)
    else expect(near.queuedBytes).toBeGreaterThan(slotBytes)
    far.onMessage = (message) => expectField(message as Field)
    await quiet(near)
  })

  it(`wait for the first answer with what is sent behind them, and then go ${isShared ? 'past' : 'through'} the socket`, async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    near.onMessage = () => {}
    sendField(pool, [near], 0)
    near.send('behind it')
    sendField(pool, [near], 1)
    if (isShared) expect(near.queuedBytes).toBeLessThan(300)
    else expect(near.queuedBytes).toBeGreaterThan(2 * slotBytes)
    const arrived: unknown[] = []
    far.onMessage = (message) => {
      if (typeof message !== 'string') expectField(message as Field)
      arrived.push(typeof message === 'string' ? message : (message as Field).index)
    }
    while (arrived.length < 3 || !pool.isFree) await nextTurn()
    expect(arrived).toEqual([0, 'behind it', 1])
    await near.whenDrained(0)
  })

  it.each([
    ['that nobody reads', () => {}],
    ['that is paused', (near: Link) => near.pause()],
    ['that is closing', (near: Link) => near.close()],
  ])('wait for no answer on a link %s', async (_, stopReading) => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    if (stopReading.length > 0) near.onMessage = () => {}
    sendField(pool, [near], 0)
    stopReading(near)
    const [field] = await received(far, 1)
    expectField(field as unknown as Field)
    near.onMessage = () => {}
    near.resume()
    while (!pool.isFree) await nextTurn()
  })

  it('are paced by the slots that are free, and never overwritten before they were handled', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    near.onMessage = () => {}
    let handled = 0
    far.onMessage = (message) => {
      expectField(message as Field)
      expect((message as Field).index).toBe(handled)
      handled += 1
    }
    function* fields(): Generator<Field> {
      for (let index = 0; index < 500; index += 1) {
        const bytes = pool.room(slotBytes)
        bytes.set(pattern(slotBytes))
        bytes[0] = index
        yield { index, bytes }
      }
    }
    const pacing = { queuedBytesMax: 2 ** 20, stop: () => false, slots: pool }
    expect(await sendPaced([near], fields(), (field) => field, pacing)).toBe(500)
    while (handled < 500) await nextTurn()
  })

  it('wait for a peer that does not read; others are sent in memory of their own meanwhile', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    far.onMessage = () => {}
    far.pause()
    near.send({ filler })
    for (let index = 0; index < 3 * slots; index += 1) sendField(pool, [near], index)
    await quiet(near)
    expect(pool.isFree).toBe(false)
    const arrived: Field[] = []
    far.onMessage = (message) => {
      if (Object.hasOwn(message as object, 'filler')) return
      expectField(message as Field)
      arrived.push(message as Field)
    }
    far.resume()
    while (arrived.length < 3 * slots || !pool.isFree) await nextTurn()
    expect(arrived.map(({ index }) => index)).toEqual(Array.from({ length: 3 * slots }, (_, index) => index))
  })

  it('that arrive while nobody takes them belong to their message', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    const kept: Field[] = []
    far.onMessage = (message) => {
      kept.push(message as Field)
      far.onMessage = null
    }
    for (let index = 0; index < slots; index += 1) sendField(pool, [near], index)
    await quiet(near)
    while (kept.length < slots) {
      far.onMessage = (message) => {
        kept.push(message as Field)
      }
      await nextTurn()
    }
    expect(kept.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    for (const field of kept.slice(1)) expect(field.bytes.length).toBe(slotBytes)
  })

  it('leave on several links at once, and their slot is free when all are through with it', async () => {
    const pool = newPool()
    const ends: Link[] = []
    await bench.listen((link) => ends.push(link))
    const nears = [await connectTo(bench, make, 1), await connectTo(bench, make, 2)]
    while (ends.length < 2) await nextTurn()
    const counts = [0, 0]
    for (const [at, end] of ends.entries()) {
      end.onMessage = (message) => {
        expectField(message as Field)
        counts[at]! += 1
      }
    }
    ends[1]!.pause()
    for (let index = 0; index < slots; index += 1) sendField(pool, nears, index)
    for (const near of nears) await quiet(near)
    ends[1]!.resume()
    while (counts[1]! < slots || !pool.isFree) await nextTurn()
    expect(counts).toEqual([slots, slots])
  })

  it(`${isShared ? 'stay as they are while they are kept' : 'cannot be kept'}`, async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    const kept: { readonly field: Field; readonly giveBack: (() => void) | null }[] = []
    far.onMessage = (message) => {
      kept.push({ field: message as Field, giveBack: far.keepLent() })
      expect(far.keepLent(), 'it is kept once').toBeNull()
    }
    for (let index = 0; index < slots; index += 1) sendField(pool, [near], index)
    while (kept.length < slots) await nextTurn()
    await quiet(near)
    expect(far.keepLent(), 'nothing is handled now').toBeNull()
    expect(pool.isFree).toBe(!isShared)
    for (const { field, giveBack } of kept) {
      expect(giveBack === null).toBe(!isShared)
      if (isShared) expectField(field)
      giveBack?.()
      giveBack?.()
      if (isShared) await pool.whenFree()
    }
    while (near.queuedBytes > 0) await nextTurn()
    expect(near.closed).toBe(false)
  })
}

async function connectTo({ address }: Bench, make: WithSlots['make'], processor: number): Promise<Link> {
  const link = await make().connect(address, { processor })
  link.onMessage = () => {}
  return link
}

function endTests({ newPool, make }: WithSlots, bench: Bench): void {
  it('give the slots back when the peer is gone', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    far.onMessage = () => {}
    far.pause()
    near.send({ filler })
    for (let index = 0; index < slots; index += 1) sendField(pool, [near], index)
    await quiet(near)
    expect(pool.isFree).toBe(false)
    const end = ended(near)
    far.destroy()
    await end
    expect(pool.isFree).toBe(true)
  })

  it('of a link that was given up: nothing is written any more to where the peer may still read', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    let seen: Field | null = null
    const handled = new Promise<void>((resolve) => {
      far.onMessage = (message) => {
        seen = message as Field
        // This end still reads when the other has given it up, and goes on with other links.
        near.destroy()
        for (let index = 10; index < 10 + 2 * slots; index += 1) {
          pool.using(() => pool.room(slotBytes).fill(0xee))
        }
        expectField(seen)
        resolve()
      }
    })
    sendField(pool, [near], 7)
    await handled
    expect(seen).not.toBeNull()
    expect(pool.isFree).toBe(true)
  })

  it('of a link that is given up: what waits on another for its first answer arrives as it was', async () => {
    const pool = newPool()
    const ends: Link[] = []
    await bench.listen((link) => ends.push(link))
    // Before any connection, so that the number of its descriptor is the lowest that is free once it is closed.
    pool.using(() => pool.room(1))
    const [waiting, over] = [await connectTo(bench, make, 1), await connectTo(bench, make, 2)]
    while (ends.length < 2) await nextTurn()
    await warmUp(pool, over, ends[1]!)
    ends[1]!.onMessage = () => {}
    ends[1]!.pause()
    sendField(pool, [over], 0)
    await quiet(over)
    for (const index of [7, 8]) sendField(pool, [waiting], index)
    over.destroy()
    // In a new arena, which the peer may take for the former one.
    for (let index = 100; index < 100 + slots; index += 1) sendField(pool, [], index)
    const arrived: number[] = []
    ends[0]!.onMessage = (message) => {
      expectField(message as Field)
      arrived.push((message as Field).index)
    }
    while (arrived.length < 2) await nextTurn()
    expect(arrived).toEqual([7, 8])
  })

  it('of another link that is given up: what is kept stays as it was, and what comes in new memory arrives', async () => {
    const pool = newPool()
    const ends: Link[] = []
    await bench.listen((link) => ends.push(link))
    const [going, over] = [await connectTo(bench, make, 1), await connectTo(bench, make, 2)]
    while (ends.length < 2) await nextTurn()
    for (const [index, near] of [going, over].entries()) {
      await warmUp(pool, near, ends[index]!)
      near.onMessage = () => {}
    }
    const arrived: number[] = []
    const kept: { readonly field: Field; readonly giveBack: (() => void) | null }[] = []
    ends[0]!.onMessage = (message) => {
      const field = message as Field
      expectField(field)
      arrived.push(field.index)
      const giveBack = field.index === 7 ? ends[0]!.keepLent() : null
      if (field.index === 7) kept.push({ field: giveBack ? field : { index: 7, bytes: field.bytes.slice() }, giveBack })
    }
    ends[1]!.onMessage = () => {}
    ends[1]!.pause()
    sendField(pool, [going], 7)
    sendField(pool, [over], 0)
    await quiet(over)
    over.destroy()
    for (let index = 8; index < 8 + 2 * slots; index += 1) {
      sendField(pool, [going], index)
      while (arrived.at(-1) !== index) await nextTurn()
    }
    const [{ field, giveBack }] = kept as [(typeof kept)[0]]
    expectField(field)
    giveBack?.()
    sendField(pool, [going], 20)
    while (arrived.at(-1) !== 20) await nextTurn()
    expect(going.closed).toBe(false)
  })

  it('give the slots back when a link is paused that was closed before', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    sendField(pool, [near], 0)
    const end = ended(near)
    near.close()
    near.pause()
    far.onMessage = (message) => expectField(message as Field)
    far.onClose = () => {}
    expect((await end).kind).toBe('closed')
    expect(pool.isFree).toBe(true)
    for (let index = 0; index < slots; index += 1) {
      pool.using(() => expect(pool.slotOf(pool.room(slotBytes))).not.toBeNull())
    }
  })

  it('wake whoever waits for a slot', async () => {
    const pool = newPool()
    const { near, far } = await bench.pair()
    await warmUp(pool, near, far)
    far.onMessage = () => {}
    far.pause()
    for (let index = 0; index < slots; index += 1) sendField(pool, [near], index)
    await quiet(near)
    const free = pool.whenFree()
    near.destroy()
    await free
    expect(pool.isFree).toBe(true)
  })
}
