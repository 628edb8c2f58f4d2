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

const others = {
  ...{ applicationBytes: 2 << 20, checkpointBytes: 1 << 19, backupBytes: 1 << 20, spareBytes: 1 << 19 },
  processBytes: null,
}
const roles =
  '2.0 MiB on application processors, 512 KiB on checkpoint processors, 1.0 MiB on backups, 512 KiB on spares'

test.each([
  [0, `memory for protection 4.0 MiB the program's is 0 B: ${roles}`],
  [64, `memory for protection 4.0 MiB the program's is 64 B: ${roles}`],
  [400 << 10, `memory for protection 4.0 MiB the program's is 400 KiB: ${roles}`],
  [512 << 10, `memory for protection 4.0 MiB 800 % of the program's: ${roles}`],
  [4 << 20, `memory for protection 4.0 MiB 100 % of the program's: ${roles}`],
])('memory for protection beside %i bytes of the program', (programBytes, told) => {
  expect(memoryRow({ programBytes, ...others }).replace(/ +/g, ' ')).toBe(told)
})

test('the memory of all processes stands below it, by role', () => {
  const processBytes = {
    ...{
      application: 200 << 20,
      checkpoint: 50 << 20,
      backup: 51 << 20,
      spare: 30 << 20,
      conductor: 0,
      launcher: 62 << 20,
    },
  }
  const lines = summaryLines(
    outcome({ checkpoints, log, memory: { programBytes: 400, ...others, processBytes } }),
    { kind: 'none' },
    'enhanced',
    paintFor(new Written(), {}),
  )
  expect(
    lines
      .find((line) => line.includes('of all processes'))!
      .trim()
      .replace(/ +/g, ' '),
  ).toBe(
    'memory of all processes 393 MiB application processors 200 MiB, checkpoint processors 50.0 MiB, backups 51.0 MiB, spares 30.0 MiB, launcher 62.0 MiB',
  )
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
