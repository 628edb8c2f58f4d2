import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { callResumed, type FabricOptions, type Link, ResumedLinks } from '../../src/fabric/index.ts'
import type { ResumedLink } from '../../src/fabric/resumed-link.ts'
import { backpressureTests, messageTests } from './contract.ts'
import { type Bench, ended, nextTurn, pattern, useFabric } from './harness.ts'
import { LinkProxy, type ProxyOptions, strikeKinds } from './proxy.ts'
import { type ProxiedFabric, quickTiming } from './sessions-contract.ts'

interface Numbered {
  readonly index: number
  readonly bytes?: Uint8Array
}

type Struck = Partial<Omit<ProxyOptions, 'listen' | 'target'>> & { readonly nearOptions?: FabricOptions }

/** Two ends with a proxy between them. */
async function proxiedEnds(subject: ProxiedFabric, bench: Bench, struck: Struck = {}) {
  let arrive: (link: ResumedLink) => void = () => {}
  const farEnd = new Promise<ResumedLink>((resolve) => {
    arrive = resolve
  })
  let links = new ResumedLinks({ timing: quickTiming, onLink: (link) => arrive(link) })
  await bench.listen((link) => links.accept(link))
  const front = subject.frontOf(bench.address)
  const [listen, target] = [subject.parts(front), subject.parts(bench.address)]
  const proxy = await new LinkProxy({ strike: () => null, ...struck, listen, target }).open()
  const fabric = subject.make(struck.nearOptions)
  const near = await callResumed({ fabric, address: front, hello: { processor: 7 }, timing: quickTiming })
  const far = await farEnd
  return {
    ...{ near, far, proxy },
    /** The process of the end that is called has ended, and another one stands in its place. */
    startFarAgain(): void {
      links = new ResumedLinks({ timing: quickTiming, onLink: () => {} })
      proxy.breakAll()
    },
    async close(): Promise<void> {
      for (const end of [near, far]) end.destroy()
      await proxy.close()
      await bench.closeAll()
    },
  }
}

/** Two ends between which nothing gets through any more. */
async function brokenEnds(subject: ProxiedFabric, bench: Bench, nearOptions: FabricOptions = {}) {
  let isBroken = false
  const ends = await proxiedEnds(subject, bench, { strike: () => (isBroken ? 'cut' : null), nearOptions })
  isBroken = true
  return ends
}

const numbered = (count: number): Numbered[] =>
  Array.from({ length: count }, (_, index) => ({ index, ...(index % 7 === 3 ? { bytes: pattern(20_000) } : {}) }))

