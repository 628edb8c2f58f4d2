import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { drawMix } from '../../src/simulator/faults/mix.ts'
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

  it.each([1, 2, 3])('finish right with groups of at most %i, each with check rows of its own', (groupSize) => {
    const options = { processesMin: 4, processesMax: 8, groupSizeMin: groupSize, groupSizeMax: groupSize }
    const runs = Array.from({ length: 12 }, (_, seed) => expectRight(seed + 1, options))
    expect(runs.some(({ machine }) => machine.groupSize === groupSize && machine.tolerate > 1)).toBe(true)
    expect(runs.reduce((sum, { recoveries }) => sum + recoveries, 0)).toBeGreaterThan(runs.length)
  })

  it('finish right over channels that lose, double and reorder frames, with sessions over them', () => {
    const runs = Array.from({ length: 40 }, (_, seed) => expectRight(seed + 1, { channels: 'lossy' }))
    expect(runs.reduce((sum, { commits }) => sum + commits, 0)).toBeGreaterThan(runs.length)
    expect(runs.reduce((sum, { recoveries }) => sum + recoveries, 0)).toBeGreaterThan(runs.length)
  })

  it('canary: over such channels without sessions most of them do not', () => {
    const runs = Array.from({ length: 12 }, (_, seed) => runSeed(seed + 1, { channels: 'bare' }))
    expect(runs.filter(({ violation }) => violation !== null).length).toBeGreaterThan(6)
  })

  it('draw such channels by themselves', () => {
    const machines = Array.from({ length: 100 }, (_, seed) => drawMix(seededRandom(7919 * seed), {}).machine)
    const lossy = machines.filter(({ channels }) => channels === 'lossy').length
    expect(lossy).toBeGreaterThan(10)
    expect(lossy).toBeLessThan(40)
  })

  it('are given the time that a checkpoint of many check processors takes', () => {
    // With 8 + 48 processors, and a checkpoint whenever 16 bytes are logged.
    const options = {
      processesMin: 4,
      processesMax: 8,
      tolerateMin: 1,
      tolerateMax: 3,
      groupSizeMin: 1,
      groupSizeMax: 3,
    }
    expect(expectRight(592, options).actions).toBeGreaterThan(60_000)
  })

  it('draw groups of Reed–Solomon by themselves', () => {
    const machines = Array.from({ length: 200 }, (_, seed) => drawMix(seededRandom(7919 * seed), {}).machine)
    const grouped = machines.filter(({ groupSize }) => groupSize !== undefined)
    expect(grouped.length).toBeGreaterThan(5)
    for (const { code, tolerate, groupSize, processes } of grouped) {
      expect([code, tolerate > 1, groupSize! < processes]).toEqual(['reed-solomon', true, true])
    }
  })

  it('may hear of a commit that was decided before everybody was to go back to the disk', () => {
    expectRight(2_002_679)
  })

  it('may hear twice of an order to write a checkpoint, the second time when its file is durable', () => {
    expectRight(2_022_488)
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
