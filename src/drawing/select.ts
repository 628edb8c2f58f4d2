/**
 * What of a diagram is drawn in a view. Where there is more than an eye can tell apart, like is bundled with like, and
 * what was left out is said. The number of what is drawn is bounded whatever the length of the trace.
 */
import type { Arrow, Mark, SpaceTime, Span } from '../trace/index.ts'
import type { TimeScale } from './scale.ts'

/** Arrows that are drawn one by one; of more, only some. */
const singlesMax = 700
const samplesMax = 2600
const samplePxLeast = 8

/** Arrows that look alike, of which some are drawn. */
export interface Sheaf {
  /** Those that are drawn. All have the same kind, ends and fate. */
  readonly drawn: readonly Arrow[]
  /** How many they stand for. */
  readonly count: number
}

export type Selection =
  | { readonly kind: 'all'; readonly arrows: readonly Arrow[] }
  | { readonly kind: 'sample'; readonly sheaves: readonly Sheaf[]; readonly total: number; readonly drawn: number }

/** What layer of the drawing an arrow is on; layers can be hidden. */
export type Layer = Arrow['traffic'] | 'pages'

export function selectArrows({ arrows }: SpaceTime, scale: TimeScale, hidden: ReadonlySet<Layer>): Selection {
  const inView: Arrow[] = []
  for (const arrow of arrows) {
    if (hidden.has(arrow.traffic)) continue
    const begin = arrow.sent ?? arrow.arrived!
    const end = arrow.arrived ?? arrow.sent!
    if (end >= scale.from && begin <= scale.to) inView.push(arrow)
  }
  if (inView.length <= singlesMax) return { kind: 'all', arrows: inView }
  let samples = sample(inView, scale)
  // Half as many stretches with each turn, until there is one for each pair of lanes.
  for (let px = samplePxLeast; samples.length > samplesMax && px < scale.right - scale.left; px *= 2) {
    samples = mergeNeighbours(samples)
  }
  const drawn = samples.sort((one, other) => other.count - one.count).slice(0, samplesMax)
  return { kind: 'sample', sheaves: sheavesOf(drawn), total: inView.length, drawn: drawn.length }
}

/** One arrow for all that look alike and are near each other. */
interface Sample {
  readonly arrow: Arrow
  /** The same for arrows that differ in time only. */
  readonly look: number
  readonly place: number
  count: number
}

const traffics: readonly Arrow['traffic'][] = ['message', 'acknowledgement', 'checkpoint', 'recovery', 'output']
const fates: readonly Arrow['fate'][] = ['open', 'taken', 'discarded', 'lost']
const placesMax = 4096
const lanesMax = 2048

function lookOf({ traffic, from, to, isReplayed, isUndone, fate, sent, arrived }: Arrow): number {
  const flags = [isReplayed, isUndone, sent === null, arrived === null]
  const kind = traffics.indexOf(traffic) * fates.length + fates.indexOf(fate)
  return flags.reduce((key, flag) => key * 2 + Number(flag), (kind * lanesMax + from) * lanesMax + to)
}

function sample(arrows: readonly Arrow[], { x, left }: TimeScale): Sample[] {
  return gather(arrows, (arrow) => {
    const place = Math.max(0, Math.floor((x(arrow.arrived ?? arrow.sent!) - left) / samplePxLeast) + 1)
    return { arrow, look: lookOf(arrow), place, count: 1 }
  })
}

function mergeNeighbours(samples: readonly Sample[]): Sample[] {
  return gather(samples, (one) => ({ ...one, place: one.place >> 1 }))
}

function gather<Item>(items: readonly Item[], sampleOf: (item: Item) => Sample): Sample[] {
  const samples = new Map<number, Sample>()
  for (const item of items) {
    const one = sampleOf(item)
    const key = one.look * placesMax + Math.min(one.place, placesMax - 1)
    const known = samples.get(key)
    if (known) known.count += one.count
    else samples.set(key, one)
  }
  return [...samples.values()]
}

function sheavesOf(samples: readonly Sample[]): Sheaf[] {
  const sheaves = new Map<number, { drawn: Arrow[]; count: number }>()
  for (const { arrow, look, count } of samples) {
    const sheaf = sheaves.get(look) ?? { drawn: [], count: 0 }
    sheaves.set(look, sheaf)
    sheaf.drawn.push(arrow)
    sheaf.count += count
  }
  return [...sheaves.values()]
}

/** Marks of one kind on one lane that stand too close together to be told apart are one. */
export interface MarkGroup {
  readonly first: Mark
  readonly last: Mark
  readonly count: number
  /** Most marks of this lane are in groups: there is no room for numbers. */
  readonly isCrowded: boolean
}

/** Marks closer than this cannot be told apart; where most of a lane's are, fewer are drawn. */
const markGapPx = 11
const crowdedGapPx = 26
const roomPerMarkPx = 24

export function selectMarks({ marks }: SpaceTime, { from, to, left, right, x }: TimeScale): MarkGroup[] {
  const lanes = new Map<string, Mark[]>()
  for (const mark of marks) {
    if (mark.at < from || mark.at > to) continue
    const key = `${mark.lane} ${mark.kind}`
    const alike = lanes.get(key) ?? []
    lanes.set(key, alike)
    alike.push(mark)
  }
  return [...lanes.values()].flatMap((alike) => {
    const isCrowded = alike.length * roomPerMarkPx > right - left
    return groupMarks(alike, x, isCrowded ? crowdedGapPx : markGapPx).map((group) => ({ ...group, isCrowded }))
  })
}

function groupMarks(alike: readonly Mark[], x: TimeScale['x'], gapPx: number): Omit<MarkGroup, 'isCrowded'>[] {
  const groups: { first: Mark; last: Mark; count: number }[] = []
  for (const mark of alike) {
    const group = groups.at(-1)
    if (group && x(mark.at) - x(group.first.at) < gapPx) {
      group.last = mark
      group.count += 1
    } else groups.push({ first: mark, last: mark, count: 1 })
  }
  return groups
}

export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Spans of one kind on each lane, in pixels; those less than a pixel apart are one. */
export function selectSpans({ spans }: SpaceTime, kind: Span['kind'], scale: TimeScale): Map<number, Stretch[]> {
  const { from, to, left, right, x } = scale
  const lanes = new Map<number, { from: number; to: number }[]>()
  for (const span of spans) {
    if (span.kind !== kind || span.to < from || span.from > to) continue
    const begin = Math.max(left, x(span.from))
    const end = Math.min(right, x(span.to))
    const stretches = lanes.get(span.lane) ?? []
    lanes.set(span.lane, stretches)
    const last = stretches.at(-1)
    if (last && begin >= last.from && begin - last.to < 1) last.to = Math.max(last.to, end)
    else stretches.push({ from: begin, to: end })
  }
  return lanes
}

/** Every n-th of `items`, so that at most `most` are left. */
export function thinOut<Item>(
  items: readonly Item[],
  most: number,
): { readonly kept: readonly Item[]; readonly every: number } {
  const every = Math.max(1, Math.ceil(items.length / most))
  return { kept: items.filter((_, index) => index % every === 0), every }
}
