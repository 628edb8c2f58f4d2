import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import type { Link } from '../../src/fabric/index.ts'
import { type Bench, ended, type FabricUnderTest, nextTurn, pattern, quiet, received, useFabric } from './harness.ts'
import { killedPeerTests } from './killed-peer.ts'

/** What every fabric promises. */
export function fabricContract(subject: FabricUnderTest): void {
  describe(`${subject.name}: the contract of a fabric`, () => {
    const bench = useFabric(subject)
    describe('hello', () => helloTests(subject, bench))
    describe('strangers', () => strangerTests(subject, bench))
    describe('messages', () => messageTests(bench))
    describe('messages that are too long', () => limitTests(bench))
    describe('backpressure', () => {
      countingTests(bench)
      backpressureTests(bench)
    })
    describe('ends', () => endTests(subject, bench))
    describe('a peer in another process', () => killedPeerTests(subject, bench))
  })
}

function helloTests({ make }: FabricUnderTest, bench: Bench): void {
  it('tells the listener who connected', async () => {
    const { near, far } = await bench.pair()
    expect(far.peer).toEqual({ processor: 7 })
    expect(near.peer).toBeNull()
  })

  it('is followed by messages that wait until somebody takes them', async () => {
    const { near, far } = await bench.pair()
    near.send({ first: 1 })
    near.send({ second: 2 })
    await near.whenDrained(0)
    expect(await received(far, 2)).toEqual([{ first: 1 }, { second: 2 }])
  })

  it('finds nobody: says where', async () => {
    const attempt = make().connect(bench.address, {})
    await expect(attempt).rejects.toThrow(`cannot connect to ${bench.address}: `)
  })

  it('cannot listen where somebody does: says where', async () => {
    await bench.listen(() => {})
    const attempt = make().listen(bench.address, () => {})
    await expect(attempt).rejects.toThrow(`cannot listen on ${bench.address}: something else listens there`)
  })
}

function strangerTests({ make }: FabricUnderTest, bench: Bench): void {
  /** Connects without any hello; `isEnded`: by the other side. */
  async function stranger(): Promise<{ readonly socket: Socket; isEnded: boolean }> {
    const [, host, port] = /^([\d.]+):(\d+)$/.exec(bench.address) ?? []
    const socket = host === undefined ? connect(bench.address) : connect(Number(port), host)
    const one = { socket, isEnded: false }
    socket.on('error', () => {})
    socket.once('close', () => {
      one.isEnded = true
    })
    socket.resume()
    await once(socket, 'connect')
    return one
  }

  it('a connection that says nothing is ended, and one that has said hello is not', async () => {
    const turnedAway = vi.fn()
    const links: Link[] = []
    await bench.listen((link) => links.push(link), { helloMsMax: 100 }, turnedAway)
    const near = await make().connect(bench.address, {})
    const { socket } = await stranger()
    socket.write(Buffer.alloc(3))
    await once(socket, 'close')
    expect(turnedAway.mock.calls).toEqual([['it has not said hello within 0.1 s']])
    near.send('still here')
    expect(await received(links[0]!, 1)).toEqual(['still here'])
  })

  it('there are no more of them at a time than are allowed: the oldest goes', async () => {
    const links: Link[] = []
    await bench.listen((link) => links.push(link), { strangersMax: 3 })
    const strangers = [await stranger(), await stranger(), await stranger(), await stranger(), await stranger()]
    await vi.waitFor(() => expect(strangers.map(({ isEnded }) => isEnded)).toEqual([true, true, false, false, false]))
    const near = await make().connect(bench.address, {})
    near.send('I am none')
    await vi.waitFor(() => expect(links).toHaveLength(1))
    expect(await received(links[0]!, 1)).toEqual(['I am none'])
    expect(strangers.map(({ isEnded }) => isEnded)).toEqual([true, true, true, false, false])
    for (const { socket } of strangers) socket.destroy()
  })
}

