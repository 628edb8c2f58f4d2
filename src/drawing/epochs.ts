/** Axis, checkpoints that belong together, and recoveries: what runs across all lanes. */
import type { Point, RecoverySpan } from '../trace/index.ts'
import type { Canvas } from './arrows.ts'
import { element, short, textAt, titled } from './markup.ts'
import { exactDuration, exactTime, middleInside, startInside, type TimeScale, textWidthPx, ticksOf } from './scale.ts'
import { thinOut } from './select.ts'

const cutsMax = 60
const recoveriesMax = 200

/** Rows of the head, in pixels from the top. */
const rows = { recovery: 20, cut: 40, axis: 64 }

export function drawAxis({ scale, layout, model }: Canvas): string {
  const ticks = ticksOf(scale).map(({ at, label }) => {
    const x = scale.x(at)
    const line = element('line', { class: 'grid', x1: x, x2: x, y1: layout.top - 8, y2: layout.bottom })
    const half = textWidthPx(label) / 2
    return line + textAt(Math.min(x, scale.width - half), rows.axis, label, { class: 'tick' })
  })
  const unit = model.unit === 'events' ? 'events' : 'time'
  return ticks.join('') + textAt(24, rows.axis, unit, { class: 'soft' })
}

/** The captures of each committed checkpoint, joined. Returns how many were left out between two that are drawn. */
export function drawCuts({ model, scale, layout }: Canvas): { readonly svg: string; readonly every: number } {
  const inView = model.cuts.filter(({ points }) => points.some(({ at }) => at >= scale.from && at <= scale.to))
  const { kept, every } = thinOut(inView, cutsMax)
  const besides = lineNames({ model, scale }).map(({ x, text }) => ({ from: x - 22, to: x + 12 + textWidthPx(text) }))
  let lastName = Number.NEGATIVE_INFINITY
  const cuts = kept.map(({ checkpoint, points, committed }) => {
    const title = titled(`checkpoint ${checkpoint}, committed at ${exactTime(committed, model.unit)}`)
    const line = element('path', { class: 'cut', d: throughLanes(points, { scale, layout }, layout.top - 6) })
    const x = scale.x(points[0]!.at)
    const hasName = x - lastName > 22 && x >= scale.left && !besides.some(({ from, to }) => x > from && x < to)
    if (hasName) lastName = x
    return element(
      'g',
      {},
      title +
        line +
        (hasName
          ? textAt(middleInside(scale, x, String(checkpoint)), rows.cut, String(checkpoint), { class: 'cutname' })
          : ''),
    )
  })
  return { svg: cuts.join(''), every }
}

/** A path through points on lanes, from above the first to the last. */
function throughLanes(
  points: readonly Point[],
  { scale, layout }: Pick<Canvas, 'scale' | 'layout'>,
  top: number,
): string {
  const [first] = points
  if (!first) return ''
  const corners = points.map(({ lane, at }) => `${short(scale.x(at))} ${short(layout.y(lane))}`)
  return `M${short(scale.x(first.at))} ${short(top)}L${corners.join('L')}`
}

export function drawRecoveries(canvas: Canvas): {
  readonly bands: string
  readonly lines: string
  readonly every: number
} {
  const { model, scale } = canvas
  const inView = model.recoveries.filter((one) => (one.to ?? model.to) >= scale.from && startOf(one) <= scale.to)
  const { kept, every } = thinOut(inView, recoveriesMax)
  const names = new NameRow(scale)
  return {
    bands: kept.map((one) => drawBand(canvas, one, names)).join(''),
    lines:
      kept.map((one) => drawLine(canvas, one)).join('') +
      lineNames(canvas)
        .map(({ x, text }) => textAt(x, rows.cut, text, { class: 'linename' }))
        .join(''),
    every,
  }
}

const startOf = ({ from, points }: RecoverySpan): number => Math.min(from, ...points.map(({ at }) => at))

function drawBand({ model, scale, layout }: Canvas, recovery: RecoverySpan, names: NameRow): string {
  const { epoch, from, to, lost, line } = recovery
  const [x1, x2] = [Math.max(scale.left, scale.x(from)), Math.min(scale.right, scale.x(to ?? model.to))]
  if (x2 < x1) return ''
  const until = to === null ? 'not finished' : exactDuration(to - from, model.unit)
  const back = line === null ? 'nobody goes back' : `back to checkpoint ${line}`
  const title = `recovery of ${lost.join(', ') || 'a failed step'}: ${back}, ${until}; epoch ${epoch} begins`
  const name = names.place(x1, `epoch ${epoch}: recovery, ${until}`)
  const box = { y: layout.top - 8, height: layout.bottom - layout.top + 8 }
  return element(
    'g',
    {},
    titled(title) +
      element('rect', { class: 'band', x: x1, width: Math.max(1.5, x2 - x1), ...box }) +
      element('line', { class: 'bandedge', x1, x2: x1, y1: rows.recovery + 8, y2: layout.bottom }) +
      (name === null ? '' : textAt(name, rows.recovery, `epoch ${epoch}: recovery, ${until}`, { class: 'bandname' })),
  )
}

interface LineName {
  readonly x: number
  readonly text: string
}

/** What recovery lines are called, where there is room; from left to right. */
function lineNames({ model, scale }: Pick<Canvas, 'model' | 'scale'>): LineName[] {
  const names: LineName[] = []
  for (const { line, points } of model.recoveries) {
    const at = points[0] ? scale.x(points[0].at) : Number.NEGATIVE_INFINITY
    if (line === null || at < scale.left - 1 || at > scale.right) continue
    const text = `recovery line ${line}`
    const x = startInside(scale, at - 8, text)
    const last = names.at(-1)
    if (!last || x > last.x + 8 + textWidthPx(last.text)) names.push({ x, text })
  }
  return names
}

function drawLine(canvas: Canvas, { line, points }: RecoverySpan): string {
  if (line === null || points.length === 0) return ''
  const title = titled(`recovery line ${line}: what everybody goes back to`)
  return element(
    'g',
    {},
    title + element('path', { class: 'line', d: throughLanes(points, canvas, canvas.layout.top - 8) }),
  )
}

/** Names in one row, from left to right; one that has no room is left out. */
class NameRow {
  readonly #scale: TimeScale
  #end: number

  constructor(scale: TimeScale) {
    this.#scale = scale
    this.#end = scale.left
  }

  /** Where the text goes, or null. */
  place(x: number, text: string): number | null {
    const start = startInside(this.#scale, x, text)
    if (start < this.#end) return null
    this.#end = start + textWidthPx(text) + 16
    return start
  }
}
