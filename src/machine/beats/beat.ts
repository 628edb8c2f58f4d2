import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Bytes of the key of a run's beats. */
export const beatKeyBytes = 32

const tagBytes = 16
const sealBytes = 16
const beatBytes = 1 + tagBytes + 8 + 8 + sealBytes
const kinds = ['beat', 'answer'] as const

/**
 * A datagram by which a run's launcher and a host's daemon know that they hear each other. Datagrams, since one that is lost
 * holds up none behind it, as it would in a connection.
 */
export interface Beat {
  readonly kind: 'beat' | 'answer'
  /** When the beat was sent, in milliseconds of the launcher's clock; an answer repeats it. */
  readonly sentMs: number
  /** When it was answered, in milliseconds of the daemon's clock; 0 in a beat. */
  readonly atMs: number
}

/** Names a run in its beats. */
export function tagOf(run: string): Buffer {
  return createHash('sha256').update(run).digest().subarray(0, tagBytes)
}

/** The tag in a datagram, to find the run; null if it is no beat. */
export function readTag(datagram: Uint8Array): Buffer | null {
  return datagram.length === beatBytes ? Buffer.from(datagram.subarray(1, 1 + tagBytes)) : null
}

export function encodeBeat({ kind, sentMs, atMs }: Beat, tag: Uint8Array, key: Uint8Array): Buffer {
  const datagram = Buffer.alloc(beatBytes)
  datagram[0] = kinds.indexOf(kind)
  datagram.set(tag, 1)
  datagram.writeDoubleBE(sentMs, 1 + tagBytes)
  datagram.writeDoubleBE(atMs, 1 + tagBytes + 8)
  datagram.set(sealOf(datagram, key), beatBytes - sealBytes)
  return datagram
}

/** The beat in a datagram; null if nobody who has the key has sent it. */
export function decodeBeat(datagram: Uint8Array, tag: Uint8Array, key: Uint8Array): Beat | null {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length)
  if (bytes.length !== beatBytes || !bytes.subarray(1, 1 + tagBytes).equals(tag)) return null
  const kind = kinds[bytes[0]!]
  if (kind === undefined || !timingSafeEqual(bytes.subarray(beatBytes - sealBytes), sealOf(bytes, key))) return null
  return { kind, sentMs: bytes.readDoubleBE(1 + tagBytes), atMs: bytes.readDoubleBE(1 + tagBytes + 8) }
}

function sealOf(datagram: Buffer, key: Uint8Array): Buffer {
  return createHmac('sha256', key)
    .update(datagram.subarray(0, beatBytes - sealBytes))
    .digest()
    .subarray(0, sealBytes)
}
