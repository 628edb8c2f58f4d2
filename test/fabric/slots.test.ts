import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeFrame, encodeNews, inSlot } from '../../src/fabric/encode-frame.ts'
import { type Link, type LinkEnd, type MemorySharing, type Slot, SlotPool } from '../../src/fabric/index.ts'
import { OutgoingLane } from '../../src/fabric/lanes.ts'
import { nonceBytes } from '../../src/fabric/slot-pool.ts'
import { sharedMemory } from '../../src/memory/native/index.ts'
import { fabricContract } from './contract.ts'
import { nextTurn, pattern, received, useFabric } from './harness.ts'
import { fabricWithSlots, slotsContract } from './slots-contract.ts'

const sharing = sharedMemory()
const [slotBytes, slots] = [64 * 1024, 4]
const arenaBytes = slots * slotBytes + nonceBytes

fabricContract(fabricWithSlots('unixFabric with slots', null))
slotsContract(fabricWithSlots('unixFabric with slots', null), false)
if (sharing) {
  fabricContract(fabricWithSlots('unixFabric with shared slots', sharing))
  slotsContract(fabricWithSlots('unixFabric with shared slots', sharing), true)
}

describe('an arena that is given up while the answer to its offer is on its way', () => {
  const nonce = new Uint8Array(nonceBytes)
  const arenaOf = (descriptor: number) => ({ buffer: new ArrayBuffer(arenaBytes), slotBytes, descriptor, nonce })
  const offered = () => {
    const lane = new OutgoingLane(new SlotPool({ slotBytes, slots, sharing: null }), () => {})
    const [given, successor] = [arenaOf(3), arenaOf(3)]
    lane.offer(given)
    lane.offer(successor)
    return { lane, slot: { arena: successor, index: 0, holds: 0, hasMemory: true } }
  }

  it.each([
    ['could', true],
    ['could not', false],
  ])('%s be mapped, which says nothing of its successor', (_, wasMapped) => {
    const { lane, slot } = offered()
    lane.noteMapped(wasMapped, 1)
    expect(lane.take(slot)).toBe(false)
    lane.noteMapped(!wasMapped, 2)
    expect(lane.take(slot)).toBe(!wasMapped)
  })

  it('takes no slot of it, though it was mapped: its descriptor may have been that of another by then', () => {
    const lane = new OutgoingLane(new SlotPool({ slotBytes, slots, sharing: null }), () => {})
    const arena = arenaOf(3)
    lane.offer(arena)
    Object.assign(arena, { descriptor: null })
    lane.noteMapped(true, 1)
    expect(lane.take({ arena, index: 0, holds: 1, hasMemory: true })).toBe(false)
  })

  it.each([[[2]], [[1, 1]], [[1, 2, 2]], [[1, 2, 3]], [[0]]])('answers to the offers %j cannot be meant', (numbers) => {
    const { lane } = offered()
    expect(() => {
      for (const number of numbers) lane.noteMapped(true, number)
    }).toThrow('it answers an offer that there is not')
  })
})

