import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { fc, test as property } from '@fast-check/vitest'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Beat, beatKeyBytes, decodeBeat, encodeBeat, readTag, tagOf } from '../../src/machine/beats/beat.ts'
import { BeatAnswerer } from '../../src/machine/beats/beat-answerer.ts'
import { BeatSender, type LookUp } from '../../src/machine/beats/beat-sender.ts'
import { ClockOffset } from '../../src/machine/beats/clock-offset.ts'

const hasVersion6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

const key = new Uint8Array(beatKeyBytes).fill(7)
const otherKey = new Uint8Array(beatKeyBytes).fill(8)
const tag = tagOf('run 1')
const anyBeat = fc.record<Beat>({
  kind: fc.constantFrom('beat', 'answer'),
  sentMs: fc.double({ noNaN: true }),
  atMs: fc.double({ noNaN: true }),
})

describe('a beat', () => {
  property.prop([anyBeat])('comes back as it was', (beat) => {
    const datagram = encodeBeat(beat, tag, key)
    expect(decodeBeat(datagram, tag, key)).toEqual(beat)
    expect(readTag(datagram)).toEqual(tag)
  })

  property.prop([anyBeat, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'that was changed is none',
    (beat, at, change) => {
      const datagram = encodeBeat(beat, tag, key)
      datagram[at % datagram.length]! ^= change
      expect(decodeBeat(datagram, tag, key)).toBeNull()
    },
  )

  property.prop([fc.uint8Array({ maxLength: 200 })])('is not made of anything', (bytes) => {
    expect(decodeBeat(bytes, tag, key)).toBeNull()
  })

  test('of another run, or with another key, is none', () => {
    const datagram = encodeBeat({ kind: 'beat', sentMs: 1, atMs: 0 }, tag, key)
    expect(decodeBeat(datagram, tag, otherKey)).toBeNull()
    expect(decodeBeat(datagram, tagOf('run 2'), key)).toBeNull()
  })
})

describe('the other clock', () => {
  test('is as far ahead as the quickest answer says, with half of its round trip as the error', () => {
    const clock = new ClockOffset()
    expect([clock.offsetMs, clock.errorMs, clock.roundTripMs]).toEqual([0, Number.POSITIVE_INFINITY, null])
    // Ahead by 1000 ms; 2 ms each way, then 1 ms there and 9 ms back.
    clock.note(10, 1012, 14)
    clock.note(20, 1021, 30)
    expect([clock.offsetMs, clock.errorMs, clock.roundTripMs]).toEqual([1000, 2, 4])
  })

  test('is followed as it drifts', () => {
    const clock = new ClockOffset()
    clock.note(0, 1001, 2)
    for (let ms = 50; ms < 50 * 400; ms += 50) clock.note(ms, ms + 2003, ms + 6)
    expect(clock.offsetMs).toBe(2000)
  })
})

describe('between a launcher and a daemon', () => {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  async function answererOf(onBeat: () => void): Promise<number> {
    const port = await freePort()
    const answerer = await BeatAnswerer.listen('127.0.0.1', port)
    closing.push(() => answerer.close())
    answerer.admit('run 1', key, onBeat)
    return port
  }

  function senderTo(port: number, options: { run?: string; key?: Uint8Array }, onAnswer: () => void): BeatSender {
    const sender = new BeatSender({ host: '127.0.0.1', port, run: 'run 1', key, ...options, onAnswer })
    closing.push(() => sender.close())
    return sender
  }

  test('both know that they hear each other, and by how much the clocks differ', async () => {
    const [onBeat, onAnswer] = [vi.fn(), vi.fn()]
    const sender = senderTo(await answererOf(onBeat), {}, onAnswer)
    await vi.waitFor(() => expect(onAnswer.mock.calls.length).toBeGreaterThan(2))
    expect(onBeat.mock.calls.length).toBeGreaterThanOrEqual(onAnswer.mock.calls.length)
    // It is the same clock.
    expect(Math.abs(sender.clock.offsetMs)).toBeLessThanOrEqual(sender.clock.errorMs)
  })

  test('a name that has no address now is asked for again, and nothing is thrown meanwhile', async () => {
    const port = await answererOf(() => {})
    const onAnswer = vi.fn()
    let asked = 0
    const lookUp: LookUp = (_, found) => {
      asked += 1
      found(asked === 1 ? new Error('getaddrinfo ENOTFOUND n1.invalid') : null, '127.0.0.1', 4)
    }
    const sender = new BeatSender({ host: 'n1.invalid', port, run: 'run 1', key, onAnswer, lookUp })
    closing.push(() => sender.close())
    await vi.waitFor(() => expect(onAnswer).toHaveBeenCalled(), { timeout: 5000 })
    expect(asked).toBe(2)
  })

  test('a name that has an address of version 6 only is reached there, if this computer has any', async (context) => {
    if (!hasVersion6) return context.skip('this computer has no addresses of version 6')
    const lookUp: LookUp = (_, found) => found(null, '::1', 6)
    const port = await freePort()
    const answerer = await BeatAnswerer.listen('::1', port)
    answerer.admit('run 1', key, () => {})
    const onAnswer = vi.fn()
    const sender = new BeatSender({ host: 'n6.invalid', port, run: 'run 1', key, onAnswer, lookUp })
    closing.push(
      () => sender.close(),
      () => answerer.close(),
    )
    await vi.waitFor(() => expect(onAnswer).toHaveBeenCalled(), { timeout: 5000 })
  })

  test('a name can be listened at, and one without an address is said', async () => {
    const answerer = await BeatAnswerer.listen('localhost', await freePort())
    answerer.close()
    await expect(BeatAnswerer.listen('n1.invalid', 7400)).rejects.toThrow(/n1\.invalid/)
  })

  test('nobody is answered who has not the key, or is of another run', async () => {
    const [onBeat, onAnswer, onOwn] = [vi.fn(), vi.fn(), vi.fn()]
    const port = await answererOf(onBeat)
    senderTo(port, { key: otherKey }, onAnswer)
    senderTo(port, { run: 'run 2' }, onAnswer)
    senderTo(port, {}, onOwn)
    await vi.waitFor(() => expect(onOwn.mock.calls.length).toBeGreaterThan(2))
    expect(onAnswer).not.toHaveBeenCalled()
    expect(onBeat.mock.calls.length).toBeLessThanOrEqual(onOwn.mock.calls.length + 1)
  })

  test('a beat that comes twice is answered once', async () => {
    const onBeat = vi.fn()
    const port = await answererOf(onBeat)
    const socket = createSocket('udp4')
    closing.push(() => socket.close())
    const answers: (Beat | null)[] = []
    socket.on('message', (datagram) => answers.push(decodeBeat(datagram, tag, key)))
    const send = (sentMs: number): void =>
      void socket.send(encodeBeat({ kind: 'beat', sentMs, atMs: 0 }, tag, key), port, '127.0.0.1')
    for (const sentMs of [5, 5, 4, 6]) send(sentMs)
    await vi.waitFor(() => expect(answers.some((answer) => answer?.sentMs === 6)).toBe(true))
    expect(answers.map((answer) => answer?.sentMs)).toEqual([5, 6])
    expect(onBeat).toHaveBeenCalledTimes(2)
  })
})

/** Free for datagrams. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}
