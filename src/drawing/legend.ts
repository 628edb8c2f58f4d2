/** What the shapes mean; only of what the diagram holds. */
import type { Arrow, MarkKind, SpaceTime } from '../trace/index.ts'
import { shapeOf } from './marks.ts'
import { element, textAt } from './markup.ts'
import type { Layer } from './select.ts'

export interface LegendEntry {
  readonly name: string
  /** 44 by 20 pixels. */
  readonly symbol: string
  /** The layer that it belongs to, where it is a layer's first entry. */
  readonly layer: Layer | null
}

const traffics: Readonly<Record<Arrow['traffic'], string>> = {
  message: 'message',
  acknowledgement: 'acknowledgement',
  checkpoint: 'checkpoint traffic',
  recovery: 'recovery traffic',
  output: 'output',
}

const marks: Readonly<Record<MarkKind, string>> = {
  capture: 'captures checkpoint',
  commit: 'checkpoint is committed',
  learned: 'learns of the commit',
  lost: 'lost',
  silent: 'fallen silent',
  heard: 'heard again',
  fenced: 'fenced',
  failed: 'step failed',
  restored: 'gone back, or rebuilt',
  output: 'output released',
}

/** The entries for what `model` holds, in a fixed order. */
export function legendOf(model: SpaceTime): LegendEntry[] {
  const entries: LegendEntry[] = []
  const add = (isThere: boolean, name: string, symbol: string, layer: Layer | null = null): void => {
    if (isThere) entries.push({ name, symbol, layer })
  }
  const has = (wanted: (arrow: Arrow) => boolean): boolean => model.arrows.some(wanted)
  add(
    has((one) => one.traffic === 'message'),
    traffics.message,
    arrowSymbol('t-message', 'head'),
    'message',
  )
  add(
    has((one) => one.isReplayed),
    'replayed message',
    arrowSymbol('t-message replayed', 'open'),
  )
  add(
    has((one) => one.fate === 'discarded'),
    'discarded on arrival',
    arrowSymbol('discarded', 'circle'),
  )
  add(
    has((one) => one.fate === 'lost'),
    'lost on its way',
    arrowSymbol('lost', 'cross'),
  )
  for (const traffic of ['acknowledgement', 'checkpoint', 'recovery', 'output'] as const) {
    add(
      has((one) => one.traffic === traffic),
      traffics[traffic],
      arrowSymbol(`t-${traffic}`, 'head'),
      traffic,
    )
  }
  add(model.streams.length > 0, 'pages: deltas, images', streamSymbol(), 'pages')
  add(
    model.spans.some(({ kind }) => kind === 'step'),
    'program computes',
    box('step', 10),
  )
  add(
    model.spans.some(({ kind }) => kind === 'frozen'),
    'frozen for a checkpoint',
    box('frozen', 10),
  )
  add(
    model.spans.some(({ kind }) => kind === 'undone'),
    'work taken back',
    box('undone', 16),
  )
  for (const kind of Object.keys(marks) as MarkKind[]) {
    add(
      model.marks.some((one) => one.kind === kind),
      marks[kind],
      shapeOf(kind, 22, 10),
    )
  }
  add(model.cuts.length > 0, 'captures of one checkpoint', element('path', { class: 'cut', d: 'M16 0L28 20' }))
  const hasLine = model.recoveries.some(({ line }) => line !== null)
  add(hasLine, 'recovery line', element('path', { class: 'line', d: 'M14 0L30 20' }))
  add(
    model.recoveries.length > 0,
    'recovery under way',
    element('rect', { class: 'band', width: 44, height: 20, style: 'opacity:.2' }),
  )
  return entries
}

function arrowSymbol(classes: string, tip: 'head' | 'open' | 'circle' | 'cross'): string {
  const line = element('path', { class: 'arrow', d: 'M2 10L38 10' })
  const tips = {
    head: element('path', { class: 'head', d: 'M42 10L34 6.6L34 13.4Z' }),
    open: element('path', { class: 'open', d: 'M42 10L34 6.6L34 13.4Z' }),
    circle:
      element('circle', { class: 'open', cx: 38, cy: 10, r: 4.5 }) +
      element('path', { class: 'cross', d: 'M38 5.5L38 14.5' }),
    cross: element('path', { class: 'cross', d: 'M34 6L42 14M34 14L42 6' }),
  }
  return element('g', { class: classes }, line + tips[tip])
}

const streamSymbol = (): string => element('path', { class: 'stream', d: 'M2 3L22 3L42 17L16 17Z' })
const box = (name: string, height: number): string =>
  element('rect', { class: name, x: 6, y: 10 - height / 2, width: 32, height })

const columnPx = 236
const rowPx = 26

/** The legend in columns, as part of a drawing of this width. */
export function drawLegend(
  entries: readonly LegendEntry[],
  top: number,
  width: number,
): { svg: string; height: number } {
  const columns = Math.max(1, Math.floor((width - 48) / columnPx))
  const cells = entries.map(({ name, symbol }, index) => {
    const [x, y] = [24 + (index % columns) * columnPx, top + Math.floor(index / columns) * rowPx]
    const sign = element('g', { transform: `translate(${x} ${y - 10})` }, symbol)
    return element('g', {}, sign + textAt(x + 56, y, name, { class: 'soft' }))
  })
  return { svg: cells.join(''), height: Math.ceil(entries.length / columns) * rowPx }
}
