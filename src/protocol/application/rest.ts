/**
 * Whether a program can ever go on. A process rests when it has finished, or waits for messages of which none has come;
 * only a message can wake it. So if all rest, and everything that was sent has arrived, the program waits for ever.
 *
 * D1: what all say at one time cannot be asked, so it is asked twice. Who says the same twice, in one epoch and with no
 *     step in between, was at rest in between; if the second question came after the first answers of all, there was a
 *     moment at which all were, and the counts are those of that moment (Mattern 1987, the four counter method).
 */
import type { Epoch } from '../../base/index.ts'
import { countMessages, matchMailbox, type ReceivePattern } from './mailbox.ts'
import type { ApplicationState } from './state.ts'

/** What a process says of itself when it is asked whether it rests. */
export interface Rest {
  readonly epoch: Epoch
  readonly steps: number
  readonly resting: boolean
  /** What it waits for; nothing when it has finished. */
  readonly waitsFor: readonly ReceivePattern[]
  /** Messages sent, and arrived, from the beginning on. */
  readonly sent: number
  readonly arrived: number
}

export function restOf({ mode, epoch, stepping, suspended, process, mailbox }: ApplicationState): Rest {
  const { waiting, steps, log } = process
  const waitsFor = waiting.kind === 'receive' ? waiting.patterns : []
  const hasNothingToDo =
    waiting.kind === 'receive' ? matchMailbox(mailbox, waitsFor) === null : waiting.kind === 'finished'
  let [sent, arrived] = [0, 0]
  for (const next of log.nextSequence.values()) sent += next
  for (const { watermark, receipts } of log.received.values()) arrived += watermark + receipts.length
  arrived += countMessages(mailbox)
  return {
    epoch,
    steps,
    resting: mode === 'running' && !stepping && !suspended && hasNothingToDo,
    waitsFor,
    sent,
    arrived,
  }
}

/** D1. `before` and `after`: the answers of all processes to two questions, by rank. */
export function waitsForEver(before: readonly Rest[], after: readonly Rest[]): boolean {
  let inTransit = 0
  for (const [rank, { epoch, steps, resting, sent, arrived }] of after.entries()) {
    const first = before[rank]
    if (!first?.resting || !resting || first.steps !== steps) return false
    if (first.epoch !== epoch || epoch !== after[0]!.epoch) return false
    if (first.sent !== sent || first.arrived !== arrived) return false
    inTransit += sent - arrived
  }
  return inTransit === 0 && after.some(({ waitsFor }) => waitsFor.length > 0)
}
