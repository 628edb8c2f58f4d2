import { spawnSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runScenario, runSeed } from '../../src/simulator/index.ts'
import { paritas, Written } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-explore-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The first seed that finds the canary which the tests below let loose. */
const canary = 'trap-10-output'
let seed = 1
while (!runSeed(seed, { canary }).violation) seed += 1
const file = `violation-seed-${seed}.txt`

const bin = join(import.meta.dirname, '../../bin/paritas.js')

function inFolder(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, 'explore', ...args], { cwd: folder, encoding: 'utf8' })
}

describe('paritas explore', () => {
  /** PARITAS_SEEDS=20000 runs more of them. */
  const seeds = Number(process.env.PARITAS_SEEDS ?? 2000)

  test(`seeds 1 to ${seeds} break no promise`, { timeout: 120_000 + 60 * seeds }, async () => {
    const { exitCode, stdout, stderr } = await paritas(['explore', '--seeds', String(seeds), '--json'])
    expect(stderr).toContain('no violation')
    expect(exitCode).toBe(0)
    const found = JSON.parse(stdout) as Record<string, number>
    expect(found).toMatchObject({ seeds, violation: null })
    // Runs in which nothing is committed and nobody is lost would show nothing.
    expect(Math.min(found.commits!, found.recoveries!)).toBeGreaterThan(seeds)
    expect(found.events!).toBeGreaterThan(100 * seeds)
    expect(Math.min(found.stored!, found.fromDisk!)).toBeGreaterThan(seeds / 10)
  })

  test('a violation: exit 2, the seed, and a scenario that shows it again', { timeout: 60_000 }, () => {
    const { status, stdout, stderr } = inFolder('--seeds', '200', '--canary', canary)
    expect(status).toBe(2)
    expect(stdout).toMatch(/^seed \d+: TAKEN BACK: .*making it shorter/m)
    expect(stderr).toContain(`paritas: seed ${seed}: TAKEN BACK: `)
    expect(stderr).toMatch(/; \d faults?, \d+ moves? in all: see violation-seed-\d+\.txt\n$/)
    expect(readdirSync(folder)).toEqual([file])
    const scenario = readFileSync(join(folder, file), 'utf8')
    expect(scenario).toContain(`# Found by seed ${seed}, and shortened. TAKEN BACK: `)
    expect(scenario.split('----\n')[1]).toContain('TAKEN BACK: ')
    expect(runScenario(scenario)).toBe(scenario)
  })

  test('a folder that cannot be written to does not hide what was found', { timeout: 60_000 }, () => {
    mkdirSync(join(folder, 'taken', file), { recursive: true })
    const args = ['explore', '--from', String(seed), '--seeds', '1', '--canary', canary]
    const found = spawnSync(process.execPath, [bin, ...args], { cwd: join(folder, 'taken'), encoding: 'utf8' })
    expect(found.status).toBe(2)
    expect(found.stderr).toMatch(
      /^paritas: seed \d+: TAKEN BACK: .* \(cannot write violation-seed-\d+\.txt: it is a folder\)$/m,
    )
    rmSync(join(folder, 'taken'), { recursive: true })
  })

  test('--json tells of a violation too', { timeout: 60_000 }, () => {
    const { status, stdout } = inFolder('--from', String(seed), '--seeds', '1', '--canary', canary, '--json')
    expect(status).toBe(2)
    const [found, failed] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const violation = { seed, kind: 'TAKEN BACK', scenario: file }
    expect(found).toMatchObject({ seeds: 1, violation })
    expect(failed).toMatchObject({ exitCode: 2 })
  })

  test('shows how far it is where there is a terminal', async () => {
    const stderr = new Written(true)
    const { exitCode, stdout } = await paritas(
      ['explore', '--seeds', '1', '--program', 'ring', '--faults', 'none'],
      undefined,
      {
        stderr,
      },
    )
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^1 seeds? in /)
    expect(stderr.text).toMatch(/100 % {2}1 seeds {2}0 recoveries/)
  })

  test('is interrupted between two batches', async () => {
    const signals = new EventEmitter()
    const stderr = new Written()
    const run = paritas(['explore', '--seeds', '1000000'], undefined, { signals, stderr })
    setImmediate(() => signals.emit('SIGINT'))
    const { exitCode, stdout } = await run
    expect(exitCode).toBe(130)
    expect(stderr.text).toContain('interrupted')
    const [, last, next, left] = /^no violation up to seed (\d+); to go on: --from (\d+) --seeds (\d+)$/m.exec(stdout)!
    expect(Number(next)).toBe(Number(last) + 1)
    expect(Number(next) - 1 + Number(left)).toBe(1_000_000)
  })

  test('--conductors 2: somebody takes over', async () => {
    const { exitCode, stdout } = await paritas(['explore', '--seeds', '20', '--conductors', '2', '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).takeOvers).toBeGreaterThan(10)
  })

  test('--conductors 2 --scheme disk: somebody takes over, and goes back to the disk', async () => {
    const argv = ['explore', '--seeds', '20', '--conductors', '2', '--scheme', 'disk', '--json']
    const { exitCode, stdout } = await paritas(argv)
    expect(exitCode).toBe(0)
    const { takeOvers, fromDisk } = JSON.parse(stdout) as Record<string, number>
    expect(Math.min(takeOvers!, fromDisk!)).toBeGreaterThan(10)
  })

  test.each(['enhanced', 'n+1-parity', 'disk'])('--scheme %s keeps to it', async (scheme) => {
    const { exitCode, stderr } = await paritas(['explore', '--seeds', '100', '--scheme', scheme])
    expect([exitCode, stderr]).toEqual([0, ''])
  })

  test('tells how far it is once a minute where there is no terminal', async () => {
    const stderr = new Written()
    let minutes = 0
    const now = (): number => 60_000 * minutes++
    const { exitCode } = await paritas(
      ['explore', '--seeds', '120', '--program', 'ring', '--faults', 'none'],
      undefined,
      {
        stderr,
        now,
      },
    )
    expect(exitCode).toBe(0)
    expect(stderr.text).toMatch(/^ {2}\d+ % {2}\d+ seeds {2}0 recoveries {2}\d+ events\/s {2}.*, about .* to go$/m)
  })

  test.each([
    [['--seeds', '0'], /^paritas: --seeds must be a whole number from 1 to /],
    [['--from', 'x'], /^paritas: --from must be a whole number from 0 to /],
    [['--processes', '1'], /^paritas: --processes must be a whole number from 2 to 8, but is '1'/],
    [['--processes', '2..9'], /^paritas: --processes must be a whole number from 2 to 8, but is '9'/],
    [['--processes', '5..3'], /^paritas: --processes 5..3: the first number is greater than the second/],
    [['--tolerate', '9'], /^paritas: --tolerate must be a whole number from 1 to 8, but is '9'/],
    [['--group-size', '9'], /^paritas: --group-size must be a whole number from 1 to 8, but is '9'/],
    [['--tolerate', '3..2'], /^paritas: --tolerate 3..2: the first number is greater than the second/],
    [['--program', 'merge-sort'], /^paritas: --program: there is no 'merge-sort': there are ring, farm, /],
    [['--faults', 'losses,rust'], /^paritas: --faults: there is no 'rust': there are losses, /],
    [['--scheme', 'raid'], /^paritas: --scheme: there is no 'raid': there are enhanced, n\+1-parity, disk$/m],
    [['--scheme', 'enhanced', '--canary', canary], /^paritas: --scheme: a canary has a scheme of its own/m],
    [['--conductors', '9'], /^paritas: --conductors .*9/m],
    [['--hosts', '7'], /^paritas: --hosts .*7/m],
    [['--hosts', '2', '--canary', canary], /^paritas: --hosts: a canary has as many hosts as it needs/m],
    [['--conductors', '2', '--canary', canary], /^paritas: --conductors: a canary has as many conductors as it needs/m],
    [['--canary', 'bluebird'], /^paritas: --canary: there is no 'bluebird': there are trap-01-/],
  ])('%j: exit 1 and one line', async (argv, line) => {
    const { exitCode, stderr } = await paritas(['explore', ...argv])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(line)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
