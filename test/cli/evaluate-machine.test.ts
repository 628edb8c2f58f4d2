// `paritas evaluate` with real processes, as small as it gets.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseHTML } from 'linkedom'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ReportData } from '../../src/evaluation/index.ts'
import { lookForShares, schemeNames } from '../../src/machine/index.ts'
import { Commands } from '../machine/run-command.ts'

let commands: Commands
beforeEach(() => {
  commands = new Commands()
})
afterEach(() => commands.remove())

/** Some twenty runs, one after another: on a busy machine that takes its time. */
const timeoutMs = 300_000

const options = ['--size', 'tiny', '--applications', 'shortest-paths', '--rounds', '1', '--processes', '2']

/**
 * One process is killed under each scheme. On a busy computer a false alarm may come at the same moment, and then it is
 * not known when the loss began.
 */
test('every scheme on a real machine, from the runs to the page', { timeout: timeoutMs, retry: 2 }, async () => {
  const { exitCode, stdout, stderr } = await commands.run([
    'evaluate',
    ...options,
    '--interval',
    '40ms',
    '--output',
    'out',
  ])
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(stdout).toContain('What a checkpoint costs')

  const { results, runs, setting } = JSON.parse(commands.read('out/report.json')) as ReportData
  expect(setting.schemes).toEqual(schemeNames)
  for (const { scheme, checkpoints, heldUpMs, latencyMs, recovery, memoryShare } of results.schemes) {
    if (scheme === 'none') continue
    expect(checkpoints!.median, scheme).toBeGreaterThan(0)
    for (const figure of [heldUpMs!, latencyMs!, recovery!.totalMs]) expect(figure.median, scheme).toBeGreaterThan(0)
    expect(memoryShare!.application, scheme).toBeGreaterThan(0)
  }
  for (const run of runs.filter(({ kill }) => kill !== null)) expect(run.recoveries, run.key).not.toEqual([])
  const [withTimeout, without] = results.timeout
  expect(withTimeout!.checkpoints!.median).toBeGreaterThan(without!.checkpoints!.median)

  const { document } = parseHTML(commands.read('out/report.html'))
  expect(document.querySelectorAll('figure > svg').length).toBeGreaterThanOrEqual(4)
  expect(document.querySelector('svg.diagram')!.textContent).toContain('recovery')
})

test('Ctrl-C ends every process, and keeps what is finished', async () => {
  const command = commands.start(['evaluate', ...options, '--output', 'out'])
  await command.said(/\(run 2 of/)
  command.signalGroup('SIGINT')
  const { exitCode, stdout } = await command.ended
  expect(exitCode).toBe(130)
  expect(stdout).toContain('1 finished run of')
  expect(commands.read('out/runs.jsonl').trim().split('\n')).toHaveLength(2)
  commands.expectNothingLeft()
})

test('a share of processor time for each: groups of their own, of which Ctrl-C leaves nothing', async () => {
  const tree = lookForShares()
  const shared = ['evaluate', ...options, '--schemes', 'none,enhanced', '--cores-each', '0.1', '--output', 'out']
  if ('why' in tree) {
    const { exitCode, stdout, stderr } = await commands.run(shared)
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toBe(`paritas: --cores-each 0.1: ${tree.why}; ${tree.advice}\n`)
    return
  }
  const groups = (): string[] => readdirSync(tree.folder).filter((name) => name.startsWith(`paritas-${command.pid}-`))
  const command = commands.start(shared)
  await command.said(/\(run 2 of/)
  await commands.untilProcessor()
  await vi.waitFor(() => expect(readdirSync(join(tree.folder, groups()[0]!)).join()).toMatch(/\bp\d+\b/))
  command.signalGroup('SIGINT')
  const { exitCode } = await command.ended
  expect([exitCode, groups()]).toEqual([130, []])
  commands.expectNothingLeft()
})
