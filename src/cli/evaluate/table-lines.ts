import type { TextTable } from '../../report/index.ts'
import type { Paint } from '../surroundings.ts'

const gap = 2
const indent = 2

/**
 * The lines of a table, without their ends. Where it is wider than `width`, what names have in common goes on a line of
 * its own, or intervals are left to the report, or both; notes are wrapped.
 */
export function tableLines({ title, columns, rows, notes }: TextTable, paint: Paint, width: number): string[] {
  const short = rows.map((row) => row.map(withoutInterval))
  const shapes = [rows, grouped(rows), short, grouped(short)].map((shape) => alignedLines([columns, ...shape]))
  const found = shapes.findIndex((lines) => Math.max(...lines.map((line) => line.length)) <= width)
  // None is narrow enough: the last one is the narrowest.
  const [head, ...body] = shapes.at(found)!
  const isWhole = found === 0 || found === 1
  const below = isWhole ? notes : [...notes, 'Intervals are in the report: there is no room for them here.']
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

/** `merge sort, enhanced` as `  enhanced` below a line `merge sort`. */
function grouped(rows: readonly (readonly string[])[]): string[][] {
  let group: string | null = null
  return rows.flatMap(([name = '', ...cells]) => {
    const [first = '', ...rest] = name.split(', ')
    const isNew = rest.length > 0 && first !== group
    group = rest.length > 0 ? first : null
    if (rest.length === 0) return [[name, ...cells]]
    const row = [`${' '.repeat(indent)}${rest.join(', ')}`, ...cells]
    return isNew ? [[first, ...cells.map(() => '')], row] : [row]
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
