import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import {
  ProgramBundle,
  ProgramError,
  type RunOptions,
  type RunOutcome,
  UncoveredLossError,
} from '../../src/machine/index.ts'
import { defineProgram, type Program, u32 } from '../../src/program/index.ts'
import {
  Campaign,
  type CampaignNews,
  type CampaignOptions,
  findingLines,
  type Summary,
} from '../../src/testing/index.ts'
import { outcome, recovery } from '../cli/fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-campaign-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'program.mjs'), 'var calls = 0;\nfunction step() {\n  calls += 1;\n}\n')

const plain = defineProgram({
  name: 'plain',
  memory: () => ({ total: u32() }),
  start: (self) => self.done(),
  step: (self) => self.done(),
})

/** What one of two processes ends with. */
interface Ending {
  readonly result?: unknown
  readonly emitted?: readonly unknown[]
  readonly total?: number
  readonly vars?: Record<string, unknown>
  readonly isContinued?: boolean
  /** Of its thread; 10 if it has gone back nowhere. */
  readonly steps?: number
}

/** A run of two processes; long enough that nothing has to be slowed down. */
function ran(...endings: readonly [Ending, Ending]): RunOutcome {
  const emitted = endings.flatMap(({ emitted: values = [], total = 0, vars = {}, isContinued = true, steps = 10 }) => [
    ...values,
    {
      ...{ 'observed by paritas test': true, given: [], memory: { total }, vars, isLast: true, foreign: [] },
      ...{ steps, spanMs: 5000, workMs: 5000, isContinued },
    },
  ])
  return outcome({
    ...{ results: endings.map(({ result }) => result), emitted, recoveries: [recovery] },
    checkpoints: { ...outcome().checkpoints, committed: 20 },
  })
}

interface Setting {
  readonly program?: Program
  readonly compare?: CampaignOptions['compare']
}

/** Tests a program whose runs end as `ends` say, in this order; the last goes on for ever. */
async function campaign(ends: readonly (RunOutcome | Error)[], { program = plain, compare = null }: Setting = {}) {
  const made: RunOptions[] = []
  const news: CampaignNews[] = []
  const runMachine = async (options: RunOptions): Promise<RunOutcome> => {
    made.push(options)
    const end = ends[Math.min(made.length, ends.length) - 1]!
    if (end instanceof Error) throw end
    return end
  }
  const loaded = {
    program,
    moduleUrl: pathToFileURL(join(folder, 'program.mjs')).href,
    bundle: new ProgramBundle(program.name, { version: '0', api: 1 }, []),
    obstacles: () => [],
    codeHash: '',
    sources: [],
    mayReportProgress: true,
    mayConnect: false,
  }
  const signal = new AbortController().signal
  const bench = {
    program: loaded,
    processes: 2,
    tolerate: 1,
    sizes: {},
    input: null,
    seed: 1,
    folder,
    signal,
    runMachine,
  }
  const summary = await new Campaign({ bench, runs: [1, 2, 3], compare, onNews: (one) => news.push(one) }).run()
  return { summary, made, news }
}

const linesOf = ({ finding }: Summary): string => findingLines(finding!, ['--kill 1@commit:2']).join('\n')

const first = ran({ result: { sum: 5 }, emitted: [[1, 2]] }, { result: 7 })

test('runs that give the same pass, with the first one alone without losses', async () => {
  const { summary, made } = await campaign([first])
  expect(summary).toMatchObject({
    runs: 3,
    telling: 3,
    rollbacks: 3,
    checkpoints: 60,
    accepted: 0,
    memory: null,
    finding: null,
  })
  expect(made.map(({ faults }) => faults.length > 0)).toEqual([false, true, true, true])
  expect(made[0]!.machine).toMatchObject({ processes: 2, timeoutMs: 16 })
})

