/** Messages and other frames as arrows, and pages as broad streams. */
import type { Arrow, SpaceTime, Stream } from '../trace/index.ts'
import type { LaneLayout } from './layout.ts'

import { element, short, textAt, titled } from './markup.ts'
import { exactDuration, exactTime, middleInside, type TimeScale, textWidthPx } from './scale.ts'
import type { Selection, Sheaf } from './select.ts'

/** How far an arrow goes that never arrives, in pixels along the time axis. */
const stubPx = 26

/** With more arrows than this, they get no names: they would hide each other. */
const captionsMax = 60

interface Ends {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

export interface Canvas {
  readonly model: SpaceTime
  readonly scale: TimeScale
  readonly layout: LaneLayout
}

export function drawArrows(canvas: Canvas, selection: Selection): string {
  if (selection.kind === 'sample') {
    const sheaves = [...selection.sheaves].sort((one, other) => rarity(one.drawn[0]!) - rarity(other.drawn[0]!))
    return sheaves.map((one) => drawSheaf(canvas, one)).join('')
  }
  const captions = selection.arrows.length <= captionsMax ? new Captions() : null
  // Rare kinds are drawn on top of common ones.
  const sorted = [...selection.arrows].sort((one, other) => rarity(one) - rarity(other))
  return sorted.map((one) => drawArrow(canvas, one, captions)).join('')
}

function rarity({ traffic, fate, isReplayed }: Arrow): number {
  if (fate === 'discarded' || fate === 'lost') return 3
  if (isReplayed) return 2
  return traffic === 'message' ? 1 : 0
}

function drawArrow(canvas: Canvas, arrow: Arrow, captions: Captions | null): string {
  const ends = endsOf(canvas, arrow)
  const path = pathOf(ends)
  const content = [
    titled(describeArrow(canvas, arrow)),
    element('path', { class: 'arrow', d: path }),
    element('path', { class: 'hit', d: path }),
    element('path', { class: tipClass(arrow), d: tip(ends, arrow) }),
    caption(ends, arrow, canvas.scale, captions),
  ]
  return element('g', { class: classOf(arrow) }, content.join(''))
}

/** All of one look in two paths, however many there are. */
function drawSheaf(canvas: Canvas, { drawn, count }: Sheaf): string {
  const first = drawn[0]!
  const ends = drawn.map((arrow) => endsOf(canvas, arrow))
  // Of so many arrows, those of the protocol are told apart without heads, which would hide the lanes.
  const hasTips = rarity(first) > 0
  const content = [
    titled(describeSheaf(canvas, first, count)),
    element('path', { class: 'arrow', d: ends.map(pathOf).join('') }),
    hasTips ? element('path', { class: tipClass(first), d: ends.map((one) => tip(one, first)).join('') }) : '',
  ]
  return element('g', { class: `many ${classOf(first)}` }, content.join(''))
}

const pathOf = ({ x1, y1, x2, y2 }: Ends): string => `M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}`

function classOf({ traffic, isReplayed, fate, isUndone }: Arrow): string {
  const classes = [
    `t-${traffic}`,
    isReplayed ? 'replayed' : '',
    fate === 'discarded' || fate === 'lost' ? fate : '',
    isUndone ? 'taken-back' : '',
  ]
  return classes.filter(Boolean).join(' ')
}

function endsOf({ scale, layout, model }: Canvas, { from, to, sent, arrived, fate }: Arrow): Ends {
  const y1 = layout.y(from)
  const y2 = layout.y(to)
  if (sent !== null && arrived !== null) return { x1: scale.x(sent), y1, x2: scale.x(arrived), y2 }
  if (sent === null) return { x1: scale.x(arrived!) - stubPx, y1: y2 + (y1 - y2) * 0.4, x2: scale.x(arrived!), y2 }
  // Never arrived: as far as half the way, or to the end of the trace.
  const reach = fate === 'lost' ? 0.55 : Math.min(0.4, (scale.x(model.to) - scale.x(sent) + stubPx) / 100)
  return { x1: scale.x(sent), y1, x2: scale.x(sent) + stubPx, y2: y1 + (y2 - y1) * reach }
}

/** What stands at the end: a head; an open one if replayed; a crossed circle if discarded; a cross if lost. */
function tip({ x1, y1, x2, y2 }: Ends, { fate, isReplayed, arrived }: Arrow): string {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length]
  const at = (along: number, aside: number): string =>
    `${short(x2 + dx * along - dy * aside)} ${short(y2 + dy * along + dx * aside)}`
  if (fate === 'lost') return `M${at(-4, -4)}L${at(4, 4)}M${at(-4, 4)}L${at(4, -4)}`
  if (fate === 'discarded') {
    return `M${at(4.5, 0)}A4.5 4.5 0 1 1 ${at(-4.5, 0)}A4.5 4.5 0 1 1 ${at(4.5, 0)}M${at(0, -4.5)}L${at(0, 4.5)}`
  }
  if (arrived === null) return ''
  return `M${at(0, 0)}L${at(-8, isReplayed ? 3.8 : 3.4)}L${at(-8, isReplayed ? -3.8 : -3.4)}Z`
}

