/**
 * Traces: what `paritas run --trace` writes and what scenarios tell, read line by line and made into a space-time
 * diagram as plain data. Pure: text in, data out.
 */
export { buildSpaceTime } from './build.ts'
export { lineLengthMax, recordsMax, type Trace, TraceReader } from './reader.ts'
export { TraceError, type TraceRecord } from './record.ts'
export type { Arrow, Lane, Mark, MarkKind, Point, RecoverySpan, SpaceTime, Span, Stream } from './space-time.ts'
