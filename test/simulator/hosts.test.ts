/** Machines on hosts, under random faults. */
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { drawMix } from '../../src/simulator/faults/mix.ts'
import { minimize, type RandomRun, runScenario, runSeed } from '../../src/simulator/index.ts'

const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

function right(seed: number, options: Parameters<typeof runSeed>[1]): RandomRun {
  const run = runSeed(seed, options)
  expect(run.violation, `seed ${seed} ${JSON.stringify(options)}`).toBeNull()
  return run
}

describe('machines on hosts', () => {
  it.each([2, 3, 4, 6])('finish right on %i hosts that are lost, come back and stand still', (hosts) => {
    const runs = seeds(20).map((seed) => right(seed, { hosts }))
    const strikes = runs.flatMap((run) => run.strikes.map(({ kind }) => kind))
    expect(strikes).toContain('hostLosses')
    expect(strikes).toContain('hostFreezes')
    expect(runs.reduce((sum, { recoveries }) => sum + recoveries, 0)).toBeGreaterThan(runs.length)
  })

  it('finish right when the conductor is lost as well', () => {
    const runs = seeds(30).map((seed) => right(seed, { hosts: 4, conductors: 2 }))
    expect(runs.reduce((sum, { takeOvers }) => sum + takeOvers, 0)).toBeGreaterThan(10)
    expect(runs.some(({ strikes }) => strikes.some(({ kind }) => kind === 'hostLosses'))).toBe(true)
  })

  it('finish right with nothing but losses of hosts', () => {
    const runs = seeds(30).map((seed) => right(seed, { hosts: 5, faults: ['hostLosses'] }))
    expect(runs.flatMap(({ strikes }) => strikes).length).toBeGreaterThan(15)
  })

  it('are drawn by themselves, and leave what a seed draws beside them as it was', () => {
    let onHosts = 0
    for (const seed of seeds(300)) {
      const mix = drawMix(seededRandom(7919 * seed), {})
      const alone = drawMix(seededRandom(7919 * seed), { hosts: 0 })
      const { hosts, ...machine } = mix.machine
      expect(machine).toEqual(alone.machine)
      if (hosts === undefined) expect(mix).toEqual(alone)
      else onHosts += 1
    }
    expect(onHosts).toBeGreaterThan(30)
    expect(onHosts).toBeLessThan(90)
  })
})

describe('a host that is taken for less than one is found', () => {
  it.each([
    ['host-lost-one-by-one', 'HOST NOT AS ONE'],
    ['host-silent-one-by-one', 'HOST NOT AS ONE'],
    ['places-whatever-the-host', 'BADLY PLACED'],
    ['places-as-spares-come', 'BADLY PLACED'],
    ['hosts-not-on-record', 'BADLY PLACED'],
  ] as const)('%s: %s', { timeout: 60_000 }, (canary, kind) => {
    const found = seeds(100).find((seed) => runSeed(seed, { canary }).violation?.kind === kind)
    expect(found).toBeDefined()
  })

  it('and made shorter, and written as a scenario that shows it again', { timeout: 60_000 }, () => {
    const options = { canary: 'host-lost-one-by-one', faults: ['hostLosses'] } as const
    const seed = seeds(100).find((one) => runSeed(one, options).violation)!
    const { scenario, faults } = minimize(seed, options)!
    expect(faults).toBeLessThan(4)
    expect(scenario).toContain(' hosts=4 ')
    expect(scenario).toContain('quietly lose-host h')
    expect(scenario).toContain('HOST NOT AS ONE')
    expect(runScenario(scenario)).toBe(scenario)
  })
})
