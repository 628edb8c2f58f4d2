import { isDeepStrictEqual } from 'node:util'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/fabric/encode-frame.ts'
import { FrameDecoder } from '../../src/fabric/frame-decoder.ts'
import { pattern } from './harness.ts'

const limit = 1024 * 1024

/** Messages of the shapes that travel, with binary fields on both sides of where a field becomes the body. */
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 8000, max: 9000 }).map(pattern),
  fc.integer({ min: 60_000, max: 140_000 }).map(pattern),
)
const scalar = fc.oneof(fc.integer(), fc.double({ noNaN: true }).map(withoutMinusZero), fc.string(), fc.boolean())
const key = fc.string({ minLength: 1, maxLength: 9 }).filter((name) => name !== '__proto__')
const record = <Fields>(fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> }) =>
  fc.record(fields, { noNullPrototype: true })
const message = fc.oneof(
  record({ epoch: fc.nat(), from: fc.string(), frame: record({ type: fc.string(), payload: binary }) }),
  record({ frame: record({ batch: record({ numbers: fc.array(fc.nat()), bytes: binary }) }) }),
  record({ type: fc.string(), checksums: fc.array(fc.oneof(fc.constant(null), binary), { maxLength: 3 }) }),
  fc.dictionary(key, fc.oneof(scalar, binary, fc.constant(null), fc.array(scalar)), { noNullPrototype: true }),
  binary,
)
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70_000 })), { minLength: 1 })

function withoutMinusZero(value: number): number {
  return value === 0 ? 0 : value
}

function wire(messages: readonly unknown[]): Buffer {
  return Buffer.concat(
    messages.flatMap((each) => {
      const { head, body } = encodeFrame(each)
      return body ? [Buffer.from(head), body] : [Buffer.from(head)]
    }),
  )
}

/** Feeds `bytes` in chunks of the lengths in `chunkLengths`, over and over. */
function decode(bytes: Uint8Array, chunkLengths: readonly number[]): { messages: unknown[]; decoder: FrameDecoder } {
  const messages: unknown[] = []
  const decoder = new FrameDecoder(limit, (each) => messages.push(each))
  for (let offset = 0, turn = 0; offset < bytes.length; turn += 1) {
    const end = Math.min(bytes.length, offset + chunkLengths[turn % chunkLengths.length]!)
    const chunk = Buffer.from(bytes.subarray(offset, end))
    decoder.push(chunk)
    chunk.fill(0xee)
    offset = end
  }
  return { messages, decoder }
}

describe('frames', () => {
  test.prop([fc.array(message, { maxLength: 6 }), cuts], { numRuns: 300 })(
    'any messages in any cuts',
    (sent, lengths) => {
      const { messages, decoder } = decode(wire(sent), lengths)
      expect(decoder.damage).toBeNull()
      expect(decoder.insideFrame).toBe(false)
      expect(isDeepStrictEqual(messages, sent)).toBe(true)
    },
  )

  test.prop([fc.array(message, { minLength: 1, maxLength: 3 }), cuts, fc.nat()], { numRuns: 100 })(
    'bytes that stop early are seen to be inside a frame',
    (sent, lengths, where) => {
      const bytes = wire(sent)
      const cut = where % bytes.length
      const { messages, decoder } = decode(bytes.subarray(0, cut), lengths)
      expect(decoder.damage).toBeNull()
      expect(isDeepStrictEqual(messages, sent.slice(0, messages.length))).toBe(true)
      expect(decoder.insideFrame).toBe(wire(sent.slice(0, messages.length)).length < cut)
    },
  )

  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 })
  test.prop([fc.array(message, { minLength: 1, maxLength: 3 }), cuts, changes], { numRuns: 300 })(
    'changed bytes never throw',
    (sent, lengths, changed) => {
      const bytes = wire(sent)
      // Mostly heads are hit: that is where the meaning is.
      for (const [place, value] of changed) bytes[place % Math.min(bytes.length, 200)] = value
      const { decoder } = decode(bytes, lengths)
      if (decoder.damage !== null) expect(decoder.damage).toMatch(/^a frame of -?\d+ bytes /)
    },
  )

  test.prop([fc.uint8Array({ maxLength: 400 }), cuts], { numRuns: 300 })('noise never throws', (noise, lengths) => {
    const { decoder } = decode(Buffer.concat([Buffer.of(noise.length & 0xff, 1, 0, 0, 9, 0, 0, 0), noise]), lengths)
    if (decoder.damage !== null) expect(decoder.damage).toMatch(/^a frame of -?\d+ bytes /)
  })

  it.each([
    [
      'too long',
      [0, 0, 0, 0xff, 1, 0, 0, 0],
      'a frame of 4278190080 bytes is longer than the 1048576 that are allowed',
    ],
    ['without header', [9, 0, 0, 0, 0, 0, 0, 0], 'a frame of 9 bytes cannot have a header of 0'],
    ['shorter than its header', [9, 0, 0, 0, 6, 0, 0, 0], 'a frame of 9 bytes cannot have a header of 6'],
    ['that is no MessagePack', [5, 0, 0, 0, 1, 0, 0, 0, 0xd9], /^a frame of 5 bytes cannot be decoded: /],
    [
      'with a body for which there is no place',
      [6, 0, 0, 0, 1, 0, 0, 0, 1, 7],
      /its header has no place for the body$/,
    ],
  ])('a frame %s is told by its size', (_, bytes, damage) => {
    const { messages, decoder } = decode(Uint8Array.from(bytes), [3])
    expect(decoder.damage).toMatch(damage)
    expect(messages).toEqual([])
  })

  it('a body finds its place only where the header left one open', () => {
    const { head, body } = encodeFrame({ safe: pattern(10_000) })
    for (const path of ['__proto_', 'safe2', 'constr']) {
      const hostile = Buffer.from(head)
      hostile.write('safe', hostile.lastIndexOf('safe'))
      hostile.write(path.slice(0, 4), hostile.lastIndexOf('safe'))
      const { decoder } = decode(Buffer.concat([hostile, body!]), [1000])
      if (path.startsWith('safe')) expect(decoder.damage).toBeNull()
      else expect(decoder.damage).toMatch(/its header has no place for the body$/)
    }
  })

  it('a long promise takes no memory before its bytes arrive', () => {
    const decoder = new FrameDecoder(2 ** 32, () => {})
    const before = process.memoryUsage().arrayBuffers
    const prefix = Buffer.alloc(8)
    prefix.writeUInt32LE(2 ** 31, 0)
    prefix.writeUInt32LE(2 ** 30, 4)
    decoder.push(prefix)
    decoder.push(Buffer.alloc(1000))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
    expect(decoder.insideFrame).toBe(true)
  })

  it('messages do not keep the chunk alive that they came in', () => {
    const chunk = new Uint8Array(64 * 1024)
    const bytes = wire([{ few: pattern(30), many: pattern(20_000) }])
    chunk.set(bytes)
    const messages: { few: Uint8Array; many: Uint8Array }[] = []
    new FrameDecoder(limit, (each) => messages.push(each as { few: Uint8Array; many: Uint8Array })).push(
      chunk.subarray(0, bytes.length),
    )
    expect(messages[0]!.few.buffer.byteLength).toBe(30)
    expect(messages[0]!.many.buffer.byteLength).toBe(20_000)
  })
})
