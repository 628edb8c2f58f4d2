/** What happens at one moment of a lane, by shapes that differ without their colours. */
import { unreachable } from '../base/index.ts'
import type { MarkKind } from '../trace/index.ts'
import type { Canvas } from './arrows.ts'
import { element, short, textAt, titled } from './markup.ts'
import { exactTime, middleInside } from './scale.ts'
import { type MarkGroup, selectMarks } from './select.ts'

export function drawMarks(canvas: Canvas): string {
  const groups = selectMarks(canvas.model, canvas.scale)
  // Losses lie on top of everything.
  groups.sort((one, other) => Number(one.first.kind === 'lost') - Number(other.first.kind === 'lost'))
  return groups.map((group) => drawGroup(canvas, group)).join('')
}

function drawGroup({ model, scale, layout }: Canvas, { first, last, count, isCrowded }: MarkGroup): string {
  const { kind, lane, at, label, short: number } = first
  const x = (scale.x(at) + scale.x(last.at)) / 2
  const y = layout.y(lane)
  const time = exactTime(at, model.unit)
  const title =
    count === 1
      ? `${time}: ${model.lanes[lane]!.place} ${label}`
      : `${count} marks from ${time} to ${exactTime(last.at, model.unit)}: ${label} … ${last.label}`
  const text = count === 1 ? number : number === '' ? '' : `${number}–${last.short}`
  const above = Math.min(15, layout.gap * 0.36)
  const name =
    text === '' || isCrowded || layout.gap < 26
      ? ''
      : textAt(middleInside(scale, x, text), y - above, text, { class: 'number' })
  return element('g', {}, titled(title) + shapeOf(kind, x, y) + name)
}

/** The shape of a mark, around a point. */
export function shapeOf(kind: MarkKind, x: number, y: number): string {
  const path = (name: string, ...steps: readonly (string | number)[]): string =>
    element('path', { class: name, d: steps.map((one) => (typeof one === 'number' ? short(one) : one)).join(' ') })
  switch (kind) {
    case 'capture':
      return path('mark capture', 'M', x, y - 6.5, 'L', x + 6.5, y, 'L', x, y + 6.5, 'L', x - 6.5, y, 'Z')
    case 'commit':
      return element('circle', { class: 'mark commit', cx: x, cy: y, r: 6 })
    case 'learned':
      return path('learned', 'M', x, y - 5, 'V', y + 5)
    case 'lost':
      return path('loss', 'M', x - 7, y - 7, 'L', x + 7, y + 7, 'M', x - 7, y + 7, 'L', x + 7, y - 7)
    case 'failed':
      return path('fault', 'M', x, y - 7, 'L', x + 7, y + 6, 'H', x - 7, 'Z')
    case 'silent':
    case 'fenced':
      return (
        element('circle', { class: 'fault', cx: x, cy: y, r: 6 }) +
        (kind === 'fenced'
          ? path('fault', 'M', x - 4, y - 4, 'L', x + 4, y + 4)
          : path('fault', 'M', x - 3, y, 'H', x + 3))
      )
    case 'heard':
      return element('circle', { class: 'heard', cx: x, cy: y, r: 5 })
    case 'restored':
      return path('mark restored', 'M', x - 7, y, 'L', x + 4, y - 6.5, 'V', y + 6.5, 'Z')
    case 'output':
      return path('mark released', 'M', x - 5.5, y + 5, 'H', x + 5.5, 'L', x, y - 6, 'Z')
    default:
      return unreachable(kind)
  }
}
