import { stripVTControlCharacters } from 'node:util'

/** A column that would leave less than this for text is ignored. */
const textWidthMin = 24

/**
 * A line, perhaps with colours, as lines of at most `width` characters that are broken between words. What is broken off
 * goes on below the last column of the line that has room for it: columns stand two spaces or more apart.
 */
export function fold(line: string, width = Number.POSITIVE_INFINITY): string[] {
  if (shownLength(line) <= width) return [line]
  const indent = columnOf(stripVTControlCharacters(line), width)
  const lines: string[] = []
  // A word with the spaces before it; those at a break are left out.
  for (const [, gap = '', word = ''] of line.matchAll(/( *)([^ ]+)/g)) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(gap + word)
    else if (shownLength(last + gap + word) <= width) lines[lines.length - 1] = last + gap + word
    else lines.push(' '.repeat(indent) + word)
  }
  return lines
}

/** `lines` with those folded that are wider than a terminal of `columns`; undefined where there is no terminal. */
export function foldAll(lines: readonly string[], columns: number | undefined): string[] {
  return lines.flatMap((line) => fold(line, columns))
}

function columnOf(plain: string, width: number): number {
  const starts = [...plain.matchAll(/(?:^| ) +(?=[^ ])/g)].map(({ index, 0: { length } }) => index + length)
  return starts.findLast((start) => start <= width - textWidthMin) ?? 2
}

const shownLength = (text: string): number => stripVTControlCharacters(text).length