/** What every link promises, also one that goes on over many connections. */
export function messageTests(bench: Pick<Bench, 'pair'>): void {
  it('arrive in the order they were sent in, both ways', async () => {
    const { near, far } = await bench.pair()
    const messages = Array.from({ length: 1000 }, (_, index) => ({ index }))
    for (const message of messages) {
      near.send(message)
      far.send(message)
    }
    expect(await Promise.all([received(near, 1000), received(far, 1000)])).toEqual([messages, messages])
  })

  it('carry exactly their bytes, of any length, in memory of their own', async () => {
    const { near, far } = await bench.pair()
    const lengths = [0, 1, 63, 4096, 8191, 8192, 65_535, 65_536, 65_537, 262_144, 1_048_576, 5_000_001]
    for (const length of lengths) near.send({ batch: { numbers: [length], bytes: pattern(length) } })
    const arrived = await received<{ batch: { numbers: number[]; bytes: Uint8Array } }>(far, lengths.length)
    expect(arrived.map(({ batch }) => batch.numbers[0])).toEqual(lengths)
    for (const [index, { batch }] of arrived.entries()) {
      expect(Buffer.compare(batch.bytes, pattern(lengths[index]!))).toBe(0)
      expect(batch.bytes.constructor).toBe(Uint8Array)
      expect(batch.bytes.buffer.byteLength).toBe(batch.bytes.length)
    }
  })

  it('may lie in shared memory', async () => {
    const { near, far } = await bench.pair()
    const bytes = new Uint8Array(new SharedArrayBuffer(300_000), 1000, 100_000).fill(9)
    near.send({ bytes, few: bytes.subarray(0, 10) })
    const [message] = await received<{ bytes: Uint8Array; few: Uint8Array }>(far, 1)
    expect(Buffer.compare(message!.bytes, bytes)).toBe(0)
    expect(message!.few).toEqual(new Uint8Array(10).fill(9))
  })

  it('come through by the hundred thousand', async () => {
    const { near, far } = await bench.pair()
    const payload = pattern(32)
    for (let index = 0; index < 100_000; index += 1) near.send({ index, payload })
    const arrived = await received<{ index: number; payload: Uint8Array }>(far, 100_000)
    expect(arrived.every(({ index }, place) => index === place)).toBe(true)
    expect(arrived.every((message) => Buffer.compare(message.payload, payload) === 0)).toBe(true)
  })

  it('of 64 MiB come through whole', async () => {
    const { near, far } = await bench.pair()
    const bytes = pattern(64 * 1024 * 1024)
    near.send({ bytes })
    const [message] = await received<{ bytes: Uint8Array }>(far, 1)
    expect(Buffer.compare(message!.bytes, bytes)).toBe(0)
  })
}

function limitTests(bench: Bench): void {
  it('are refused by the sender when they are longer than its limit', async () => {
    const { near, far } = await bench.pair({}, { frameBytesMax: 100_000 })
    const refusal = /^a frame of 1000\d\d bytes is longer than the 100000 that are allowed$/
    expect(() => near.send({ bytes: pattern(100_000) })).toThrow(refusal)
    near.send({ bytes: pattern(99_000) })
    const [message] = await received<{ bytes: Uint8Array }>(far, 1)
    expect(message!.bytes.length).toBe(99_000)
  })

  it('end the link when they are longer than the limit of the receiver', async () => {
    const { near, far } = await bench.pair({ frameBytesMax: 100_000 })
    const ends = Promise.all([ended(far), ended(near)])
    near.send({ bytes: pattern(100_000) })
    const [farEnd, nearEnd] = await ends
    expect(farEnd.kind).toBe('damaged')
    expect(farEnd.detail).toMatch(/^a frame of 1000\d\d bytes is longer than the 100000 that are allowed$/)
    expect(['ended', 'lost']).toContain(nearEnd.kind)
  })
}

function countingTests(bench: Bench): void {
  it('queuedBytes counts every byte of every frame until the kernel has it', async () => {
    const { near, far } = await bench.pair()
    await near.whenDrained(0)
    // Eight bytes of lengths, then MessagePack: a map of one (3), its key (2) and value (1); a string of two (3).
    near.send({ n: 1 })
    expect(near.queuedBytes).toBe(8 + 6)
    near.send('ab')
    expect(near.queuedBytes).toBe(8 + 6 + 8 + 3)
    await near.whenDrained(0)
    expect(near.queuedBytes).toBe(0)
    expect(await received(far, 2)).toEqual([{ n: 1 }, 'ab'])
  })
}

/** The same for those who wait. */
export function backpressureTests(bench: Pick<Bench, 'pair'>): void {
  const part = { bytes: pattern(256 * 1024) }
  const partBytes = 262_180

  it('a reader that pauses makes the queue of the sender grow, and whenDrained wait', async () => {
    const { near, far } = await bench.pair()
    let arrived = 0
    far.onMessage = () => {
      arrived += 1
    }
    far.pause()
    for (let sent = 0; sent < 64; sent += 1) near.send(part)
    let isDrained = false
    const drained = near.whenDrained(0).then(() => {
      isDrained = true
    })
    await quiet(near)
    expect(isDrained).toBe(false)
    // What both kernels and one chunk of the reader can hold is far less than half of it.
    expect(near.queuedBytes).toBeGreaterThan(32 * partBytes)
    expect(arrived).toBe(0)
    far.resume()
    await drained
    expect(near.queuedBytes).toBe(0)
    near.send('last')
    await new Promise<void>((resolve) => {
      far.onMessage = (message) => {
        arrived += 1
        if (message === 'last') resolve()
      }
    })
    expect(arrived).toBe(65)
  })

  it('a sender that waits never has more than its mark and one frame queued', async () => {
    const { near, far } = await bench.pair()
    let arrived = 0
    const all = new Promise<void>((resolve) => {
      far.onMessage = () => {
        arrived += 1
        if (arrived === 400) resolve()
        if (arrived % 20 !== 0) return
        far.pause()
        setImmediate(() => far.resume())
      }
    })
    let queuedMost = 0
    for (let sent = 0; sent < 400; sent += 1) {
      await near.whenDrained(1_000_000)
      near.send(part)
      queuedMost = Math.max(queuedMost, near.queuedBytes)
    }
    await all
    expect(queuedMost).toBeGreaterThan(1_000_000)
    expect(queuedMost).toBeLessThanOrEqual(1_000_000 + partBytes)
  })

  it('a pause in the middle of many messages holds the next one back', async () => {
    const { near, far } = await bench.pair()
    const arrived: unknown[] = []
    const paused = new Promise<void>((resolve) => {
      far.onMessage = (message) => {
        arrived.push(message)
        far.pause()
        resolve()
      }
    })
    for (let index = 0; index < 10; index += 1) near.send(index)
    await paused
    await nextTurn()
    expect(arrived).toEqual([0])
    far.onMessage = (message) => arrived.push(message)
    near.send(10)
    near.close()
    const end = ended(far)
    far.resume()
    expect((await end).kind).toBe('ended')
    expect(arrived).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })
}

