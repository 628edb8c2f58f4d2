/** Whatever bytes come: no crash, no hang, no more memory than the frame limit, and an end that says why. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/fabric/encode-frame.ts'
import { FrameDecoder } from '../../src/fabric/frame-decoder.ts'
import { type Link, type LinkEnd, unixFabric } from '../../src/fabric/index.ts'
import { nextTurn, pattern, received, useFabric } from './harness.ts'

const limit = 256 * 1024

function framed(header: Uint8Array, body: Uint8Array = new Uint8Array(0)): Buffer {
  const prefix = Buffer.alloc(8)
  prefix.writeUInt32LE(4 + header.length + body.length, 0)
  prefix.writeUInt32LE(header.length, 4)
  return Buffer.concat([prefix, header, body])
}

function wire(message: unknown): Buffer {
  const { head, body } = encodeFrame(message)
  return body ? Buffer.concat([head, body]) : Buffer.from(head)
}

/** Frames of the shapes that travel. */
const honest = [
  { epoch: 3, from: 'a1', to: 'a2', frame: { type: 'message', sequence: 9, tag: 'x', payload: pattern(20) } },
  {
    epoch: 3,
    from: 'a1',
    to: 'c0',
    frame: { type: 'delta', part: 0, batch: { numbers: [1, 2], bytes: pattern(9000) } },
  },
  { epoch: 4, from: 'c0', to: 'b0', frame: { type: 'mergedEnd', parts: 2, checksums: [pattern(16), null] } },
  { paritas: 3, hello: { processor: 4 } },
]

interface Decoded {
  readonly decoder: FrameDecoder
  readonly messages: number
  /** Messages that came after the damage was known. */
  readonly tooLate: number
}

function decode(bytes: Uint8Array, cut: number): Decoded {
  let [messages, tooLate] = [0, 0]
  const decoder: FrameDecoder = new FrameDecoder(limit, () => {
    messages += 1
    if (decoder.damage !== null) tooLate += 1
  })
  for (let at = 0; at < bytes.length; at += cut) decoder.push(Buffer.from(bytes.subarray(at, at + cut)))
  return { decoder, messages, tooLate }
}

function expectSafe({ decoder, tooLate }: Decoded): void {
  expect(tooLate).toBe(0)
  if (decoder.damage === null) return
  expect(decoder.damage).toMatch(/^a frame of -?\d+ bytes (is longer than|cannot have|cannot be decoded: )/)
  expect(decoder.damage).not.toContain('\n')
}

/** Bits turned, bytes set, pieces cut out, put in, or put in twice. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), value: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xc1, 0xff) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), value: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(), value: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never

function mutate(bytes: Buffer, { kind, at, value }: Mutation): Buffer {
  // Mostly heads are hit: that is where the meaning is.
  const place = at % Math.max(1, at % 3 === 0 ? bytes.length : Math.min(bytes.length, 120))
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
  switch (kind) {
    case 'flip':
      return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << value)), after.subarray(1)])
    case 'set':
      return Buffer.concat([before, Buffer.of(value), after.subarray(1)])
    case 'cut':
      return Buffer.concat([before, after.subarray(value)])
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, value), after])
    default:
      return Buffer.concat([before, Buffer.of(value), after])
  }
}

describe('the frame decoder, whatever comes', () => {
  const messages = fc.array(fc.constantFrom(...honest), { minLength: 1, maxLength: 4 })
  const cut = fc.constantFrom(1, 3, 7, 64, 1000, 100_000)

  test.prop([messages, fc.array(mutation, { minLength: 1, maxLength: 6 }), cut], { numRuns: 1500 })(
    'mutated frames',
    (sent, mutations, length) => {
      expectSafe(decode(mutations.reduce(mutate, Buffer.concat(sent.map(wire))), length))
    },
  )

  test.prop([fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 5 }), cut], {
    numRuns: 1500,
  })('random headers in frames of the right length', (headers, length) => {
    expectSafe(decode(Buffer.concat(headers.map((header) => framed(header))), length))
  })

  test.prop([fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), cut], { numRuns: 500 })(
    'random headers with a body',
    (header, body, length) => expectSafe(decode(framed(header, body), length)),
  )

  test.prop([fc.uint8Array({ maxLength: 3000 }), cut], { numRuns: 500 })('noise', (noise, length) => {
    expectSafe(decode(noise, length))
  })

  /** Each claims far more than it brings: MessagePack's lists, maps, texts and binaries with 16- and 32-bit lengths. */
  const claims = [0xdc, 0xdd, 0xde, 0xdf, 0xda, 0xdb, 0xc5, 0xc6, 0xc8, 0xc9]
  const lengths = [
    [0x3f, 0xff],
    [0xff, 0xff],
    [0x00, 0x0f, 0xff, 0xff],
    [0x01, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff],
  ]

  it.each(claims)(
    'a header that begins with byte %i takes no memory for what it claims, once or a thousand deep',
    (first) => {
      const before = process.memoryUsage()
      for (const length of lengths) {
        for (const depth of [1, 10, 1000]) {
          const header = Buffer.concat(Array<Buffer>(depth).fill(Buffer.of(first, ...length)))
          const decoded = decode(framed(header), 1000)
          expectSafe(decoded)
          expect(decoded.messages === 0 || decoded.decoder.damage === null).toBe(true)
        }
      }
      const after = process.memoryUsage()
      const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers
      expect(grown).toBeLessThan(64 * 1024 * 1024)
    },
  )

  it('lists as deep as the limit allows end as damage, not as a stack that runs over', () => {
    const { decoder } = decode(framed(Buffer.alloc(limit - 100, 0x91)), 4096)
    expect(decoder.damage).toMatch(/^a frame of \d+ bytes cannot be decoded: /)
  })

  it('a frame of the greatest length that comes byte by byte takes that length, not much more', () => {
    const decoder = new FrameDecoder(limit, () => {})
    const before = process.memoryUsage().arrayBuffers
    const prefix = Buffer.alloc(8)
    prefix.writeUInt32LE(limit, 0)
    prefix.writeUInt32LE(limit - 4, 4)
    decoder.push(prefix)
    const one = Buffer.of(0x91)
    for (let byte = 0; byte < limit - 5; byte += 1) decoder.push(one)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * limit)
    expect([decoder.damage, decoder.insideFrame]).toEqual([null, true])
  })
})

