import { sendPaced } from '../../../fabric/index.ts'
import type { TypedArray } from '../../../program/index.ts'
import type { InputHead, ToProcessor } from '../../wire/control.ts'
import type { MessageOutlet } from '../crew/process-handle.ts'

const partBytes = 1024 * 1024

export function inputHead(input: TypedArray): InputHead {
  return { kind: input[Symbol.toStringTag], byteLength: input.byteLength }
}

/** Sends the input in parts, no faster than they are taken. */
export async function sendInput(link: MessageOutlet, input: TypedArray): Promise<void> {
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
  const offsets = Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, index) => index * partBytes)
  const makePart = (offset: number): ToProcessor => ({
    type: 'inputPart',
    offset,
    bytes: bytes.subarray(offset, offset + partBytes),
  })
  await sendPaced([link], offsets, makePart, { queuedBytesMax: 4 * partBytes, stop: () => false })
}
