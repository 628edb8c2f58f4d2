import type { Table } from '../../report/index.ts'
import type { Paint } from '../surroundings.ts'

const gap = 2
const indent = 2

/** The lines of a table, without their ends; notes are wrapped. The first column is left-aligned. */
export function tableLines({ title, columns, rows, notes }: Table, paint: Paint, width: number): string[] {
  const widths = columns.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join(' '.repeat(gap))
  const put = (text: string): string => `${' '.repeat(indent)}${text}`.trimEnd()
  return [
    paint.bold(title),
    paint.dim(put(line(columns))),
    ...rows.map((row) => put(line(row))),
    ...notes.flatMap((note) => wrapped(note, Math.min(width, 100) - indent).map((text) => paint.dim(put(text)))),
    '',
  ]
}

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
