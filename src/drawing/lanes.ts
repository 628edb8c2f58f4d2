/** The lanes: who holds them, when the program computes there, and what a recovery took back. */
import type { Lane, SpaceTime } from '../trace/index.ts'
import type { Canvas } from './arrows.ts'
import { groupOf, laneName } from './layout.ts'
import { element, short, textAt, titled } from './markup.ts'
import { selectSpans } from './select.ts'

export function drawLanes(canvas: Canvas): string {
  const { model, layout } = canvas
  return model.lanes.map((lane, index) => drawLane(canvas, lane, layout.y(index))).join('')
}

function drawLane({ scale, model }: Canvas, lane: Lane, y: number): string {
  const { left, right } = scale
  const pieces: string[] = []
  const line = (from: number, to: number, name: string): void => {
    const [x1, x2] = [Math.max(left, from), Math.min(right, to)]
    if (x2 > x1) pieces.push(element('line', { class: name, x1, x2, y1: y, y2: y }))
  }
  if (lane.isFormer) line(left, right, 'vacant')
  for (const [index, { from, to, lastSeen }] of lane.holders.entries()) {
    const isFirst = index === 0
    const end = to === null ? scale.x(model.to) : scale.x(Math.min(to, Math.max(lastSeen, from)))
    line(isFirst ? left : scale.x(from), end, 'lane')
    const next = lane.holders[index + 1]
    if (to !== null) line(end, next ? scale.x(next.from) : scale.x(model.to), 'vacant')
  }
  return pieces.join('')
}

/** Names at the left, the same wherever the view is. */
export function drawNames({ model, layout, scale }: Canvas): string {
  const isTight = layout.gap < 34
  const names = model.lanes.map((lane, index) => {
    const y = layout.y(index)
    const { processor, pid } = holderAt(lane, scale.to) ?? { processor: null, pid: null }
    const ids = [processor === null ? '' : `processor ${processor}`, pid === null ? '' : `pid ${pid}`].filter(Boolean)
    const title = titled([laneName(lane), ...lane.holders.map(describeHolder)].filter(Boolean).join('\n'))
    const place = lane.isFormer ? `${lane.place}, replaced` : lane.place
    const label = element('text', { class: 'place', x: 24, y: isTight || ids.length === 0 ? y : y - 8 }, place)
    const detail = isTight || ids.length === 0 ? '' : textAt(24, y + 8, ids.join(' · '), { class: 'soft' })
    return element('g', {}, title + label + detail)
  })
  return names.join('')
}

function holderAt({ holders }: Lane, at: number): Lane['holders'][number] | null {
  return holders.findLast(({ from }) => from <= at) ?? holders[0] ?? null
}

function describeHolder({ processor, pid }: Lane['holders'][number]): string {
  if (processor === null) return ''
  return `held by processor ${processor}${pid === null ? '' : ` (pid ${pid})`}`
}

export function drawSteps(canvas: Canvas): string {
  return drawBars(canvas, 'step').join('')
}

/** Where the program stands still: the bars of steps, but hollow. */
export function drawFrozen(canvas: Canvas): string {
  const bars = drawBars(canvas, 'frozen').map((bar) => element('g', {}, titled('stands still for a checkpoint') + bar))
  return bars.join('')
}

/** All spans of a lane are one path, however many there are. */
function drawBars({ model, scale, layout }: Canvas, kind: 'step' | 'frozen'): string[] {
  const half = Math.min(4.5, layout.gap / 6)
  return [...selectSpans(model, kind, scale)].map(([lane, stretches]) => {
    const y = layout.y(lane)
    const boxes = stretches.map(({ from, to }) => {
      const width = Math.max(0.8, to - from)
      return `M${short(from)} ${short(y - half)}h${short(width)}v${short(2 * half)}h${short(-width)}z`
    })
    return element('path', { class: kind, d: boxes.join('') })
  })
}

export function drawUndone({ model, scale, layout }: Canvas): string {
  const half = Math.min(15, layout.gap * 0.3)
  const lanes = [...selectSpans(model, 'undone', scale)].map(([lane, stretches]) => {
    const title = titled(`work of ${model.lanes[lane]!.place} that a recovery took back`)
    const boxes = stretches.map(({ from, to }) =>
      element('rect', {
        class: 'undone',
        x: from,
        y: layout.y(lane) - half,
        width: Math.max(1, to - from),
        height: 2 * half,
      }),
    )
    return element('g', {}, title + boxes.join(''))
  })
  return lanes.join('')
}

/** A line between the groups of lanes. */
export function drawGroups({ lanes }: SpaceTime, { layout, scale }: Canvas): string {
  const lines = lanes.flatMap((lane, index) => {
    const before = lanes[index - 1]
    if (!before || groupOf(before) === groupOf(lane)) return []
    const y = (layout.y(index - 1) + layout.y(index)) / 2
    return [element('line', { class: 'grid', x1: 24, x2: scale.right, y1: y, y2: y })]
  })
  return lines.join('')
}
