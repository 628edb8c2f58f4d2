/** Makes a space-time diagram of a trace, record by record. */
import { ArrowBook } from './arrow-book.ts'
import { type Deed, readDeed } from './deed.ts'
import { History } from './history.ts'
import { LaneBook } from './lane-book.ts'
import type { TraceRecord } from './record.ts'
import type { SpaceTime } from './space-time.ts'

/** The diagram of `records`, which are in the order of their times; there must be at least one. */
export function buildSpaceTime(records: readonly TraceRecord[], unit: SpaceTime['unit']): SpaceTime {
  const first = records[0]!.at
  const last = records.at(-1)!.at
  const lanes = new LaneBook(records)
  const history = new History(lanes, first, last)
  const arrows = new ArrowBook(lanes)
  for (const record of records) {
    const deed = readDeed(record)
    const lane = lanes.laneOf(record)
    if (deed === null || lane === null) continue
    history.note(record, lane, deed)
    noteTraffic(arrows, record, lane, deed)
  }
  const { spans, marks, cuts, recoveries, ending } = history.finish()
  const drawn = arrows.finish(spans)
  return { unit, from: first, to: last, lanes: lanes.lanes, ...drawn, spans, marks, cuts, recoveries, ending }
}

function noteTraffic(arrows: ArrowBook, record: TraceRecord, lane: number, deed: Deed): void {
  if (record.kind === 'event') arrows.eventBegan(lane, deed)
  switch (deed.type) {
    case 'sent':
      arrows.sent(record, lane, deed)
      return
    case 'shipped':
      arrows.shipped(record, lane, deed)
      return
    case 'arrived':
      arrows.arrived(record, lane, deed)
      return
    case 'programStopped':
      arrows.mailboxDropped(lane, record.epoch)
      return
    case 'restored':
      arrows.wentBack(lane, deed.checkpoint)
      return
    case 'adopted':
      // What its predecessor had not consumed is gone with it.
      arrows.mailboxDropped(lane, record.epoch)
      arrows.wentBack(lane, deed.checkpoint)
      return
    default:
      return
  }
}
