import type { Table } from '../../report/index.ts'
import type { Paint } from '../surroundings.ts'

const gap = 2
const indent = 2

/**
 * The lines of a table, without their ends. Where it is wider than `width`, intervals are left to the report; notes are
 * wrapped.
 */
export function tableLines({ title, columns, rows, notes }: Table, paint: Paint, width: number): string[] {
  const whole = alignedLines([columns, ...rows])
  const isWide = Math.max(...whole.map((line) => line.length)) > width
  const [head, ...body] = isWide ? alignedLines([columns, ...rows.map((row) => row.map(withoutInterval))]) : whole
  const below = isWide ? [...notes, 'Intervals are in the report: there is no room for them here.'] : notes
  const wrappedNotes = below.flatMap((note) => wrapped(note, Math.min(width, 100) - indent))
  return [
    paint.bold(title),
    paint.dim(head!),
    ...body,
    ...wrappedNotes.map((text) => paint.dim(' '.repeat(indent) + text)),
    '',
  ]
}

/** The first column is left-aligned, the others are not. */
function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
    return `${' '.repeat(indent)}${cells.join(' '.repeat(gap))}`.trimEnd()
  })
}

/** `12.3 ms (11.8 to 13.0) *` as `12.3 ms *`. */
const withoutInterval = (cell: string): string => cell.replace(/ \([^()]* to [^()]*\)/, '')

/** Words in lines of at most `width` characters. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