describe('a link, whatever comes', () => {
  const bench = useFabric({
    name: 'unixFabric',
    make: unixFabric,
    freshAddress: (directory) => join(directory, 'a0.sock'),
  })
  const hello = wire({ paritas: 3, hello: { processor: 4 } })

  /** Sends bytes as a peer that is no link, and gives the end of the link at the other side. */
  async function endAfter(bytes: Uint8Array, links: Link[]): Promise<LinkEnd> {
    const socket = connect(bench.address)
    socket.on('error', () => {})
    const known = links.length
    socket.write(hello)
    while (links.length === known) await nextTurn()
    const link = links.at(-1)!
    const end = new Promise<LinkEnd>((resolve) => {
      link.onClose = resolve
    })
    link.onMessage = () => {}
    socket.write(bytes)
    const closed = once(socket, 'close')
    socket.resume()
    const found = await end
    await closed
    return found
  }

  it.each([
    ['too long a frame', Buffer.of(0, 0, 0, 0xff, 1, 0, 0, 0), /^a frame of 4278190080 bytes is longer than/],
    ['a frame shorter than its header', Buffer.of(9, 0, 0, 0, 6, 0, 0, 0), /^a frame of 9 bytes cannot have a header/],
    ['a header that is no MessagePack', framed(Buffer.of(0xd9)), /^a frame of 5 bytes cannot be decoded: /],
    ['a list without its end', framed(Buffer.of(0xdd, 1, 0xff, 0xff, 0xff)), /^a frame of 9 bytes cannot be decoded: /],
    ['a body without a place', framed(Buffer.of(1), Buffer.of(7)), /its header has no place for the body$/],
  ])('%s ends it as damaged, with a reason; others go on', async (_, bytes, detail) => {
    const links: Link[] = []
    await bench.listen((link) => links.push(link))
    const other = await unixFabric().connect(bench.address, { processor: 1 })
    while (links.length === 0) await nextTurn()
    const end = await endAfter(bytes, links)
    expect(end.kind).toBe('damaged')
    expect(end.detail).toMatch(detail)
    other.send('still here')
    expect(await received(links[0]!, 1)).toEqual(['still here'])
  })

  it("a message that its owner does not take ends it as damaged, with the owner's reason; nothing more comes", async () => {
    const links: Link[] = []
    await bench.listen((link) => links.push(link))
    const near = await unixFabric().connect(bench.address, { processor: 1 })
    while (links.length === 0) await nextTurn()
    const far = links[0]!
    const taken: unknown[] = []
    far.onMessage = (message) => {
      taken.push(message)
      if (message === 42) far.reject('42 is no envelope')
    }
    const end = new Promise<LinkEnd>((resolve) => {
      far.onClose = resolve
    })
    const nearEnd = new Promise<LinkEnd>((resolve) => {
      near.onClose = resolve
    })
    near.onMessage = () => {}
    for (const message of ['one', 42, 'three']) near.send(message)
    expect(await end).toEqual({ kind: 'damaged', detail: '42 is no envelope' })
    expect((await nearEnd).kind).not.toBe('damaged')
    expect(taken).toEqual(['one', 42])
    expect([far.closed, far.queuedBytes]).toEqual([true, 0])
    far.reject('once more')
  })

  it.each([
    ['noise', Buffer.from(pattern(5000))],
    ['a frame that is no hello', wire({ paritas: 1, hello: {} })],
    ['a list for a hello', wire([1, 2])],
    ['a long promise', Buffer.of(0, 0, 2, 0, 4, 0, 0, 0)],
  ])('a stranger that begins with %s is turned away by name; others are let in', async (_, bytes) => {
    const links: Link[] = []
    const turnedAway: string[] = []
    await bench.listen(
      (link) => links.push(link),
      {},
      (why) => turnedAway.push(why),
    )
    const socket = connect(bench.address)
    socket.on('error', () => {})
    socket.resume()
    socket.write(bytes)
    await once(socket, 'close')
    expect(links).toEqual([])
    expect(turnedAway).toEqual([expect.stringMatching(/^(?:a frame of \d+ bytes |the first frame is no hello)/)])
    await unixFabric().connect(bench.address, { processor: 1 })
    while (links.length === 0) await nextTurn()
    expect(links[0]!.peer).toEqual({ processor: 1 })
  })
})
