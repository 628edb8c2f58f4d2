import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { RunView } from '../../src/cli/run/view.ts'
import type { RunNews } from '../../src/machine/index.ts'
import { eventfulNews, recovery, Written } from './fake-machine.ts'

/** What a terminal shows after all of `text`: what is rewritten is shown as it is last. */
function shown(text: string): string {
  const lines = text.split('\n')
  return lines.map((line) => line.split('\r\x1b[2K').at(-1)!).join('\n')
}

function told(news: readonly RunNews[]): string {
  const report = new Written()
  const view = new RunView(report, { stderr: new Written(), env: {}, now: () => 0 })
  for (const one of news) view.news(one)
  view.settle()
  return report.text
}

test('every kind of event in plain lines', () => {
  const pid = 4712
  expect(
    told([
      { type: 'fault', kind: 'kill', name: 'application processor 2', pid, atMs: 1310 },
      { type: 'fault', kind: 'freeze', name: 'backup processor', pid, atMs: 1310 },
      { type: 'fault', kind: 'thaw', name: 'backup processor', pid, atMs: 1310 },
      { type: 'lost', name: 'backup processor', pid, why: 'silent for 300 ms', atMs: 1610 },
      ...[
        { missing: ['application processor 2'], furtherLosses: 0, hasDisk: false },
        { missing: ['application processor 1', 'application processor 2'], furtherLosses: 1, hasDisk: false },
        { missing: ['1', '2', '3', '4'], furtherLosses: 0, hasDisk: true },
        { missing: [], furtherLosses: 1, hasDisk: true },
      ].map((one) => ({ type: 'coverage', ...one, atMs: 1610 }) as const),
      { type: 'slow', name: 'application processor 1', pid, silentMs: 2100, atMs: 1650 },
      { type: 'alone', name: 'application processor 1', pid, silentMs: 3100, atMs: 1650 },
      ...[
        { missing: ['checkpoint processor', 'application processor 0'], longStep: { rank: 0, step: 7, sinceMs: 9 } },
        { missing: ['checkpoint processor'], longStep: null },
        { missing: [], longStep: { rank: 0, step: 7, sinceMs: 9 } },
        { missing: [], longStep: null },
      ].map((one) => ({ type: 'heldUp', rank: 2, bytes: 64 * 2 ** 20, ...one, atMs: 1650 }) as const),
      { type: 'replaced', name: 'backup processor', pid: 4713, atMs: 1610 },
      { type: 'spareLost', pid, atMs: 1700 },
      { type: 'line', toCheckpoint: 6, atMs: 1710, rollback: true, fromDisk: false },
      { type: 'line', toCheckpoint: 6, atMs: 1710, rollback: false, fromDisk: false },
      { type: 'resumed', recovery, atMs: 1800 },
      { type: 'resumed', recovery: { ...recovery, rollback: false, detectMs: null }, atMs: 1800 },
      { type: 'failedStep', rank: 1, error: 'TypeError: no\n    at step (a.ts:1:1)', atMs: 65_000 },
      { type: 'fenced', pid, atMs: 65_000 },
      { type: 'emitted', rank: 0, value: 1 },
    ]),
  ).toMatchInlineSnapshot(`
    "    1.31 s  killing application processor 2 (pid 4712) with SIGKILL
        1.31 s  freezing backup processor (pid 4712) with SIGSTOP
        1.31 s  waking backup processor (pid 4712) with SIGCONT
        1.61 s  lost backup processor (pid 4712): silent for 300 ms
        1.61 s  until application processor 2 is restored, no further loss is covered
        1.61 s  until application processor 1 and application processor 2 are restored, 1 further loss is covered
        1.61 s  until 4 processors are restored, a further loss takes every process back to the disk
        1.65 s  application processor 1 (pid 4712) is slow: it lives, but has got no processor time to beat for 2.10 s
        1.65 s  application processor 1 (pid 4712) heard nobody for 3.10 s, and its program stood still until it did
        1.65 s  process 2 waits: 64.0 MiB of output and messages cannot be committed until checkpoint processor and application processor 0 are there again
        1.65 s  process 2 waits: 64.0 MiB of output and messages cannot be committed until checkpoint processor is there again
        1.65 s  process 2 waits: 64.0 MiB of output and messages cannot be committed before process 0 has ended step 7
        1.65 s  process 2 waits: 64.0 MiB of output and messages cannot be committed yet
        1.61 s  pid 4713 takes the place of backup processor
        1.70 s  lost a spare processor (pid 4712); starting another
        1.71 s  recovering: every process goes back to checkpoint 6
        1.71 s  recovering: checkpoint 6 stands, no process has to go back
        1.80 s  computing again after 82 ms (detect 3.1 ms, rebuild 42 ms, resume 36 ms)
                213 ms of work is done again
        1.80 s  computing again after 82 ms (detect unknown, rebuild 42 ms, resume 36 ms)
      1 min 5 s  a step of process 1 threw: TypeError: no
      1 min 5 s  going back once, in case the machine was at fault
      1 min 5 s  pid 4712, replaced while it was silent, came back and was told to end
    "
  `)
})

