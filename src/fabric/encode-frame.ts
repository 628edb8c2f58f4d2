import { Packr, RESERVE_START_SPACE, RESET_BUFFER_MODE } from 'msgpackr/pack'

/**
 * A frame is [u32 rest][u32 kind and header][header][body], little-endian: `rest` counts what follows it, `header` the
 * bytes of the MessagePack part, and the two highest bits of that word are the kind. Without a body the header is the
 * message. With one it is [message, path], the body being the binary field of the message at `path`, which so travels
 * without being copied into the header.
 */
export const prefixBytes = 8

/** Bits of the second word that count bytes. */
export const headerBits = 30

export const frameKinds = {
  /** The body, if there is one, belongs to the receiver. */
  own: 0,
  /** The body is lent until the message has been handled. */
  lent: 1,
  /** The same, and where it would be there is [u32 slot][u32 length]: it lies in a slot of the sender's (see lanes.ts). */
  slot: 2,
  /** No message: the header is for the lane itself, and there is no body. */
  news: 3,
} as const

type FrameKind = (typeof frameKinds)[keyof typeof frameKinds]

/** Length of what stands for a body in a slot. */
export const slotBodyBytes = 8

/** A binary field from this length on travels as the body: below it, a copy costs less than a write of its own. */
const bodyBytesMin = 8 * 1024

const packr = new Packr({ useRecords: false })

export interface EncodedFrame {
  /** Prefix and header: valid until the next frame is encoded. */
  readonly head: Uint8Array
  readonly body: Uint8Array | null
}

/** Encodes `message`, a plain object. The body is the message's own memory. */
export function encodeFrame(message: unknown): EncodedFrame {
  const path = pathToBody(message)
  const body = path && (path.reduce<unknown>(fieldOf, message) as Uint8Array)
  const header = path ? [withHole(message, path), path] : message
  return framed(header, body, frameKinds.own)
}

/** Prefix and header of a message without a body, in memory of its own. */
export function bytesOfFrame(message: unknown): Uint8Array {
  return Uint8Array.from(encodeFrame(message).head)
}

/** The long field of a message that would travel as the body of its frame; null if there is none. */
export function bodyOf(message: unknown): Uint8Array | null {
  const path = pathToBody(message)
  return path && (path.reduce<unknown>(fieldOf, message) as Uint8Array)
}

/** Puts `body` where the long field of a message is. */
export function replaceBody(message: unknown, body: Uint8Array): void {
  const path = pathToBody(message) ?? []
  const key = path.at(-1)
  if (key !== undefined) Object.assign(path.slice(0, -1).reduce(fieldOf, message) as object, { [key]: body })
}

/** How long the frame of a message is. */
export function frameBytes(message: unknown): number {
  const { head, body } = encodeFrame(message)
  return head.length + (body?.length ?? 0)
}

/** Encodes news of a lane. */
export function encodeNews(news: unknown): EncodedFrame {
  return framed(news, null, frameKinds.news)
}

/** The same frame with its body lent. */
export function lending({ head, body }: EncodedFrame): EncodedFrame {
  return withKind({ head, body }, frameKinds.lent)
}

/** The same frame with its body in a slot. */
export function inSlot({ head, body }: EncodedFrame, index: number): EncodedFrame {
  const place = new Uint8Array(slotBodyBytes)
  const view = new DataView(place.buffer)
  view.setUint32(0, index, true)
  view.setUint32(4, body ? body.length : 0, true)
  return withKind({ head, body: place }, frameKinds.slot)
}

function framed(header: unknown, body: Uint8Array | null, kind: FrameKind): EncodedFrame {
  const head = packr.pack(header, RESET_BUFFER_MODE | RESERVE_START_SPACE | prefixBytes)
  return withKind({ head, body }, kind)
}

function withKind({ head, body }: EncodedFrame, kind: FrameKind): EncodedFrame {
  writeU32(head, 0, head.length - 4 + (body ? body.length : 0))
  writeU32(head, 4, head.length - prefixBytes + kind * 2 ** headerBits)
  return { head, body }
}

/** Little-endian; a view for it would cost a small frame as much as all else about its prefix. */
function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value
  bytes[offset + 1] = value >>> 8
  bytes[offset + 2] = value >>> 16
  bytes[offset + 3] = value >>> 24
}

export function readU32(bytes: Uint8Array, offset: number): number {
  const high = (bytes[offset + 2]! | (bytes[offset + 3]! << 8)) >>> 0
  return high * 2 ** 16 + (bytes[offset]! | (bytes[offset + 1]! << 8))
}

/** Puts the body back into the decoded header. Throws if the header has no place for it. */
export function joinBody(header: unknown, body: Uint8Array): unknown {
  if (!Array.isArray(header) || !Array.isArray(header[1])) throw new Error('its header has no place for the body')
  const [message, path] = header as [unknown, unknown[]]
  if (path.length === 0) return body
  const owner = path.slice(0, -1).reduce(fieldOf, message)
  const key = path.at(-1)
  if (!isPlainObject(owner) || typeof key !== 'string' || owner[key] !== null || !Object.hasOwn(owner, key)) {
    throw new Error('its header has no place for the body')
  }
  owner[key] = body
  return message
}

/** The keys that lead to the first long binary field, or null. Lists are not searched: they may be long. */
function pathToBody(value: unknown): string[] | null {
  if (value instanceof Uint8Array) return value.length >= bodyBytesMin ? [] : null
  if (!isPlainObject(value)) return null
  for (const key in value) {
    const field = value[key]
    const path = typeof field === 'object' && field !== null ? pathToBody(field) : null
    if (path) return [key, ...path]
  }
  return null
}

function withHole(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return null
  return { ...(value as object), [key]: withHole(fieldOf(value, key), rest) }
}

function fieldOf(value: unknown, key: unknown): unknown {
  return isPlainObject(value) && typeof key === 'string' && Object.hasOwn(value, key) ? value[key] : undefined
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
