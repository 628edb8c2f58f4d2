/** Draws a view of a space-time diagram as SVG. */
import type { SpaceTime } from '../trace/index.ts'
import { type Canvas, drawArrows, drawStreams } from './arrows.ts'
import { drawAxis, drawCuts, drawRecoveries } from './epochs.ts'
import { drawFrozen, drawGroups, drawLanes, drawNames, drawSteps, drawUndone } from './lanes.ts'
import { layoutOf } from './layout.ts'
import { drawLegend, legendOf } from './legend.ts'
import { drawMarks } from './marks.ts'
import { element, escapeMarkup, textAt } from './markup.ts'
import { type DiagramView, exactDuration, overhangPx, scaleOf } from './scale.ts'
import { type Layer, type Selection, selectArrows } from './select.ts'
import { summaryOf } from './summary.ts'
import { colours, diagramStyle } from './theme.ts'

export interface Drawn {
  /** Without its `svg` element. */
  readonly svg: string
  readonly height: number
  /** What was left out or put together, for people; empty if everything is drawn. */
  readonly notes: readonly string[]
}

/** Everything inside of the plot and its frame, for a part of the time. */
export function drawView(model: SpaceTime, view: DiagramView, hidden: ReadonlySet<Layer>): Drawn {
  const scale = scaleOf(view, model.unit)
  const canvas: Canvas = { model, scale, layout: layoutOf(model) }
  const { layout } = canvas
  const selection = selectArrows(model, scale, hidden)
  const recoveries = drawRecoveries(canvas)
  const cuts = drawCuts(canvas)
  const plot = [
    recoveries.bands,
    drawGroups(model, canvas),
    drawUndone(canvas),
    drawLanes(canvas),
    hidden.has('pages') ? '' : drawStreams(canvas),
    cuts.svg,
    drawFrozen(canvas),
    drawSteps(canvas),
    drawArrows(canvas, selection),
    recoveries.lines,
    drawMarks(canvas),
  ]
  const clipped = element('g', { 'clip-path': 'url(#plot)' }, plot.join(''))
  const notes = [
    ...notesOn(selection),
    ...everyNote('checkpoints', cuts.every),
    ...everyNote('recoveries', recoveries.every),
  ]
  return { svg: definitions(canvas) + drawNames(canvas) + drawAxis(canvas) + clipped, height: layout.height, notes }
}

function definitions({ scale, layout }: Canvas): string {
  const hatch = element('path', { class: 'hatch', d: 'M0 7L7 0' })
  const pattern = { id: 'undone', width: 7, height: 7, patternUnits: 'userSpaceOnUse' }
  const { left, right } = scale
  const window = element('rect', {
    x: left - overhangPx,
    y: 0,
    width: right - left + 2 * overhangPx,
    height: layout.height,
  })
  return element('defs', {}, element('pattern', pattern, hatch) + element('clipPath', { id: 'plot' }, window))
}

function notesOn(selection: Selection): string[] {
  if (selection.kind === 'all') return []
  const { total, drawn } = selection
  return [
    `${grouped(total)} arrows in this span, of which ${grouped(drawn)} are drawn, spread over it; a shorter one shows all`,
  ]
}

function everyNote(what: string, every: number): string[] {
  return every === 1 ? [] : [`Of ${what} one in ${every} is drawn`]
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ')

export interface PictureOptions {
  /** What the diagram is of, such as the name of its file. */
  readonly title: string
  readonly view: DiagramView
  /** What was found wrong in it; each in one line. */
  readonly findings: readonly string[]
}

const headingPx = 52

/** A picture that stands alone: an SVG file with heading, legend and notes. */
export function drawPicture(model: SpaceTime, { title, view, findings }: PictureOptions): string {
  const hidden = defaultHidden(model)
  const drawn = drawView(model, view, hidden)
  const entries = legendOf(model).filter(({ layer }) => layer === null || !hidden.has(layer))
  const legend = drawLegend(entries, headingPx + drawn.height + 18, view.width)
  const remarks = [...drawn.notes, ...(hidden.size > 0 ? [hiddenNote(hidden)] : [])]
  let y = headingPx + drawn.height + legend.height + 26
  const lines = [...findings.map((one) => ['finding', one]), ...remarks.map((one) => ['note', one])] as [
    string,
    string,
  ][]
  const texts = lines.map(([name, text]) => {
    y += 20
    return textAt(24, y - 10, text, { class: name })
  })
  const { width } = view
  const height = y + 16
  const content = [
    element('title', { id: 'title' }, escapeMarkup(title)),
    element('desc', { id: 'desc' }, escapeMarkup([summaryOf(model), ...findings].join('. '))),
    element('style', {}, escapeMarkup(colours('.diagram') + diagramStyle)),
    element('rect', { class: 'paper', width, height }),
    textAt(24, 24, title, { class: 'heading' }),
    textAt(24, 43, `${summaryOf(model)}; ${spanOf(model, view)}`, { class: 'note' }),
    element('g', { transform: `translate(0 ${headingPx})` }, drawn.svg),
    legend.svg,
    ...texts,
  ]
  const frame = { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': 'title desc' }
  return `${element('svg', { xmlns: 'http://www.w3.org/2000/svg', class: 'diagram', ...frame }, content.join('\n'))}\n`
}

function spanOf(model: SpaceTime, { from, to }: DiagramView): string {
  const isAll = from <= model.from && to >= model.to
  return `${isAll ? 'all' : 'a part'} of ${exactDuration(model.to - model.from, model.unit)}`
}

function hiddenNote(hidden: ReadonlySet<Layer>): string {
  return `Not drawn: ${[...hidden].map((one) => `${one} frames`).join(' and ')}`
}

/** Few arrows are drawn of all kinds; of many, the kinds that tell the least are left out at first. */
export function defaultHidden({ arrows }: SpaceTime): Set<Layer> {
  return new Set<Layer>(arrows.length <= 120 ? [] : ['acknowledgement'])
}