describe('the first difference is told', () => {
  const program = plain
  test.each<[what: string, other: RunOutcome, line: string]>([
    [
      'a result',
      ran({ result: { sum: 6 }, emitted: [[1, 2]] }, { result: 7 }),
      'process 0: result.sum is 6, and 5 in the first run',
    ],
    [
      'an emitted value',
      ran({ result: { sum: 5 }, emitted: [[1, 3]] }, { result: 7 }),
      'process 0: emitted value 1, [1] is 3, and 2',
    ],
    [
      'one too many',
      ran({ result: { sum: 5 }, emitted: [[1, 2], 3] }, { result: 7 }),
      'process 0: the number of emitted values is 2, and 1',
    ],
    [
      'whose it is',
      ran({ result: { sum: 5 } }, { result: 7, emitted: [[1, 2]] }),
      'process 0: the number of emitted values is 0, and 1',
    ],
    [
      'of another process',
      ran({ result: { sum: 5 }, emitted: [[1, 2]] }, { result: '7' }),
      "process 1: result is '7', and 7",
    ],
  ])('%s', async (_, other, line) => {
    const { summary } = await campaign([first, first, other, first, other], { program })
    expect(summary).toMatchObject({ runs: 1, finding: { run: 2, isRepeated: true, differsWithoutLosses: false } })
    expect(linesOf(summary)).toContain(`run 2 differs from the first: ${line}`)
    expect(linesOf(summary)).toContain('the same once more: it differs again')
    expect(linesOf(summary)).toContain('variables of the module that steps may change: calls')
  })

  test('what differs without losses too is told as that', async () => {
    const other = ran({ result: 1 }, { result: 2 })
    const { summary } = await campaign([first, other, ran({ result: 3 }, { result: 4 }), first])
    expect(linesOf(summary)).toContain('it differs without losses too')
    expect(linesOf(summary)).toContain('this time it gave what the first run gave')
  })

  test('a program that fails', async () => {
    const { summary } = await campaign([first, new ProgramError('process 1 threw', 'at x.ts:1:1'), first])
    expect(linesOf(summary)).toContain('run 1 differs from the first: process 1 threw')
    expect(summary.finding?.place).toBeNull()
  })
})

describe('what may differ', () => {
  const differing = [first, ran({ result: { sum: 6 } }, { result: 7 })]

  test('is accepted by verify, and told', async () => {
    const { summary, news } = await campaign(differing, { program: { ...plain, verify: () => null } })
    expect(summary).toMatchObject({ runs: 3, accepted: 3, finding: null })
    expect(JSON.stringify(news)).toContain('result.sum is 6, and 5 in the first run; verify accepts it')
  })

  test('is not accepted by a verify that finds it wrong', async () => {
    const program: Program = {
      ...plain,
      verify: ({ emitted }) => (emitted.length === 1 ? null : 'one value is missing'),
    }
    const { summary } = await campaign(differing, { program })
    expect(linesOf(summary)).toContain('run 1 differs from the first: its result is wrong: one value is missing')
  })

  test('is decided by the comparison', async () => {
    const accepted = await campaign(differing, { compare: () => null })
    expect(accepted.summary).toMatchObject({ accepted: 3, finding: null })
    const compare = (a: { readonly results: readonly unknown[] }, b: typeof a): string | null =>
      JSON.stringify(a.results) === JSON.stringify(b.results) ? null : 'other results'
    const refused = await campaign(differing, { compare })
    expect(linesOf(refused.summary)).toContain('run 1 differs from the first: other results')
    expect(linesOf(refused.summary)).toContain('first place: process 0: result.sum is 6')
  })

  test.each([
    [() => false, 'must return a text that says what is wrong, or null, but returned false'],
    [() => '', "must return a text that says what is wrong, or null, but returned ''"],
    [() => undefined, 'must return a text that says what is wrong, or null, but returned nothing'],
    [
      () => {
        throw new Error('no rows')
      },
      'the comparison failed: no rows',
    ],
  ])('a comparison that says nothing is no comparison: %s', async (compare, message) => {
    await expect(campaign(differing, { compare: compare as never })).rejects.toThrow(message)
  })
})

describe('memory at the end', () => {
  const other = (kept: Ending) => ran({ result: 1 }, { result: 2, ...kept })

  test('is told where all gave the same', async () => {
    const { summary } = await campaign([other({ total: 4 }), other({ total: 5 })])
    expect(summary).toMatchObject({ accepted: 0, finding: null, memory: { process: 1, place: 'memory field total' } })
  })

  test('counts where a program gives nothing', async () => {
    const { summary } = await campaign([ran({}, { vars: { rows: [1] } }), ran({}, { vars: { rows: [2] } })])
    expect(linesOf(summary)).toContain('process 1: vars.rows[0] is 2, and 1 in the first run')
  })
})

