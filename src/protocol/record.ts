/**
 * Events and effects as traces keep them: plain data, with a count in place of bytes, pages and whatever holds such;
 * texts and lists are cut to what a line can hold.
 */
import type { ProcessorId } from '../base/index.ts'
import type { PageBatch } from '../parity/index.ts'
import type { ApplicationEffect, ApplicationEvent } from './application/index.ts'
import type { CheckEffect, CheckEvent } from './check/index.ts'
import type { ConductorEffect, ConductorEvent } from './conductor/index.ts'
import type { Frame } from './frames.ts'

/** Raised whenever they are kept in another way: the first line of a trace says it. */
export const recordVersion = 3

export type AnyEvent = ApplicationEvent | CheckEvent | ConductorEvent
export type AnyEffect = ApplicationEffect | CheckEffect | ConductorEffect

/** What only real machines have to tell, and no state machine is told. */
export type OutsideEvent =
  /** The program's thread has the restored memory and goes on. */
  | { readonly type: 'computing' }
  /** The processor was hit on purpose. */
  | { readonly type: 'fault'; readonly fault: 'kill' | 'freeze' | 'thaw'; readonly processor: ProcessorId }

/** Fields of which only the number of bytes, pages or items is kept. */
const countedFields = ['payload', 'batch', 'checksums', 'blobs', 'vars', 'sends', 'outputs', 'shares'] as const
type CountedField = (typeof countedFields)[number]
const counted: ReadonlySet<string> = new Set(countedFields)

type Plain = string | number | boolean | null | undefined | readonly Plain[] | { readonly [name: string]: Plain }

/** Bytes and maps stay what they are, and so do not compile where they are not counted. */
export type Recorded<Value> = Value extends Plain | Uint8Array | ReadonlyMap<unknown, unknown>
  ? Value
  : { readonly [Key in keyof Value]: Key extends CountedField ? number : Recorded<Value[Key]> }
type OnlyPlain<Value extends Plain> = Value

export type RecordedFrame = OnlyPlain<Recorded<Frame>>
export type RecordedEvent = OnlyPlain<Recorded<AnyEvent | OutsideEvent>>
export type RecordedEffect = OnlyPlain<Recorded<AnyEffect>>

/** What a line of a trace is about. */
export type Happening =
  | { readonly kind: 'event'; readonly what: RecordedEvent }
  | { readonly kind: 'effect'; readonly what: RecordedEffect }

export function recordEvent(event: AnyEvent | OutsideEvent): Happening {
  return { kind: 'event', what: recorded(event) as RecordedEvent }
}

export function recordEffect(effect: AnyEffect): Happening {
  return { kind: 'effect', what: recorded(effect) as RecordedEffect }
}

const textLengthMax = 1000
const listLengthMax = 1000

function recorded(value: unknown): unknown {
  if (typeof value === 'string') return value.length > textLengthMax ? `${value.slice(0, textLengthMax)}…` : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.slice(0, listLengthMax).map(recorded)
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    fields[name] = counted.has(name) ? howMany(field as Countable) : recorded(field)
  }
  return fields
}

type Countable = number | null | PageBatch | { readonly length: number } | { readonly size: number }

/** How many bytes, pages or items there are; a number is that count already. */
export function howMany(value: Countable): number {
  if (typeof value === 'number' || value === null) return value ?? 0
  if ('length' in value) return value.length
  return 'size' in value ? value.size : value.numbers.length
}
