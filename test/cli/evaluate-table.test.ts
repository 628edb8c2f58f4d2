import { expect, it } from 'vitest'
import { tableLines } from '../../src/cli/evaluate/table-lines.ts'
import { paintFor } from '../../src/cli/surroundings.ts'
import { reportData } from '../../src/evaluation/index.ts'
import { tablesOf } from '../../src/report/index.ts'
import { record, recovery, rounds, settingWith } from '../evaluation/records.ts'
import { Written } from './fake-machine.ts'

const table = {
  title: 'Costs',
  columns: ['', 'O', 'R'],
  rows: [
    ['merge sort, enhanced', '12.3 ms (11.8 to 13.0) *', '1.05 s'],
    ['heat', 'not clear (0.80 to 1.40)', '–'],
  ],
  notes: ['* The interval reaches 0.'],
}
const plain = paintFor(new Written(), {})

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

it('puts what names have in common on a line of its own where there is no room', () => {
  const [merge, heat] = table.rows
  const rows = [merge!, ['merge sort, disk', '1.00 s', '–'], heat!]
  expect(tableLines({ ...table, rows }, plain, 48).slice(1, -1)).toEqual([
    '                                     O       R',
    '  merge sort',
    '    enhanced  12.3 ms (11.8 to 13.0) *  1.05 s',
    '    disk                        1.00 s       –',
    '  heat        not clear (0.80 to 1.40)       –',
    '  * The interval reaches 0.',
  ])
})

it('leaves intervals to the report where there is no room', () => {
  const lines = tableLines(table, plain, 44)
  expect(lines.slice(1, 4)).toEqual([
    '                                O       R',
    '  merge sort, enhanced  12.3 ms *  1.05 s',
    '  heat                  not clear       –',
  ])
  expect(lines.at(-3)).toContain('Intervals are in the report')
})

it.each(['after-commit', 'after-capture'] as const)('has room for every table in 100 columns, %s', (resume) => {
  const applications = ['merge-sort', 'matrix-multiplication', 'shortest-paths'] as const
  const setting = settingWith({ applications, resume, coresEach: 0.14 })
  const times = { program: 3210.1, application: 432.1, checkpoint: 109.8, backup: 98.7 }
  const processorTimes = { start: { ...times, ms: 250.2 }, whole: times }
  const plainRuns = applications.flatMap((program) => [
    ...rounds(program, 'n+1-parity', [80.1, 84.2, 188.3]),
    ...rounds(program, 'enhanced', [20.1, 21.2, 122.3]),
    ...(['enhanced', 'n+1-parity'] as const).map((scheme) =>
      record({ program, scheme, part: 'recovery', recoveries: [recovery] }),
    ),
  ])
  const runs = plainRuns.map((run) => ({ ...run, processorTimes }))
  const machine = { ...{ processor: '', cores: 2, memoryBytes: 1, system: '', node: '' }, tracker: 'shadow' } as const
  const about = { paritas: '1', machine, load: { before: 0, after: 0 }, setting, mtbfSeconds: 86_400 }
  const tables = Object.values(tablesOf(reportData(runs, about))).filter((table) => table !== null)
  expect(tables.length).toBeGreaterThanOrEqual(8)
  for (const one of tables) {
    for (const line of tableLines(one, plain, 100)) expect(line.length, line).toBeLessThanOrEqual(100)
  }
})
