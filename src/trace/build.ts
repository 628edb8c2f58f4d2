/** Makes a space-time diagram of a trace, record by record. */

import type { RecordedEffect } from '../protocol/index.ts'
import { ArrowBook } from './arrow-book.ts'
import { LaneHistory } from './history.ts'
import { LaneBook } from './lane-book.ts'
import type { TraceRecord } from './record.ts'
import type { SpaceTime } from './space-time.ts'

/** The diagram of `records`, which are in the order of their times; there must be at least one. */
export function buildSpaceTime(records: readonly TraceRecord[], unit: SpaceTime['unit']): SpaceTime {
  const first = records[0]!.at
  const last = records.at(-1)!.at
  const lanes = new LaneBook(records)
  const history = new LaneHistory(lanes, first, last)
  const arrows = new ArrowBook(lanes)
  for (const record of records) {
    const lane = lanes.laneOf(record)
    if (lane === null) continue
    history.note(record, lane)
    if (record.kind === 'effect') noteTraffic(arrows, record, lane, record.what)
    else {
      arrows.eventBegan(lane, record.what)
      if (record.what.type === 'frame') arrows.arrived(record, lane, record.what)
    }
  }
  const { spans, marks, cuts, recoveries, ending } = history.finish()
  const drawn = arrows.finish(spans)
  return { unit, from: first, to: last, lanes: lanes.lanes, ...drawn, spans, marks, cuts, recoveries, ending }
}

function noteTraffic(arrows: ArrowBook, record: TraceRecord, lane: number, effect: RecordedEffect): void {
  switch (effect.type) {
    case 'send':
      arrows.sent(record, lane, effect)
      return
    case 'stopProgram':
      arrows.mailboxDropped(lane, record.epoch)
      return
    case 'restore':
      arrows.wentBack(lane, effect.checkpoint)
      return
    case 'load':
    case 'adopt':
      // What its predecessor had not consumed is gone with it.
      arrows.mailboxDropped(lane, record.epoch)
      arrows.wentBack(lane, effect.checkpoint)
      return
    default:
      arrows.shipped(record, effect)
  }
}