test('faults that come too late are tried once more, from the first commit on', async () => {
  const late = ran(
    { ...{ result: { sum: 5 }, emitted: [[1, 2]] }, isContinued: false },
    { result: 7, isContinued: false },
  )
  const { summary, made } = await campaign([first, late, first])
  expect(summary).toMatchObject({ runs: 3, telling: 3 })
  expect(made).toHaveLength(5)
  expect(made[2]!.faults[0]!.when).toEqual({ kind: 'commit', checkpoint: 1 })
})

describe('a process that has not gone on from its middle', () => {
  const whole: Ending = { isContinued: false }
  const middle: Ending = { steps: 5 }
  /** Only `start` was in the checkpoint that it went back to. */
  const beginning: Ending = { steps: 9 }
  const calm = ran({ result: 1, ...whole }, { result: 2, ...whole })
  const lost = (one: Ending, other: Ending) => ran({ result: 1, ...one }, { result: 2, ...other })
  const commitsOf = (made: readonly RunOptions[]) =>
    made.flatMap(({ faults }) =>
      faults.slice(0, 1).map(({ when }) => (when.kind === 'commit' ? when.checkpoint : null)),
    )

  test('is hit later, where it went back to its beginning, and what it remembers is told', async () => {
    const { summary, made } = await campaign([
      calm,
      lost(middle, beginning),
      lost(middle, { ...middle, total: 1 }),
      calm,
    ])
    const [first, second] = commitsOf(made)
    expect(second).toBe(2 * first!)
    expect(summary).toMatchObject({ telling: 1, untold: [], memory: { process: 1, place: 'memory field total' } })
  })

  test('is hit earlier, where it was done before', async () => {
    const { summary, made } = await campaign([calm, lost(middle, whole), lost(beginning, middle), lost(middle, middle)])
    expect(commitsOf(made)[1]).toBe(1)
    expect(summary).toMatchObject({ runs: 3, telling: 3, untold: [] })
    expect(made).toHaveLength(1 + 1 + 3)
  })

  test('counts in any run that was made for it, though only one is told', async () => {
    const { summary } = await campaign([calm, lost({ ...middle, total: 1 }, beginning), lost(beginning, middle)])
    expect(summary).toMatchObject({ runs: 3, untold: [], memory: { process: 0, place: 'memory field total' } })
  })

  test('is named, when a few runs more were of no use', async () => {
    const { summary, made } = await campaign([calm, lost(middle, beginning)])
    expect(summary).toMatchObject({ runs: 3, telling: 3, untold: [1] })
    expect(made).toHaveLength(1 + 3 + 3)
  })

  test('does not undo a run that says something of others by more losses than are covered', async () => {
    const { summary } = await campaign([calm, lost(middle, beginning), new UncoveredLossError('a1 and c0'), calm])
    expect(summary).toMatchObject({ voided: 0 })
    expect(summary.telling).toBeGreaterThan(0)
  })

  test('of which nothing but its start could be in a checkpoint is not asked for', async () => {
    const idle: Ending = { isContinued: false, steps: 1 }
    const { summary, made } = await campaign([lost(whole, idle), lost(middle, idle)])
    expect(summary).toMatchObject({ runs: 3, untold: [] })
    expect(made).toHaveLength(4)
  })
})

describe('nothing is called tested that was not', () => {
  test('where no process went on from its middle', async () => {
    const over = ran({ isContinued: false }, { isContinued: false })
    await expect(campaign([over])).rejects.toThrow(
      'nothing was tested: no process ever went on from a checkpoint in its middle, for the program is over after 5000 ms',
    )
  })

  test('where more was lost than is covered', async () => {
    const { summary } = await campaign([first, new UncoveredLossError('a1 and c0'), first])
    expect(summary).toMatchObject({ runs: 2, voided: 1 })
    await expect(campaign([first, new UncoveredLossError('a1 and c0')])).rejects.toThrow('nothing was tested')
  })

  test('a program that fails, or is wrong, without losses', async () => {
    await expect(campaign([new ProgramError('process 1 threw', '')])).rejects.toThrow('process 1 threw')
    const program: Program = { ...plain, verify: () => 'all wrong' }
    await expect(campaign([first], { program })).rejects.toThrow(
      'the result is wrong already without losses: all wrong',
    )
  })
})