/** What has arrived at an end, and when it is so many. */
function arrivalsAt(link: ResumedLink) {
  const arrived: Numbered[] = []
  let wake = (): void => {}
  link.onMessage = (message) => {
    arrived.push(message as Numbered)
    wake()
  }
  return {
    arrived,
    async until(count: number): Promise<void> {
      while (arrived.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

function toldBy(link: ResumedLink): string[] {
  const told: string[] = []
  link.onDown = () => told.push('down')
  link.onUp = () => told.push('up')
  return told
}

/** What links promise that go on over one connection after another. */
export function resumedContract(subject: ProxiedFabric): void {
  describe(`${subject.name}: the contract of resumed links`, () => {
    const bench = useFabric(subject)
    describe('as of every link: messages', () => messageTests(pairing(subject, bench)))
    describe('as of every link: backpressure', () => backpressureTests(pairing(subject, bench)))
    describe('over connections that break', () => journeyTests(subject, bench))
    describe('and their ends', () => endTests(subject, bench))
  })
}

/** Ends of a resumed link for tests of any link. */
function pairing(subject: ProxiedFabric, bench: Bench): Pick<Bench, 'pair'> {
  let pairs: ResumedLink[] = []
  afterEach(() => {
    for (const end of pairs) end.destroy()
    pairs = []
  })
  return {
    async pair(farOptions?: FabricOptions, nearOptions?: FabricOptions) {
      let arrive: (link: ResumedLink) => void = () => {}
      const far = new Promise<ResumedLink>((resolve) => {
        arrive = resolve
      })
      const links = new ResumedLinks({ onLink: arrive })
      await bench.listen((link) => links.accept(link), farOptions)
      const fabric = subject.make(nearOptions)
      const near = await callResumed({ fabric, address: bench.address, hello: { processor: 7 } })
      pairs.push(near, await far)
      return { near, far: await far }
    },
  }
}

function journeyTests(subject: ProxiedFabric, bench: Bench): void {
  const strikes = strikeKinds.flatMap((kind) => [false, true].map((isReversed) => [kind, isReversed] as const))

  it.each(strikes)(
    '%s at each of many frames, of answers: %s: all arrive once, in order, both ways',
    async (...what) => {
      const [kind, isReversed] = what
      const isSilent = kind === 'swallow' || kind === 'mute'
      for (let at = isReversed ? 0 : 1; at < 14; at += isSilent ? 6 : 1) {
        const strike = (frames: number) => (frames === at ? kind : null)
        const { near, far, proxy, close } = await proxiedEnds(subject, bench, { strike, isReversed })
        const [there, back] = [arrivalsAt(far), arrivalsAt(near)]
        for (const message of numbered(12)) {
          near.send(message)
          far.send(message)
        }
        await Promise.all([there.until(12), back.until(12)])
        expect(isDeepStrictEqual([there.arrived, back.arrived], [numbered(12), numbered(12)])).toBe(true)
        await Promise.all([near.whenDrained(0), far.whenDrained(0)])
        expect(proxy.strikes).toBe(1)
        expect([near.queuedBytes, far.queuedBytes]).toEqual([0, 0])
        await close()
      }
    },
  )

  it('come through by the thousand while every fortieth frame breaks the connection', async () => {
    const strike = (frames: number) => (frames % 40 === 39 ? (frames % 80 === 39 ? 'cut' : 'halve') : null)
    const { near, far, proxy, close } = await proxiedEnds(subject, bench, { strike })
    const [there, back] = [arrivalsAt(far), arrivalsAt(near)]
    for (const message of numbered(1000)) {
      near.send(message)
      far.send(message)
      await Promise.all([near.whenDrained(100_000), far.whenDrained(100_000)])
    }
    await Promise.all([there.until(1000), back.until(1000)])
    expect(there.arrived.every(({ index }, place) => index === place)).toBe(true)
    expect(back.arrived.every(({ index }, place) => index === place)).toBe(true)
    expect(proxy.strikes).toBeGreaterThan(5)
    await close()
  })

  it('a connection that carries nothing any more is noticed by both ends, though neither has anything to say', async () => {
    let isCut = false
    const strike = () => (isCut && proxy.strikes === 0 ? 'swallow' : null)
    const { near, far, proxy, close } = await proxiedEnds(subject, bench, { strike })
    const back = arrivalsAt(near)
    while (!near.isKnown || !far.isKnown) await nextTurn()
    isCut = true
    while (proxy.strikes === 0) await nextTurn()
    // Only the end that calls can open another connection, and it has nothing to send.
    far.send({ index: 0 })
    await back.until(1)
    expect(proxy.links).toBe(2)
    await close()
  })

  it('a message that comes slowly is no silence', async () => {
    // So that it takes more than twice as long as an end may say nothing.
    const bytesPerMs = 2000
    const { near, far, proxy, close } = await proxiedEnds(subject, bench, { bytesPerMs })
    const there = arrivalsAt(far)
    const bytes = pattern(2 * quickTiming.overdueMs * bytesPerMs)
    near.send({ index: 0, bytes })
    await there.until(1)
    expect(Buffer.compare(there.arrived[0]!.bytes!, bytes)).toBe(0)
    expect(proxy.links).toBe(1)
    await close()
  })

  it('what is kept is bounded by those who wait', async () => {
    const { near, close } = await brokenEnds(subject, bench)
    let queuedMost = 0
    let isOver = false
    const sending = (async () => {
      for (let sent = 0; sent < 40 && !isOver; sent += 1) {
        await near.whenDrained(1_000_000)
        near.send({ index: sent, bytes: pattern(300_000) })
        queuedMost = Math.max(queuedMost, near.queuedBytes)
      }
    })()
    const isDown = new Promise<void>((resolve) => {
      near.onDown = () => resolve()
    })
    await isDown
    expect(queuedMost).toBeGreaterThan(1_000_000)
    expect(queuedMost).toBeLessThan(1_310_000)
    isOver = true
    near.destroy()
    await sending
    expect(near.queuedBytes).toBe(0)
    await close()
  })

  it('both ends tell once that nothing gets through, and once that it does again', async () => {
    let isBroken = false
    const strike = () => (isBroken ? 'cut' : null)
    const { near, far, close } = await proxiedEnds(subject, bench, { strike })
    const [toldNear, toldFar] = [toldBy(near), toldBy(far)]
    const there = arrivalsAt(far)
    isBroken = true
    near.send({ index: 0 })
    while (toldNear.length === 0 || toldFar.length === 0) await nextTurn()
    isBroken = false
    await there.until(1)
    while (toldNear.length === 1 || toldFar.length === 1) await nextTurn()
    expect([toldNear, toldFar]).toEqual([
      ['down', 'up'],
      ['down', 'up'],
    ])
    await close()
  })
}

function endTests(subject: ProxiedFabric, bench: Bench): void {
  it('says who called, and finds nobody the first time: says where', async () => {
    const { near, far, close } = await proxiedEnds(subject, bench)
    expect([near.peer, far.peer]).toEqual([null, { processor: 7 }])
    await close()
    const call = callResumed({ fabric: subject.make(), address: bench.address, hello: {} })
    await expect(call).rejects.toThrow(`cannot connect to ${bench.address}: `)
  })

  it.each([
    ['ends every connection', (socket: Socket) => void socket.destroy(), /connection lost|ended by the peer/],
    ['says nothing', (socket: Socket) => void socket.resume(), /nothing is heard/],
  ])('whoever accepts and %s is called in turns, and given up', async (_, treat, reason) => {
    const timing = { ...quickTiming, retryMs: 40 }
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      treat(socket)
    })
    server.listen(subject.parts(bench.address))
    await once(server, 'listening')
    const link = await callResumed({ fabric: subject.make(), address: bench.address, hello: {}, timing })
    link.send('anybody?')
    const end = await ended(link)
    expect(end.kind).toBe('lost')
    expect(end.detail).toMatch(/^nothing of this kind answers within 0\.8 s: /)
    expect(end.detail).toMatch(reason)
    expect(sockets.length).toBeLessThanOrEqual(25)
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  it.each(['near', 'far'] as const)(
    'close of the %s one sends what is kept first, over links that break',
    async (which) => {
      const isReversed = which === 'far'
      const strike = (frames: number) => (frames % 10 === 9 ? 'cut' : null)
      const { close, ...ends } = await proxiedEnds(subject, bench, { strike, isReversed })
      const [closing, other] = isReversed ? [ends.far, ends.near] : [ends.near, ends.far]
      const { arrived } = arrivalsAt(other)
      for (const message of numbered(30)) closing.send(message)
      const over = Promise.all([ended(closing), ended(other)])
      closing.close()
      expect(closing.send({ index: 30 })).toBe(0)
      const [closingEnd, otherEnd] = await over
      expect(isDeepStrictEqual(arrived, numbered(30))).toBe(true)
      expect([closingEnd.kind, otherEnd]).toEqual(['closed', { kind: 'ended', detail: 'ended by the peer' }])
      await close()
    },
  )

  it('close gives up when nothing gets through, and says what is unsent', async () => {
    const { near, close } = await brokenEnds(subject, bench)
    near.send({ index: 0, bytes: pattern(50_000) })
    const over = ended(near)
    near.close()
    expect(await over).toMatchObject({ kind: 'closed', detail: /closed by this side, 50\d\d\d bytes unsent: / })
    await close()
  })

  it('close gives up also when it has been told that nothing gets through', async () => {
    const { near, close } = await brokenEnds(subject, bench)
    near.send({ index: 0 })
    await new Promise<void>((resolve) => {
      near.onDown = () => resolve()
    })
    const over = ended(near)
    near.close()
    expect((await over).kind).toBe('closed')
    await close()
  })

  it('destroy ends both, and delivers none after it', async () => {
    const { near, far, close } = await proxiedEnds(subject, bench)
    let arrived = 0
    for (const message of numbered(10)) near.send(message)
    const over = Promise.all([ended(far), ended(near)])
    far.onMessage = () => {
      arrived += 1
      if (arrived === 3) far.destroy()
    }
    const [farEnd, nearEnd] = await over
    expect([farEnd.kind, nearEnd.kind, arrived]).toEqual(['closed', 'ended', 3])
    await near.whenDrained(0)
    expect(near.send({ index: 11 })).toBe(0)
    await close()
  })

  it('reject ends both, and the other one hears why', async () => {
    const { near, far, close } = await proxiedEnds(subject, bench)
    far.onMessage = () => far.reject('a message of type nothing')
    const over = Promise.all([ended(far), ended(near)])
    near.send({ index: 0 })
    expect(await over).toEqual([
      { kind: 'damaged', detail: 'a message of type nothing' },
      { kind: 'lost', detail: 'the peer takes no more: a message of type nothing' },
    ])
    await close()
  })

  it('one whose other end knows nothing of it any more is lost', async () => {
    const { near, startFarAgain, close } = await proxiedEnds(subject, bench)
    while (!near.isKnown) await nextTurn()
    const over = ended(near)
    startFarAgain()
    expect(await over).toEqual({
      kind: 'lost',
      detail: 'the peer does not know this link any more: it was started again, or has given it up',
    })
    await close()
  })

  it('a message that is too long is refused also while there is no connection', async () => {
    const { near, close } = await brokenEnds(subject, bench, { frameBytesMax: 100_000 })
    await new Promise<void>((resolve) => {
      near.onDown = () => resolve()
    })
    expect(() => near.send({ bytes: pattern(100_000) })).toThrow(RangeError)
    expect(near.queuedBytes).toBe(0)
    await close()
  })

  it('a connection that wakes up late displaces no later one, and brings no link back that is over', async () => {
    const { connections, accepting, resumed } = await callThrice()
    const [first, second, third] = connections
    const lateEnd = ended(first!.near)
    expect([accepting.accept(second!.far), accepting.accept(first!.far)]).toEqual([true, true])
    expect((await lateEnd).kind).toBe('ended')
    expect([second!.far.closed, resumed.length]).toEqual([false, 1])
    resumed[0]!.destroy()
    const said = new Promise((resolve) => {
      third!.near.onMessage = resolve
    })
    expect(accepting.accept(third!.far)).toBe(true)
    expect(await said).toMatchObject({ over: { kind: 'lost' } })
    expect(resumed).toHaveLength(1)
    for (const { near } of connections) near.destroy()
  })

  it.each([
    ['no frame of it', { type: 'grant' }],
    ['one behind a gap', { has: 0, number: 3, message: {} }],
  ])('%s breaks the connection, not the link', async (_, frame) => {
    const { connections, accepting, resumed } = await callThrice()
    const [first, second] = connections
    accepting.accept(first!.far)
    const there = arrivalsAt(resumed[0]!)
    const over = ended(first!.near)
    first!.near.send(frame)
    expect((await over).kind).not.toBe('closed')
    accepting.accept(second!.far)
    second!.near.send({ has: 0, number: 1, message: { index: 0 } })
    await there.until(1)
    expect([there.arrived, resumed.length]).toEqual([[{ index: 0 }], 1])
    resumed[0]!.destroy()
    for (const { near } of connections) near.destroy()
  })

  it('an answer that it has what it was never sent ends the link', async () => {
    const { connections, accepting, resumed } = await callThrice()
    accepting.accept(connections[0]!.far)
    const over = ended(resumed[0]!)
    connections[0]!.near.send({ has: 1, asks: false })
    expect(await over).toEqual({ kind: 'damaged', detail: 'it says that it has what it was never sent' })
    for (const { near } of connections) near.destroy()
  })

  it('a connection of another kind is left to others', async () => {
    const links: Link[] = []
    await bench.listen((link) => links.push(link))
    const near = await subject.make().connect(bench.address, { processor: 7 })
    while (links.length === 0) await nextTurn()
    const accepting = new ResumedLinks({ onLink: () => {} })
    expect([accepting.accept(links[0]!), links[0]!.closed]).toEqual([false, false])
    near.destroy()
  })

  /** Both ends of the first three connections that one caller opens, who says nothing by itself. */
  async function callThrice() {
    const links: Link[] = []
    const resumed: ResumedLink[] = []
    const accepting = new ResumedLinks({ timing: quickTiming, onLink: (link) => resumed.push(link) })
    await bench.listen((link) => links.push(link))
    const connections: { readonly near: Link; readonly far: Link }[] = []
    for (const attempt of [1, 2, 3]) {
      const said = { hello: {}, resumed: { session: '0123456789abcdef', attempt, isKnown: false } }
      const near = await subject.make().connect(bench.address, said)
      while (links.length < attempt) await nextTurn()
      connections.push({ near, far: links[attempt - 1]! })
    }
    return { connections, accepting, resumed }
  }
}