function tipClass({ fate, isReplayed }: Arrow): string {
  if (fate === 'lost') return 'cross'
  return fate === 'discarded' || isReplayed ? 'open' : 'head'
}

/** In the middle of what is seen of the arrow. */
function caption(
  { x1, y1, x2, y2 }: Ends,
  { caption: text }: Arrow,
  scale: TimeScale,
  captions: Captions | null,
): string {
  const [from, to] = [Math.max(Math.min(x1, x2), scale.left), Math.min(Math.max(x1, x2), scale.right)]
  if (text === '' || from > to) return ''
  const middle = (from + to) / 2
  const y = y1 + (y2 - y1) * (x2 === x1 ? 0.5 : (middle - x1) / (x2 - x1))
  const x = middleInside(scale, middle, text)
  return captions?.hasRoom(x, y, text) ? textAt(x, y, text, { class: 'caption' }) : ''
}

/** Keeps names from lying on each other. */
class Captions {
  readonly #taken: { readonly x: number; readonly y: number; readonly half: number }[] = []

  hasRoom(x: number, y: number, text: string): boolean {
    const half = textWidthPx(text) / 2 + 4
    if (this.#taken.some((one) => Math.abs(one.y - y) < 14 && Math.abs(one.x - x) < one.half + half)) return false
    this.#taken.push({ x, y, half })
    return true
  }
}

function describeSheaf({ model }: Canvas, arrow: Arrow, count: number): string {
  const { from, to, label } = arrow
  return `${model.lanes[from]!.place} → ${model.lanes[to]!.place}: ${count} frames like ${label}${statesOf(arrow)}`
}

function describeArrow({ model }: Canvas, arrow: Arrow): string {
  const { lanes, unit } = model
  const { from, to, sent, arrived, label } = arrow
  const times = [
    sent === null ? '' : `sent at ${exactTime(sent, unit)}`,
    arrived === null ? '' : `arrived at ${exactTime(arrived, unit)}`,
  ].filter(Boolean)
  return `${lanes[from]!.place} → ${lanes[to]!.place}: ${label}\n${times.join(', ')}${statesOf(arrow)}`
}

function statesOf({ isReplayed, isUndone, fate }: Arrow): string {
  const states = [
    isReplayed ? 'replayed out of the log' : '',
    fate === 'discarded' ? 'discarded by its receiver' : fate === 'lost' ? 'lost on its way' : '',
    isUndone ? 'part of work that a recovery took back' : '',
  ].filter(Boolean)
  return states.length > 0 ? `\n${states.join(', ')}` : ''
}

/** Deltas, merged deltas and images: a band from when they left to when they had arrived. */
export function drawStreams({ model, scale, layout }: Canvas): string {
  const inView = model.streams.filter(
    (one) => one.lastArrived >= scale.from && (one.began ?? one.firstArrived) <= scale.to,
  )
  const wide = inView.filter((one) => scale.x(one.lastArrived) - scale.x(one.began ?? one.firstArrived) >= 1)
  return wide
    .slice(0, 600)
    .map((stream) => drawStream(model, scale, layout, stream))
    .join('')
}

function drawStream({ lanes, unit }: SpaceTime, { x }: TimeScale, { y }: LaneLayout, stream: Stream): string {
  const { from, to, began, firstArrived, lastArrived, what, pages, isComplete } = stream
  const [y1, y2] = [y(from), y(to)]
  const start = x(began ?? firstArrived)
  // The last page leaves a little before it arrives; how long before is not traced.
  const end = Math.max(start, x(lastArrived) - (x(firstArrived) - start))
  const corners = [
    `${short(start)} ${short(y1)}`,
    `${short(end)} ${short(y1)}`,
    `${short(x(lastArrived))} ${short(y2)}`,
  ]
  corners.push(`${short(x(firstArrived))} ${short(y2)}`)
  const duration = exactDuration(lastArrived - (began ?? firstArrived), unit)
  const title = `${lanes[from]!.place} → ${lanes[to]!.place}: ${what}, ${pages} pages in ${duration}${isComplete ? '' : '\nnot finished'}`
  const path = element(
    'path',
    { class: isComplete ? 'stream' : 'stream cutoff', d: `M${corners.join('L')}Z` },
    titled(title),
  )
  return path
}
