import { expect, test } from 'vitest'
import { movedTo, type Pace, paceFor, planRun } from '../../src/testing/plan.ts'

const pace: Pace = { timeoutMs: 16, pauseMs: 2, commits: 16, longestMs: 1000 }
const machine = { processes: 4, tolerate: 1 }

test('the same seed and run have the same plan; others have others', () => {
  const plans = Array.from({ length: 40 }, (_, index) => planRun(7, index + 1, machine, pace))
  expect(Array.from({ length: 40 }, (_, index) => planRun(7, index + 1, machine, pace))).toEqual(plans)
  const texts = new Set(plans.map((plan) => JSON.stringify(plan)))
  expect(texts.size).toBeGreaterThan(30)
  expect(planRun(8, 1, machine, pace)).not.toEqual(plans[0])
})

test('every plan has a process killed at a commit that there is, and all kinds come', () => {
  const titles = new Set<string>()
  for (let seed = 0; seed < 50; seed += 1) {
    for (let run = 1; run <= 8; run += 1) {
      const { title, faults, pausesMs } = planRun(seed, run, machine, pace)
      titles.add(title.replace(/\d/, 'N'))
      expect(faults.some(({ kind, who }) => kind === 'kill' && /^a[0-3]$/.test(who))).toBe(true)
      for (const { when } of faults) expect(when).toMatchObject({ kind: 'commit', checkpoint: expect.any(Number) })
      const commits = faults.map(({ when }) => (when.kind === 'commit' ? when.checkpoint : 0))
      expect(Math.min(...commits)).toBeGreaterThanOrEqual(1)
      expect(Math.max(...commits)).toBeLessThanOrEqual(pace.commits)
      // No two at once, which would not be covered.
      expect(new Set(commits).size).toBe(commits.length)
      expect(pausesMs).toHaveLength(4)
    }
  }
  expect([...titles].sort()).toEqual([
    'a freeze and a loss',
    'losses right behind each other',
    'one loss',
    'process N slow, and a loss',
  ])
})

test('a plan that came too late begins at the first commit, and is the same else', () => {
  const plan = planRun(1, 2, machine, { ...pace, commits: 64 })
  const commits = ({ faults }: typeof plan) => faults.map(({ when }) => (when.kind === 'commit' ? when.checkpoint : 0))
  expect(commits(plan)[0]).toBeGreaterThan(1)
  expect(commits(movedTo(plan, 1))).toEqual([1, 2, 3])
  expect(movedTo(plan, 1).faults.map(({ who }) => who)).toEqual(plan.faults.map(({ who }) => who))
})

test('where two losses at once are covered they come too', () => {
  const plans = Array.from({ length: 80 }, (_, index) => planRun(1, index + 1, { processes: 4, tolerate: 2 }, pace))
  const pair = plans.find(({ title }) => title === 'two losses at once')!
  expect(pair.faults).toHaveLength(2)
  expect(pair.faults[0]!.when).toEqual(pair.faults[1]!.when)
  expect(pair.faults[0]!.who).not.toBe(pair.faults[1]!.who)
})

test('a single process and a single commit will do', () => {
  for (let run = 1; run <= 8; run += 1) {
    const { faults } = planRun(3, run, { processes: 1, tolerate: 2 }, { ...pace, commits: 1 })
    expect(faults[0]!.when).toEqual({ kind: 'commit', checkpoint: 1 })
  }
})

test.each([
  ['a short program is slowed down', 2, 2, 160, { pauseMs: 16, timeoutMs: 16 }],
  ['also where the computer is so busy that it takes long', 9000, 2, 160, { pauseMs: 16, timeoutMs: 16 }],
  ['but a single step not for ever', 2, 2, 4, { pauseMs: 64, timeoutMs: 16 }],
  ['many short steps a little', 500, 100, 40_000, { pauseMs: 0.0625, timeoutMs: 16 }],
  ['a long one is not', 5000, 4000, 10, { pauseMs: 0, timeoutMs: 128 }],
  ['a very long one takes a checkpoint twice a second', 500_000, 400_000, 10, { pauseMs: 0, timeoutMs: 512 }],
])('%s', (_, spanMs, workMs, steps, expected) => {
  expect(paceFor({ spanMs, workMs, steps })).toEqual(expected)
})
