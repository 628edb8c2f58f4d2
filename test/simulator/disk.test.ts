import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { isManifest, SimulatedFolder, writeWhole } from '../../src/simulator/disk/folder.ts'
import { type RandomRun, runSeed } from '../../src/simulator/index.ts'

const end = { type: 'end', checksums: null } as const
const pages = { type: 'pages', batch: { numbers: [1], bytes: new Uint8Array(64) } } as const

/** What the folder may hold if the power is cut after so many operations, with any luck. */
function afterPowerCuts(operations: number): Set<string> {
  const found = new Set<string>()
  for (let luck = 1; luck <= 40; luck += 1) {
    const folder = new SimulatedFolder()
    const writing = writeWhole(folder, 'pages-1-1-0', [pages, end])
    for (let done = 0; done < operations; done += 1) writing.next()
    folder.cutPower(seededRandom(Math.imul(luck, 0x9e3779b1)))
    const names = folder.names().map((name) => `${name}${folder.isReadable(name) ? '' : ' torn'}`)
    found.add(names.join(' ') || 'nothing')
  }
  return found
}

describe('the folder of simulated machines', () => {
  it('tears what is not synced, loses names that are not, and neither once it is', () => {
    const [partial, whole] = ['pages-1-1-0.partial', 'pages-1-1-0']
    expect(afterPowerCuts(2)).toEqual(new Set(['nothing', `${partial} torn`, partial]))
    expect(afterPowerCuts(3)).toEqual(new Set(['nothing', partial]))
    expect(afterPowerCuts(4)).toEqual(new Set(['nothing', partial, whole]))
    expect(afterPowerCuts(5)).toEqual(new Set([whole]))
  })

  it('is full at any operation, and keeps nothing of what failed', () => {
    for (let failing = 0; failing < 4; failing += 1) {
      const folder = new SimulatedFolder()
      const writing = writeWhole(folder, 'pages-1-1-0', [pages, end])
      for (let done = 0; done < failing; done += 1) writing.next()
      folder.isFull = true
      expect(() => writing.next()).toThrow('no space left on device')
      expect(folder.names()).toEqual([])
    }
  })

  it('does not count as durable what is whole only until the power is cut', () => {
    const folder = new SimulatedFolder()
    const writing = writeWhole(folder, 'manifest-1', [end])
    const seen: boolean[] = []
    while (!writing.next().done) seen.push(folder.isDurable('manifest-1'))
    expect([...new Set(seen), folder.isDurable('manifest-1')]).toEqual([false, true])
    expect(folder.names().filter(isManifest)).toEqual(['manifest-1'])
  })
})

/** Events and effects of some seeds, one line each. */
function linesOf(runs: readonly RandomRun[]): string[] {
  return runs.flatMap(({ trace }) => trace)
}

describe.each(['beside', 'alone'] as const)('random machines with checkpoints on disk, %s', (storage) => {
  const runs: RandomRun[] = []
  for (let seed = 1; seed <= 100; seed += 1) runs.push(runSeed(seed, { storages: [storage], trace: true }))
  const sum = (count: (run: RandomRun) => number): number => runs.reduce((total, run) => total + count(run), 0)

  it('finish right', () => {
    for (const { seed, violation } of runs) expect(violation, `seed ${seed}`).toBeNull()
    expect(runs.every(({ machine }) => machine.storage !== null)).toBe(true)
    expect(runs.every(({ machine }) => (machine.code === 'none') === (storage === 'alone'))).toBe(true)
  })

  it('write checkpoints, full ones and changes, and go back to them, and past damaged ones', () => {
    expect(sum(({ stored }) => stored)).toBeGreaterThan(runs.length)
    expect(sum(({ fromDisk }) => fromDisk)).toBeGreaterThan(runs.length / 2)
    const lines = linesOf(runs)
    const seen = (what: RegExp): number => lines.filter((line) => what.test(line)).length
    expect(seen(/stored writing \d+, all pages/)).toBeGreaterThan(20)
    expect(seen(/stored writing \d+, changed pages/)).toBeGreaterThan(20)
    expect(seen(/on disk is passed over/)).toBeGreaterThan(4)
    expect(seen(/is not on disk: a\d/)).toBeGreaterThan(4)
    expect(seen(/is not on disk: the manifest/)).toBeGreaterThan(0)
  })

  it('start anew on what is whole when the power was cut, wherever there is some', () => {
    const cut = runs.filter(({ strikes }) => strikes.some(({ kind }) => kind === 'powerCuts'))
    expect(cut.length).toBeGreaterThan(20)
    expect(cut.filter(({ fromDisk }) => fromDisk > 0).length).toBeGreaterThan(5)
  })

  it('repeat exactly with the same seed', () => {
    const [first] = runs
    expect(runSeed(1, { storages: [storage], trace: true })).toEqual(first)
  })
})