describe('a pool of slots', () => {
  const make = (): SlotPool => new SlotPool({ slotBytes, slots, sharing: null })

  it('takes for a slot only what begins where the slot does', () => {
    const pool = make()
    pool.using(() => expect(pool.slotOf(pool.room(slotBytes).subarray(8))).toBeNull())
  })

  it('has rooms only while something is made in them, as many as there are slots', () => {
    const pool = make()
    expect(pool.slotOf(pool.room(slotBytes))).toBeNull()
    pool.using(() => {
      const rooms = Array.from({ length: slots + 1 }, () => pool.room(slotBytes))
      expect(rooms.map((room) => pool.slotOf(room)?.index ?? null)).toEqual([0, 1, 2, 3, null])
      expect(rooms.map(({ length }) => length)).toEqual(Array(slots + 1).fill(slotBytes))
      expect(pool.isFree).toBe(false)
    })
    expect(pool.isFree).toBe(true)
  })

  it('keeps its reserve from those who can wait, and wakes them when more is free', async () => {
    const pool = new SlotPool({ slotBytes, slots, reservedSlots: 2, sharing: null })
    const taken: Slot[] = []
    const take = (): void =>
      pool.using(() => {
        const slot = pool.slotOf(pool.room(slotBytes))!
        pool.hold(slot)
        taken.push(slot)
      })
    take()
    expect(pool.isFree).toBe(true)
    for (let more = 0; more < 3; more += 1) {
      take()
      expect(pool.isFree).toBe(false)
    }
    let isWoken = false
    void pool.whenFree().then(() => {
      isWoken = true
    })
    for (const [index, slot] of taken.entries()) {
      expect(isWoken).toBe(index === 3)
      pool.release(slot)
      await nextTurn()
    }
  })

  it('gives its last slot to those who may take it, and wakes them for it', async () => {
    const pool = new SlotPool({ slotBytes, slots, reservedSlots: 2, sharing: null })
    const taken = Array.from({ length: slots }, () =>
      pool.using(() => {
        const slot = pool.slotOf(pool.room(slotBytes))!
        pool.hold(slot)
        return slot
      }),
    )
    const woken: string[] = []
    void pool.whenFree(true).then(() => woken.push('may take the last'))
    void pool.whenFree().then(() => woken.push('may not'))
    pool.release(taken[0]!)
    await nextTurn()
    expect([pool.isFreeFor(true), pool.isFree, ...woken]).toEqual([true, false, 'may take the last'])
    for (const slot of taken.slice(1)) pool.release(slot)
    await nextTurn()
    expect(woken).toEqual(['may take the last', 'may not'])
  })

  it('has no room for what is longer than a slot', () => {
    const pool = make()
    pool.using(() => {
      expect(pool.slotOf(pool.room(slotBytes + 1))).toBeNull()
      expect(pool.room(0).length).toBe(0)
    })
  })

  it('takes ordinary memory where the system gives no shared memory', () => {
    const create = (): never => {
      throw new Error('memory is not shared here')
    }
    const pool = new SlotPool({ slotBytes, slots, sharing: { create, allocate: create, open: create, close() {} } })
    pool.using(() => expect(pool.slotOf(pool.room(10))?.arena.descriptor).toBeNull())
  })

  it('has the system give each slot its memory when it is first used, and does without where there is none left', () => {
    const allocated: number[] = []
    const allocate = (_descriptor: number, offset: number): void => {
      // The nonce behind the slots.
      if (offset === slots * slotBytes) return
      if (allocated.length === 2) throw new Error('no memory is left')
      allocated.push(offset / slotBytes)
    }
    const create = (bytes: number) => ({ buffer: new ArrayBuffer(bytes), descriptor: 7 })
    const pool = new SlotPool({
      slotBytes,
      slots,
      sharing: { create, allocate, open: () => new ArrayBuffer(0), close() {} },
    })
    for (let turn = 0; turn < 3; turn += 1) pool.using(() => pool.room(1))
    expect(allocated).toEqual([0])
    const made = pool.using(() => [pool.room(1), pool.room(1), pool.room(1)].map((field) => pool.slotOf(field)?.index))
    expect(made).toEqual([0, 1, undefined])
    expect(allocated).toEqual([0, 1])
    expect([pool.bytes, pool.prepareOne(2), pool.prepareOne(3)]).toEqual([2 * slotBytes, false, false])
    expect(pool.isFree).toBe(true)
  })

  it('gives slots back when what is made fails', () => {
    const pool = make()
    const fail = (): never => {
      for (let i = 0; i < slots; i += 1) pool.room(1)
      throw new Error('no')
    }
    expect(() => pool.using(fail)).toThrow('no')
    expect(pool.isFree).toBe(true)
  })
})

if (sharing) describe('a lane, whatever comes', () => laneTests(sharing))

