import { describe, expect, it } from 'vitest'
import { runSeed, simulatedPrograms } from '../../src/simulator/index.ts'

/** PARITAS_SEED=17 runs that one, and shows its last events if it fails. `paritas explore` runs many. */
const only = process.env.PARITAS_SEED
const linesShown = 200

function expectRight(seed: number, options: Parameters<typeof runSeed>[1] = {}): ReturnType<typeof runSeed> {
  const run = runSeed(seed, { ...options, trace: only !== undefined })
  const hint = only ? run.trace.slice(-linesShown).join('\n') : `PARITAS_SEED=${seed} shows what led there`
  expect(run.violation, `seed ${seed}: ${hint}`).toBeNull()
  return run
}

describe('random machines, programs, schedules and faults', () => {
  it(`finish right with ${only ? `seed ${only}` : 'seeds 1 to 100'}`, () => {
    const seeds = only ? [Number(only)] : Array.from({ length: 100 }, (_, index) => index + 1)
    const runs = seeds.map((seed) => expectRight(seed))
    // Runs in which nothing is committed and nobody is lost would show nothing.
    if (only) return
    expect(runs.reduce((sum, { commits }) => sum + commits, 0)).toBeGreaterThan(runs.length)
    expect(runs.reduce((sum, { recoveries }) => sum + recoveries, 0)).toBeGreaterThan(runs.length)
    expect(new Set(runs.map(({ machine }) => machine.program)).size).toBe(Object.keys(simulatedPrograms).length)
  })

  it.each([2, 3, 4, 5, 6, 7, 8])('finish right on %i processors', (processes) => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const run = expectRight(seed, { processesMin: processes, processesMax: processes })
      expect(run.machine.processes).toBe(processes)
    }
  })

  it('repeat exactly with the same seed', () => {
    const [one, other] = [runSeed(7, { trace: true }), runSeed(7, { trace: true })]
    expect(one.trace.length).toBeGreaterThan(100)
    expect(other).toEqual(one)
  })

  it('lose nobody without faults', () => {
    for (let seed = 1; seed <= 20; seed += 1) expect(expectRight(seed, { faults: [] }).recoveries).toBe(0)
  })
})