describe('a start that takes long', () => {
  test('is one line in a terminal, which is rewritten', () => {
    const terminal = new Written(true)
    const view = new RunView(terminal, { stderr: terminal, env: { NO_COLOR: '1' }, now: () => 0 })
    view.activity('starting processors')
    view.news({ type: 'starting', ready: 3, wanted: 7 })
    view.settle()
    expect(terminal.text).not.toContain('\n')
    view.activity('on')
    view.news({ type: 'starting', ready: 4, wanted: 7 })
    view.say('')
    expect(terminal.text).toContain('starting processors: 4 of 7 are ready')
    view.settle()
  })

  test('is told now and then where there is none', () => {
    const report = new Written()
    let nowMs = 0
    const view = new RunView(report, { stderr: new Written(), env: {}, now: () => nowMs })
    for (const [atMs, ready] of [
      [2000, 0],
      [2500, 1],
      [12_000, 4],
      [12_500, 5],
    ] as const) {
      nowMs = atMs
      view.news({ type: 'starting', ready, wanted: 48 })
    }
    expect(report.text).toBe('  starting processors: 0 of 48 are ready\n  starting processors: 4 of 48 are ready\n')
  })
})

test('a fault that never came: why, and what to write instead', () => {
  const kill = { kind: 'kill', who: 'a1', when: { kind: 'progress', share: 0.5 } } as const
  const late = { kind: 'kill', who: 'a1', when: { kind: 'time', ms: 9000 } } as const
  expect(
    told([
      { type: 'faultMissed', fault: kill, hadProgress: false },
      { type: 'faultMissed', fault: kill, hadProgress: true },
      { type: 'faultMissed', fault: late, hadProgress: false },
    ]),
  ).toBe(
    [
      '  --kill 1@50% did not happen: the program reported no progress (self.progress); write a time, such as 1@2s, or a commit, such as 1@commit:3\n',
      '  --kill 1@50% did not happen: the run ended first, or there was nobody to hit\n',
      '  --kill 1@9000ms did not happen: the run ended first, or there was nobody to hit\n',
    ].join(''),
  )
})

describe('steps that go on for long', () => {
  const steps = [
    { rank: 0, step: 3, sinceMs: 500 },
    { rank: 1, step: 3, sinceMs: 900 },
    { rank: 2, step: 0, sinceMs: 1000 },
  ]

  test('are told of in the line that is rewritten, from two seconds on, until they end', () => {
    const stderr = Object.assign(new Written(), { isTTY: true, columns: 80 })
    let nowMs = 0
    const view = new RunView(new Written(), { stderr, env: {}, now: () => nowMs })
    const shownAt = (ms: number, news: RunNews): string => {
      nowMs = ms
      view.news(news)
      view.say()
      return stripVTControlCharacters(stderr.text.split('\r\x1b[2K').at(-1)!)
    }
    shownAt(0, { type: 'started', processors: [] })
    shownAt(0, { type: 'progress', share: 0.5 })
    shownAt(0, { type: 'commit', checkpoint: 12, deltaBytes: 2 ** 20, atMs: 0 })
    expect(shownAt(2400, { type: 'longSteps', steps: steps.slice(0, 1), atMs: 2400 })).not.toContain('step')
    expect(shownAt(2600, { type: 'longSteps', steps: steps.slice(0, 1), atMs: 2600 })).toContain(
      'process 0 in step 3 for 2 s',
    )
    expect(shownAt(65_600, { type: 'longSteps', steps: steps.slice(0, 2), atMs: 65_600 })).toContain(
      'processes 0 and 1 in step 3 for 1 min 5 s',
    )
    expect(shownAt(5000, { type: 'longSteps', steps, atMs: 5000 })).toContain(
      'processes 0 and 1 in step 3 for 4 s, and 1 more in others',
    )
    expect(shownAt(5000, { type: 'longSteps', steps: steps.slice(2), atMs: 5000 })).toContain(
      'process 2 in start for 4 s',
    )
    expect(shownAt(6000, { type: 'longSteps', steps: [], atMs: 6000 })).not.toContain('process')
    view.settle()
  })

  test('without a terminal have a line at once, and one each minute', () => {
    const report = new Written()
    let nowMs = 0
    const view = new RunView(report, { stderr: new Written(), env: {}, now: () => nowMs })
    view.news({ type: 'started', processors: [] })
    for (nowMs = 1000; nowMs < 70_000; nowMs += 1000) {
      view.news({ type: 'longSteps', steps: steps.slice(0, 1), atMs: nowMs })
    }
    expect(report.text).toBe(
      '    3.00 s  process 0 in step 3 for 2 s\n  1 min 3 s  process 0 in step 3 for 1 min 3 s\n',
    )
  })
})

