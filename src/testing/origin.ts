import { differenceKept, emittedDifference, type PlacedDifference } from './agreement.ts'
import { differenceBetween } from './differences.ts'
import type { GivenMessage } from './observe.ts'
import type { ProcessRecord } from './observed-program.ts'
import type { Trial } from './trial.ts'

/** Where two runs began to differ. Steps are counted as `paritas run` does: 0 is `start`. */
export type Origin =
  /** A step did something else, with the same memory and messages. */
  | ({ readonly kind: 'deed'; readonly step: number } & PlacedDifference)
  /** A process that did all the same sent something else: `message`, which came in `step` of process `to`. */
  | MessageOrigin
  /** A step was given messages in another order. */
  | ({ readonly kind: 'order'; readonly process: number; readonly step: number } & GivenOtherwise)

interface MessageOrigin {
  readonly kind: 'message'
  readonly process: number
  readonly to: number
  readonly step: number
  readonly message: GivenMessage
}

/** Null: no message. */
interface GivenOtherwise {
  readonly first: GivenMessage | null
  readonly other: GivenMessage | null
}

/**
 * Where two runs of which every step is known came apart: a step that was given the same messages and had the same
 * memory, and yet did something else; or else a message that is not the same, from somebody who has had nothing else;
 * or else an order of messages. Null where none is found.
 */
export function originOf(first: Trial, other: Trial): Origin | null {
  const pairs = first.processes.map((record, process) => [record, other.processes[process]!] as const)
  const partings = pairs.map(([one, now], process) => partingOf(process, one, now))
  const deed = earliest(partings.filter((one) => one?.kind === 'deed'))
  if (deed !== null) return deed
  const messages = pairs.flatMap(([one, now], to) => changedMessages(to, one, now))
  // Nobody remembers anything else: then it was only sent.
  const unexplained = earliest(messages.filter(({ process }) => partings[process] === null))
  return unexplained ?? earliest(partings.filter((one) => one?.kind === 'order')) ?? earliest(messages)
}

function earliest<Kind extends Origin>(some: readonly (Kind | null)[]): Kind | null {
  return some.filter((one) => one !== null).toSorted((a, b) => a.step - b.step)[0] ?? null
}

/** The first step of a process that did something else, or was given something else; null if there is none. */
function partingOf(process: number, first: ProcessRecord, other: ProcessRecord): Origin | null {
  for (const [step, one] of first.steps.entries()) {
    const now = other.steps[step]
    if (now === undefined) return null
    const at = firstGivenOtherwise(one.seen.given, now.seen.given)
    if (at !== null) {
      const [was, message] = [one.seen.given[at] ?? null, now.seen.given[at] ?? null]
      if (message === null || message.from !== was?.from || message.tag !== was.tag) {
        return { kind: 'order', process, step, first: was, other: message }
      }
      return { kind: 'message', process: message.from, to: process, step, message }
    }
    const kept = differenceKept(one.seen, now.seen) ?? emittedDifference(one.emitted, now.emitted)
    if (kept !== null) return { kind: 'deed', process, step, ...kept }
  }
  const result = differenceBetween(first.result, other.result)
  if (result === null || first.steps.length !== other.steps.length) return null
  const { path, ...values } = result
  return { kind: 'deed', process, step: first.steps.length - 1, place: `result${path}`, ...values }
}

function firstGivenOtherwise(first: readonly GivenMessage[], other: readonly GivenMessage[]): number | null {
  const length = Math.max(first.length, other.length)
  for (let index = 0; index < length; index += 1) {
    const [one, now] = [first[index], other[index]]
    if (one?.from !== now?.from || one?.tag !== now?.tag || one?.digest !== now?.digest) return index
  }
  return null
}

/** Of each sender and tag the first message that is not the same, whatever came in between. */
function changedMessages(to: number, first: ProcessRecord, other: ProcessRecord): MessageOrigin[] {
  const before = bySender(first)
  return [...bySender(other)].flatMap(([sender, came]) => {
    const were = before.get(sender) ?? []
    const changed = came.find(({ message }, index) => message.digest !== (were[index]?.message ?? message).digest)
    return changed === undefined ? [] : [{ kind: 'message', process: changed.message.from, to, ...changed }]
  })
}

function bySender({ steps }: ProcessRecord): Map<string, { step: number; message: GivenMessage }[]> {
  const came = new Map<string, { step: number; message: GivenMessage }[]>()
  for (const [step, { seen }] of steps.entries()) {
    for (const message of seen.given) {
      const sender = `${message.from} ${message.tag}`
      const before = came.get(sender)
      if (before === undefined) came.set(sender, [{ step, message }])
      else before.push({ step, message })
    }
  }
  return came
}
