import { createColors } from 'picocolors'
import { expect, it } from 'vitest'
import { tableLines } from '../../src/cli/evaluate/table-lines.ts'

const table = {
  title: 'Costs',
  columns: ['', 'O', 'R'],
  rows: [
    ['merge sort, enhanced', '12.3 ms (11.8 to 13.0) *', '1.05 s'],
    ['heat', 'not clear (0.80 to 1.40)', '–'],
  ],
  notes: ['* The interval reaches 0.'],
}
const plain = createColors(false)

it('has its names on the left and figures on the right', () => {
  expect(tableLines(table, plain, Number.POSITIVE_INFINITY)).toEqual([
    'Costs',
    '                                               O       R',
    '  merge sort, enhanced  12.3 ms (11.8 to 13.0) *  1.05 s',
    '  heat                  not clear (0.80 to 1.40)       –',
    '  * The interval reaches 0.',
    '',
  ])
})

it('leaves intervals to the report where there is no room', () => {
  const lines = tableLines(table, plain, 48)
  expect(lines.slice(1, 4)).toEqual([
    '                                O       R',
    '  merge sort, enhanced  12.3 ms *  1.05 s',
    '  heat                  not clear       –',
  ])
  expect(lines.at(-3)).toContain('Intervals are in the report')
})
