import { expect, it } from 'vitest'
import { type EvaluationSetting, partNames, planRuns } from '../../src/evaluation/index.ts'

const setting: EvaluationSetting = {
  ...{ applications: ['merge-sort', 'shortest-paths'], schemes: ['none', 'enhanced', 'mirror'], processes: 4 },
  ...{ tolerate: 1, tracker: 'auto', coresEach: null, intervalMs: 250, rounds: 3, recoveryRounds: 2, timeoutRounds: 2 },
  ...{ parts: partNames, resume: 'after-commit', changedPercents: [1, 100], seed: 5, size: 'quick' },
}
const runs = planRuns(setting)
const of = (part: string) => runs.filter((run) => run.part === part)

it('in each round everything has its turn, now forwards, now backwards', () => {
  const turns = of('overhead').map(({ workload, scheme, round }) => `${round} ${workload.program} ${scheme}`)
  const names = ['merge-sort', 'shortest-paths'].flatMap((name) =>
    ['none', 'enhanced', 'mirror'].map((scheme) => `${name} ${scheme}`),
  )
  const inOrder = (round: number, list: readonly string[]) => list.map((name) => `${round} ${name}`)
  expect(turns).toEqual([...inOrder(1, names), ...inOrder(2, [...names].reverse()), ...inOrder(3, names)])
})

it('every scheme loses the same process at the same point; other rounds lose others', () => {
  for (const round of [1, 2]) {
    for (const program of setting.applications) {
      const kills = of('recovery').filter((run) => run.round === round && run.workload.program === program)
      expect(kills.map(({ scheme }) => scheme).sort()).toEqual(['enhanced', 'mirror'])
      expect(new Set(kills.map(({ kill }) => JSON.stringify(kill))).size).toBe(1)
    }
  }
  expect(new Set(of('recovery').map(({ kill }) => JSON.stringify(kill))).size).toBeGreaterThan(2)
  expect(planRuns(setting)).toEqual(runs)
  expect(planRuns({ ...setting, seed: 6 }).map(({ kill }) => kill)).not.toEqual(runs.map(({ kill }) => kill))
})

it('no two runs have the same key, and all have the same pace but those without a timeout', () => {
  expect(new Set(runs.map(({ key }) => key)).size).toBe(runs.length)
  const others = runs.filter(({ timeoutMs, part }) => timeoutMs !== setting.intervalMs && part !== 'diagram')
  expect(others.map(({ part, timeoutMs }) => [part, timeoutMs])).toEqual([
    ['timeout', null],
    ['timeout', null],
  ])
})

it('a warm-up of each application goes before all else', () => {
  expect(runs.slice(0, 2).map(({ part }) => part)).toEqual(['warm-up', 'warm-up'])
  expect(of('warm-up')).toHaveLength(2)
})

it('only the parts that are asked for are made, in the order of all, and the warm-up', () => {
  const some = planRuns({ ...setting, parts: ['overhead', 'diagram'] })
  expect(some).toEqual([...of('warm-up'), ...of('overhead'), ...of('diagram')])
  expect(planRuns({ ...setting, parts: ['timeout'] })).toEqual([...of('warm-up'), ...of('timeout')])
})
