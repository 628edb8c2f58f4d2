/** Traces that tests write by hand. */
import { buildSpaceTime, type SpaceTime, TraceReader } from '../../src/trace/index.ts'

export interface Line {
  readonly ms: number
  readonly processor: number | null
  readonly place: string
  readonly epoch: number
  readonly pid?: number
  readonly event?: string
  readonly effect?: string
}

/** A place and what it does: `at('a0', 1)` then `.event(5, '…')`. */
export function at(place: string, processor: number | null, epoch = 1) {
  const base = { processor, place, epoch }
  return {
    event: (ms: number, event: string): Line => ({ ms, ...base, event }),
    effect: (ms: number, effect: string): Line => ({ ms, ...base, effect }),
  }
}

export const textOf = (lines: readonly Line[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

export function modelOf(lines: readonly Line[]): SpaceTime {
  const reader = new TraceReader('t.jsonl')
  reader.push(textOf(lines))
  return buildSpaceTime(reader.end().records, 'ms')
}

/** Everybody has a place: processor 1 is a0, 2 is a1, 3 is c0, 4 is b0. */
export const start: readonly Line[] = ['a0', 'a1', 'c0', 'b0'].map((place, index) =>
  at('conductor', null).effect(-5, `processor ${index + 1} becomes ${place} in epoch 1`),
)
