import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { summaryLines } from '../../src/cli/run/summary.ts'
import { paintFor } from '../../src/cli/surroundings.ts'
import type { RunOutcome } from '../../src/machine/index.ts'
import { checkpoints, eventfulNews, outcome, paritas, recovery, Written } from './fake-machine.ts'

const one = (value: number) => ({ count: 1, median: value, min: value, max: value })
const log = { messages: one(12), bytes: one(1300) }

function memoryRow(memory: RunOutcome['memory']): string {
  const lines = summaryLines(
    outcome({ checkpoints, log, memory }),
    { kind: 'none' },
    'enhanced',
    paintFor(new Written(), {}),
  )
  return lines.find((line) => line.includes('memory for protection'))!.trim()
}

const others = { applicationBytes: 2 << 20, checkpointBytes: 1 << 20, backupBytes: 1 << 20 }

test.each([
  [0, "memory for protection 4.0 MiB the program's is 0 B: 2.0 MiB on application processors, 2.0 MiB on the others"],
  [64, "memory for protection 4.0 MiB the program's is 64 B: 2.0 MiB on application processors, 2.0 MiB on the others"],
  [
    400 << 10,
    "memory for protection 4.0 MiB the program's is 400 KiB: 2.0 MiB on application processors, 2.0 MiB on the others",
  ],
  [
    512 << 10,
    "memory for protection 4.0 MiB 800 % of the program's: 2.0 MiB on application processors, 2.0 MiB on the others",
  ],
  [
    4 << 20,
    "memory for protection 4.0 MiB 100 % of the program's: 2.0 MiB on application processors, 2.0 MiB on the others",
  ],
])('memory for protection beside %i bytes of the program', (programBytes, told) => {
  expect(memoryRow({ programBytes, ...others }).replace(/ +/g, ' ')).toBe(told)
})

test.each([80, 60, 200])('what a run tells fits into %i columns, in whole words', async (columns) => {
  const done = { log, checkpoints, memory: { programBytes: 400, ...others }, recoveries: [recovery] }
  const tell = async (stdout: Written): Promise<string[]> => {
    await paritas(
      ['run', 'ring', '--tolerate', '2', '--code', 'groups'],
      async ({ onNews }) => {
        for (const news of eventfulNews) onNews(news)
        return outcome(done)
      },
      { stdout },
    )
    expect(stdout.text).toContain('memory for protection')
    return stripVTControlCharacters(stdout.text).split('\n')
  }
  const lines = await tell(new Written(true, columns))
  const wide = await tell(new Written(true, 1000))
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
  expect(lines.join(' ').split(/\s+/)).toEqual(wide.join(' ').split(/\s+/))
  if (columns < 100) expect(lines.length).toBeGreaterThan(wide.length)
})
