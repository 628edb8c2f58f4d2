import type { Figure } from '../../measure/index.ts'
import type { Paint } from '../surroundings.ts'

/** A line of a table: a figure, in which unit it is shown, and what it is of a plain copy. */
export interface FigureRow {
  readonly label: string
  readonly figure: Figure
  /** What the figure is multiplied with to be shown. */
  readonly scale: number
  readonly unit: string
  /** `''` where a comparison says nothing. */
  readonly toCopy: string
}

export interface FigureTable {
  readonly title: string
  readonly rows: readonly (FigureRow | string)[]
  /** What stands below, in full sentences or not. */
  readonly notes: readonly string[]
}

// 79 columns in all.
const labelWidth = 38
const numberWidth = 9
const unitWidth = 5
const ratioWidth = 8

/** The lines of a table, without their ends. All tables have the same columns. */
export function tableLines({ title, rows, notes }: FigureTable, paint: Paint): string[] {
  const heads = ['median', 'min', 'max'].map((head) => head.padStart(numberWidth)).join('')
  const ratio = ' '.repeat(unitWidth) + 'to copy'.padStart(ratioWidth)
  return [
    `${paint.bold(title)}${paint.dim(' '.repeat(Math.max(1, labelWidth - title.length)) + heads + ratio)}`,
    ...rows.map((row) => (typeof row === 'string' ? `  ${row}` : rowLine(row, paint))),
    ...notes.map((note) => paint.dim(`  ${note}`)),
    '',
  ]
}

function rowLine({ label, figure, scale, unit, toCopy }: FigureRow, paint: Paint): string {
  const [median, min, max] = [figure.median, figure.min, figure.max].map((value) => value * scale)
  const decimals = decimalsFor(median!)
  const shown = [median!, min!, max!].map((value) => value.toFixed(decimals).padStart(numberWidth))
  const name = `  ${label}`.padEnd(labelWidth)
  const ratio = toCopy.padStart(ratioWidth)
  return `${name}${paint.bold(shown[0]!)}${shown[1]}${shown[2]} ${unit.padEnd(unitWidth - 1)}${ratio}`.trimEnd()
}

/** Three digits that count, for all of a row as for its median. */
function decimalsFor(median: number): number {
  const size = Math.abs(median)
  if (size >= 99.5) return 0
  return size >= 9.95 ? 1 : 2
}

/** `0.92` as `92 %`: of the speed of a plain copy. */
export function shareOfSpeed(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

/** `3.14` as `3.1 x`: as long as a plain copy. */
export function timesAsLong(times: number): string {
  return `${times.toFixed(times < 9.95 ? 1 : 0)} x`
}