function endTests({ make }: FabricUnderTest, bench: Bench): void {
  it('close sends what is queued first', async () => {
    const { near, far } = await bench.pair()
    const arrived: number[] = []
    for (let index = 0; index < 100; index += 1) near.send({ index, bytes: pattern(100_000) })
    near.close()
    near.send({ index: 100 })
    far.onMessage = (message) => arrived.push((message as { index: number }).index)
    const [farEnd, nearEnd] = await Promise.all([ended(far), ended(near)])
    expect(arrived).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect([farEnd.kind, nearEnd.kind]).toEqual(['ended', 'closed'])
  })

  it('close loses nothing while the peer sends too', async () => {
    const { near, far } = await bench.pair()
    let arrived = 0
    far.onMessage = () => {
      arrived += 1
      for (let index = 0; index < 5; index += 1) far.send({ bytes: pattern(100_000) })
    }
    const ends = Promise.all([ended(far), ended(near)])
    let nearArrived = 0
    near.onMessage = () => {
      nearArrived += 1
    }
    for (let index = 0; index < 50; index += 1) near.send({ bytes: pattern(100_000) })
    near.close()
    expect((await ends).map(({ kind }) => kind)).toEqual(['ended', 'closed'])
    expect(arrived).toBe(50)
    expect(nearArrived).toBe(0)
  })

  it('destroy loses what is queued and ends both sides', async () => {
    const { near, far } = await bench.pair()
    far.pause()
    const ends = Promise.all([ended(far), ended(near)])
    near.send({ bytes: pattern(10_000_000) })
    await quiet(near)
    near.destroy()
    expect(near.queuedBytes).toBe(0)
    await near.whenDrained(0)
    far.resume()
    const [farEnd, nearEnd] = await ends
    expect(farEnd).toEqual({ kind: 'lost', detail: 'the peer ended inside a frame' })
    expect(nearEnd).toEqual({ kind: 'closed', detail: 'closed by this side' })
  })

  it('destroy in the middle of many messages delivers none after it', async () => {
    const { near, far } = await bench.pair()
    let arrived = 0
    for (let index = 0; index < 10; index += 1) near.send(index)
    far.onMessage = () => {
      arrived += 1
      if (arrived === 3) far.destroy()
    }
    expect((await ended(far)).kind).toBe('closed')
    expect(arrived).toBe(3)
  })

  it('nothing is sent and nothing thrown once a link is over, and the end is told to a late handler', async () => {
    const { near, far } = await bench.pair()
    near.onMessage = () => {}
    far.destroy()
    await near.whenDrained(0)
    while (!near.closed) await nextTurn()
    near.send({ lost: true })
    expect(near.queuedBytes).toBe(0)
    near.close()
    near.destroy()
    expect((await ended(near)).kind).toBe('ended')
  })

  it('a sender that waits is woken when the link is lost', async () => {
    const { near, far } = await bench.pair()
    near.onMessage = () => {}
    far.pause()
    near.send({ bytes: pattern(10_000_000) })
    const drained = near.whenDrained(0)
    await quiet(near)
    far.destroy()
    await drained
    expect(near.closed).toBe(true)
    expect(['ended', 'lost']).toContain((await ended(near)).kind)
  })

  it('a listener that closes leaves its links open, and frees its address', async () => {
    const accepted: Link[] = []
    const listener = await bench.listen((link) => accepted.push(link))
    const near = await make().connect(bench.address, {})
    while (accepted.length === 0) await nextTurn()
    await listener.close()
    await expect(make().connect(bench.address, {})).rejects.toThrow('cannot connect')
    near.send('still here')
    expect(await received(accepted[0]!, 1)).toEqual(['still here'])
  })

  it('a listener that closes ends its links if asked', async () => {
    const accepted: Link[] = []
    const listener = await bench.listen((link) => {
      accepted.push(link)
      link.send('goodbye')
    })
    const near = await make().connect(bench.address, {})
    const goodbye = received(near, 1)
    while (accepted.length === 0) await nextTurn()
    const ends = Promise.all([goodbye.then(() => ended(near)), listener.close('close')])
    expect(await goodbye).toEqual(['goodbye'])
    expect((await ends)[0].kind).toBe('ended')
    expect(accepted[0]!.closed).toBe(true)
  })
}