function laneTests(sharing: MemorySharing): void {
  const subject = fabricWithSlots('unixFabric with shared slots', sharing)
  const bench = useFabric(subject)
  const nonce = new Uint8Array(nonceBytes).fill(7)
  const arena = { number: 1, pid: process.pid, descriptor: -1, bytes: arenaBytes, slotBytes, nonce }
  /** Another process, in which the memory of somebody else has a number that an arena might have. */
  const stranger = { pid: -1, descriptor: 3 }
  let other: ChildProcess | null = null
  let folder = ''
  let file = -1

  beforeAll(() => {
    arena.descriptor = makeArena(nonce)
    const strangers = makeArena(new Uint8Array(nonceBytes).fill(8))
    other = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', strangers] })
    stranger.pid = other.pid!
    sharing.close(strangers)
    folder = mkdtempSync(join(tmpdir(), 'paritas-lane-'))
    writeFileSync(join(folder, 'file'), Buffer.alloc(arena.bytes))
    file = openSync(join(folder, 'file'), 'r')
  })
  afterAll(() => {
    other?.kill('SIGKILL')
    sharing.close(arena.descriptor)
    closeSync(file)
    rmSync(folder, { recursive: true })
  })

  function makeArena(proof: Uint8Array): number {
    const { buffer, descriptor } = sharing.create(arenaBytes)
    sharing.allocate(descriptor, slots * slotBytes, nonceBytes)
    new Uint8Array(buffer, slots * slotBytes).set(proof)
    return descriptor
  }

  const wire = ({ head, body }: ReturnType<typeof encodeFrame>): Buffer =>
    Buffer.concat([Buffer.from(head), ...(body ? [body] : [])])
  const hello = wire(encodeFrame({ paritas: 3, hello: { processor: 4 } }))
  const news = (what: unknown): Buffer => wire(encodeNews(what))
  const field = (slot: number, length: number): Buffer => {
    const frame = wire(inSlot(encodeFrame({ bytes: pattern(slotBytes) }), slot))
    frame.writeUInt32LE(length, frame.length - 4)
    return frame
  }

  /** What arrives at a link of bytes that a peer has sent, until a last message, and how it ended if before. */
  async function arrivals(
    bytes: readonly Buffer[],
  ): Promise<{ lengths: number[]; end: LinkEnd | null; answer: Buffer }> {
    const links: Link[] = []
    const listener = await bench.listen((link) => links.push(link))
    const socket = connect(bench.address)
    socket.on('error', () => {})
    let answer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
    })
    socket.write(hello)
    while (links.length === 0) await nextTurn()
    const lengths: number[] = []
    const end = await new Promise<LinkEnd | null>((resolve) => {
      links[0]!.onClose = resolve
      links[0]!.onMessage = (message) => {
        if (message === 'last') resolve(null)
        else lengths.push((message as { bytes: Uint8Array }).bytes?.length ?? -1)
      }
      for (const one of bytes) socket.write(one)
      socket.write(wire(encodeFrame('last')))
    })
    // What was answered is sent before it closes.
    const over = once(socket, 'close')
    await nextTurn()
    links[0]!.close()
    await over
    await listener.close('destroy')
    return { lengths, end, answer }
  }

  it('is opened, used, and its slots come back', async () => {
    subject.newPool()
    const { lengths, end, answer } = await arrivals([news({ offer: arena }), field(0, 10), field(3, slotBytes)])
    expect([lengths, end]).toEqual([[10, slotBytes], null])
    expect(answer.includes(wire(encodeNews({ isMapped: true, number: 1 })))).toBe(true)
    expect(answer.includes(wire(encodeNews({ back: [0, 3] })))).toBe(true)
  })

  it.each([
    ['a slot that there is not', () => [news({ offer: arena }), field(4, 10)], 'there are no 10 bytes in a slot 4'],
    ['more than a slot has', () => [news({ offer: arena }), field(0, slotBytes + 1)], 'bytes in a slot 0'],
    ['a slot far away', () => [news({ offer: arena }), field(2 ** 32 - 1, 2 ** 32 - 1)], 'bytes in a slot 4294967295'],
    ['a slot before there is a lane', () => [field(0, 1)], 'there are no 1 bytes in a slot 0'],
    ['slots that no size has', () => [news({ offer: { ...arena, slotBytes: 0 } })], 'it offers what is no memory'],
    ['part of a slot', () => [news({ offer: { ...arena, slotBytes: 1000 } })], 'it offers what is no memory'],
    ['no numbers', () => [news({ offer: { ...arena, pid: '1/../..' } })], 'it offers what is no memory'],
    ['no nonce', () => [news({ offer: { ...arena, nonce: null } })], 'it offers what is no memory'],
    ['half a nonce', () => [news({ offer: { ...arena, nonce: nonce.slice(16) } })], 'it offers what is no memory'],
    ['nothing but a nonce', () => [news({ offer: { ...arena, bytes: nonceBytes } })], 'it offers what is no memory'],
    ['no offer', () => [news({ offer: null })], 'it is no news of a lane'],
    ['nothing', () => [news(null)], 'it is no news of a lane'],
    [
      'an answer that nobody asked for',
      () => [news({ isMapped: true, number: 1 })],
      'it answers an offer that there is not',
    ],
    ['slots that were not out', () => [news({ back: [2] })], 'it gives back slot 2, which it does not have'],
    ['slots without numbers', () => [news({ back: [-1] })], 'it is no news of a lane'],
  ])('%s: ends the link as damaged, with a reason', async (_, bytes, reason) => {
    subject.newPool()
    const { end } = await arrivals(bytes())
    expect(end?.kind).toBe('damaged')
    expect(end?.detail).toMatch(/^a frame of \d+ bytes cannot be decoded: /)
    expect(end?.detail).toContain(reason)
  })

  it.each([
    ['an ordinary file', () => ({ ...arena, descriptor: file })],
    ['a descriptor that is not open', () => ({ ...arena, descriptor: 9999 })],
    ['more memory than there is', () => ({ ...arena, bytes: arena.bytes + slots * slotBytes })],
    ['less memory than there is', () => ({ ...arena, bytes: arena.bytes - 2 * slotBytes })],
    ['memory of another process', () => ({ ...arena, ...stranger })],
    ['memory with another nonce', () => ({ ...arena, nonce: new Uint8Array(nonceBytes).fill(8) })],
    ['a process that there is not', () => ({ ...arena, pid: 2 ** 22 + 1 })],
  ])('an offer of %s is declined, and the link goes on', async (_, offer) => {
    subject.newPool()
    const { end, answer } = await arrivals([news({ offer: offer() })])
    expect(end).toBeNull()
    expect(answer.includes(wire(encodeNews({ isMapped: false, number: 1 })))).toBe(true)
  })

  it('is opened in the memory of another process that holds its nonce: it is the same memory', async () => {
    subject.newPool()
    const itsNonce = new Uint8Array(nonceBytes).fill(8)
    const { lengths, answer } = await arrivals([
      news({ offer: { ...arena, ...stranger, nonce: itsNonce } }),
      field(0, 9),
    ])
    expect(lengths).toEqual([9])
    expect(answer.includes(wire(encodeNews({ isMapped: true, number: 1 })))).toBe(true)
  })

  it('is refused on links whose owner has no slots', async () => {
    const links: Link[] = []
    await bench.listen((link) => links.push(link))
    const stranger = connect(bench.address)
    stranger.on('error', () => {})
    const over = new Promise((resolve) => stranger.once('close', resolve))
    stranger.write(news({ offer: arena }))
    stranger.resume()
    await over
    expect(links).toEqual([])
  })

  const value = fc.oneof(fc.nat(), fc.integer(), fc.constant(null), fc.string(), fc.array(fc.integer()), fc.double())
  const anyNews = fc.oneof(
    fc.record({
      offer: fc.record({ number: value, pid: value, descriptor: value, bytes: value, slotBytes: value, nonce: value }),
    }),
    fc.record({ back: value }),
    fc.record({ isMapped: fc.oneof(value, fc.boolean()), number: value }),
    value,
  )
  const anyFrame = fc.oneof(
    anyNews.map(news),
    fc.tuple(fc.nat(5), fc.nat(2 * slotBytes)).map(([slot, length]) => field(slot, length)),
  )
  test.prop([fc.array(anyFrame, { maxLength: 5 })], { numRuns: 60 })('goes on or ends as damaged', async (frames) => {
    subject.newPool()
    const { end, lengths } = await arrivals([news({ offer: arena }), ...frames])
    expect(end === null || end.kind === 'damaged').toBe(true)
    for (const length of lengths) expect(length).toBeLessThanOrEqual(slotBytes)
  })

  it('does not outlive its ends: what was sent before can be read when the sender is gone', async () => {
    const pool = subject.newPool()
    const { near, far } = await bench.pair()
    near.onMessage = () => {}
    const first = received(far, 1)
    pool.using(() => near.send({ bytes: pool.room(slotBytes).fill(1) }))
    await first
    far.onMessage = null
    for (let turn = 0; turn < 5; turn += 1) await nextTurn()
    pool.using(() => near.send({ bytes: pool.room(slotBytes).fill(2) }))
    near.close()
    const [message] = await received<{ bytes: Uint8Array }>(far, 1)
    expect(message!.bytes.every((byte) => byte === 2)).toBe(true)
  })
}
