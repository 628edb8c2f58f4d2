import { processorId } from '../../src/base/index.ts'
import { applicationPlace, type Place } from '../../src/protocol/index.ts'
import type { Line } from '../trace/lines.ts'
import { at, becomes, begins, capture, message, modelOf, resumed, runStep, start, stepEnded } from '../trace/lines.ts'

/** Messages around a ring of so many processes, with a checkpoint now and then. */
export function ringTrace(processes: number, messages: number): Line[] {
  const lines: Line[] = []
  const place = (rank: number): Place => applicationPlace(rank % processes)
  for (let index = 0; index < messages; index += 1) {
    const frame = message(Math.floor(index / processes))
    lines.push(at(place(index), null).sends(index, place(index + 1), frame))
    lines.push(at(place(index + 1), null).receives(index + 0.6, place(index), frame))
    lines.push(at(place(index + 1), null).effect(index + 0.7, runStep))
    lines.push(at(place(index + 1), null).event(index + 0.9, stepEnded))
    if (index % 50 === 0) {
      lines.push(at(place(index), null).effect(index + 0.2, capture(index / 50 + 1)))
      lines.push(at('c0', 3).effect(index + 0.3, { type: 'applyStaged', checkpoint: index / 50 + 1 }))
    }
  }
  return lines
}

const strange = `</script><b>&"'`

/** A loss with all that belongs to it, and a tag that must not become markup. */
const loss: readonly Line[] = [
  ...start,
  at('a0', 1).sends(1, 'a1', message(0, { tag: strange })),
  at('a0', 1).sends(1, 'a1', message(1, { tag: 'n' })),
  at('a1', 2).receives(3, 'a0', message(0, { tag: strange })),
  at('a0', 1).effect(4, capture(1)),
  at('a1', 2).effect(5, capture(1)),
  at('a0', 1).effect(5, { type: 'shipDelta', to: ['c0'], epoch: 1, checkpoint: 1 }),
  at('c0', 3).receives(8, 'a0', { type: 'deltaEnd', checkpoint: 1, parts: 0, checksums: new Uint8Array(8) }),
  at('c0', 3).effect(9, { type: 'applyStaged', checkpoint: 1 }),
  at('conductor', null).event(12, { type: 'lost', processor: processorId(2) }),
  at('conductor', null).effect(12, begins(2, 'a1')),
  at('conductor', null).effect(13, { type: 'lineFound', epoch: 2, line: 1, disk: null }),
  at('a0', 1, 2).effect(14, { type: 'restore', epoch: 2, checkpoint: 1 }),
  at('conductor', null).effect(15, becomes(5, 'a1', 2)),
  at('a1', 5, 2).effect(15.5, { type: 'adopt', epoch: 2, checkpoint: 1, checksums: null }),
  at('a0', 1, 2).receives(16, 'conductor', { type: 'resume' }, 2),
  at('a0', 1, 2).sends(17, 'a1', message(1, { tag: 'n' })),
  at('conductor', null).effect(18, resumed(1)),
  at('a1', 5, 2).receives(19, 'a0', message(1, { tag: 'n' }), 2),
]
export const eventful = modelOf(loss)

/** The same with names at every edge of a part of it. */
export const named = modelOf(
  [
    ...loss,
    at('a0', 1).sends(1.5, 'a1', message(2, { tag: 'a rather long tag' })),
    at('a1', 2).receives(8, 'a0', message(2, { tag: 'a rather long tag' })),
    at('a0', 1).sends(4.8, 'c0', { type: 'request', checkpoint: 1, urgent: false }),
    at('c0', 3).receives(5.1, 'a0', { type: 'request', checkpoint: 1, urgent: false }),
    at('a0', 1, 2).sends(16.8, 'c0', { type: 'request', checkpoint: 2, urgent: false }),
    at('c0', 3, 2).receives(17.4, 'a0', { type: 'request', checkpoint: 2, urgent: false }),
  ].sort((one, other) => one.ms - other.ms),
)
