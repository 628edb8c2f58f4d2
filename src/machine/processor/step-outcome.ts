import { quoted } from '../../base/index.ts'
import type { StepOutcome } from '../../program/index.ts'
import type { OutputKind, ProcessState, StepEnded } from '../../protocol/index.ts'

/** What the program's thread reports of a step, in the protocol's words. */
export function stepEnded({ sends, emits, logs, next, vars }: StepOutcome): StepEnded {
  const outputs: { kind: OutputKind; payload: Uint8Array }[] = [
    ...logs.map((payload) => ({ kind: 'log' as const, payload })),
    ...emits.map((payload) => ({ kind: 'emit' as const, payload })),
  ]
  if (next.kind === 'done') outputs.push({ kind: 'done', payload: next.result })
  return { sends, outputs, vars, waiting: next.kind === 'done' ? { kind: 'finished' } : next }
}

/** Longest value that a frame can carry. */
const payloadBytesMax = 1024 ** 3

/** Says which value of the step is too long to be sent, or null. */
export function overlongPayload(rank: number, { sends, emits, logs, next }: StepOutcome): string | null {
  const limit = 'at most 1 GiB fits into one: cut it up'
  const send = sends.find(({ payload }) => payload.byteLength > payloadBytesMax)
  if (send)
    return `process ${rank} sent ${quoted(send.tag)} to process ${send.to} with a value that is too long; ${limit}`
  const outputs = [...emits, ...logs, ...(next.kind === 'done' ? [next.result] : [])]
  const isOverlong = outputs.some((payload) => payload.byteLength > payloadBytesMax)
  return isOverlong
    ? `process ${rank} emitted or logged a value or is done with a result that is too long; ${limit}`
    : null
}

/** An estimate of what a logged message or output takes beside its payload: its row, and the objects around it. */
export const rowBytes = 512

/** Messages in the sent table, and the bytes of their payloads: right after a capture, what the checkpoint's log holds. */
export function logSize({ log }: ProcessState): { readonly messages: number; readonly bytes: number } {
  const entries = [...log.sent.values()].flat()
  return { messages: entries.length, bytes: entries.reduce((sum, { payload }) => sum + payload.byteLength, 0) }
}

/** Bytes that the log and the unreleased output hold beside the program's memory. */
export function loggedBytes({ log, outputs }: ProcessState): number {
  let bytes = 0
  for (const entries of log.sent.values()) for (const { payload } of entries) bytes += payload.byteLength + rowBytes
  for (const { payload } of outputs) bytes += payload.byteLength + rowBytes
  return bytes
}