describe('without a terminal', () => {
  test('a line for each tenth, and none for work that is done again', () => {
    const shares = [0.02, 0.1, 0.15, 0.35, 0.2, 0.39, 0.4, 1]
    expect(told(shares.map((share) => ({ type: 'progress', share })))).toMatchInlineSnapshot(`
      "      0 ms   10 %
            0 ms   35 %
            0 ms   40 %
            0 ms  100 %
      "
    `)
  })

  test('a line each minute where a tenth takes long', () => {
    const report = new Written()
    let nowMs = 0
    const view = new RunView(report, { stderr: new Written(), env: {}, now: () => nowMs })
    view.news({ type: 'started', processors: [] })
    for (let minute = 0; minute < 4; minute += 0.5) {
      nowMs = minute * 60_000
      view.news({ type: 'progress', share: 0.01 * minute })
    }
    expect(report.text).toMatchInlineSnapshot(`
      "  1 min 0 s    1 %
        2 min 0 s    2 %
        3 min 0 s    3 %
      "
    `)
  })
})

describe('in a terminal', () => {
  test('the line that is rewritten is taken away for each line of the report, and at the end', () => {
    const terminal = new Written(true)
    const view = new RunView(terminal, { stderr: terminal, env: { NO_COLOR: '1' }, now: () => 1400 })
    for (const one of eventfulNews) view.news(one)
    expect(terminal.text).toContain('\r\x1b[2K')
    view.settle()
    expect(shown(terminal.text)).toMatchInlineSnapshot(`
      "  4 application processors   pid 4710, 4711, 4712, 4713
        1 checkpoint processor     pid 4714
        1 backup processor         pid 4715
        1 spare processor          pid 4716
          1.31 s  killing application processor 2 (pid 4712) with SIGKILL
          1.31 s  lost application processor 2 (pid 4712): its link closed
          1.31 s  recovering: every process goes back to checkpoint 6
          1.39 s  computing again after 82 ms (detect 3.1 ms, rebuild 42 ms, resume 36 ms)
                  213 ms of work is done again
      "
    `)
    const before = terminal.text
    view.settle()
    expect(terminal.text).toBe(before)
  })

  test('shows bar, share, time, checkpoint and delta, and what is being done before', () => {
    const terminal = new Written(true)
    let nowMs = 0
    const view = new RunView(terminal, { stderr: terminal, env: { NO_COLOR: '1' }, now: () => nowMs })
    view.activity('reading numbers.txt')
    view.news({ type: 'started', processors: [] })
    nowMs = 2340
    view.news({ type: 'progress', share: 0.5 })
    view.news({ type: 'commit', checkpoint: 12, deltaBytes: 3 << 20, atMs: 2300 })
    view.activity('x')
    view.news({ type: 'started', processors: [] })
    view.say('above')
    view.settle()
    expect(terminal.text.replaceAll('\r\x1b[2K', '|')).toMatchInlineSnapshot(`
      "|  reading numbers.txt|  x|above
      |  ━━━━━━━━━━━━────────────   50 %  0.0 s  checkpoint 12  3.0 MiB of delta sent|"
    `)
  })

  test.each([
    [{ TERM: 'dumb' }, false, false],
    [{ NO_COLOR: '1' }, false, true],
    [{}, true, true],
  ])('with %o: colours %s, rewriting %s', (env: Readonly<Record<string, string>>, colours, rewriting) => {
    const terminal = new Written(true)
    const view = new RunView(terminal, { stderr: terminal, env, now: () => 0 })
    view.activity('starting')
    view.news({ type: 'spareLost', pid: 1, atMs: 1 })
    view.settle()
    expect([terminal.text.includes('\x1b[33m'), terminal.text.includes('\x1b[2K')]).toEqual([colours, rewriting])
  })
})
