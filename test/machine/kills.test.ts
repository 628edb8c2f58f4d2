/**
 * Real kills: merge sort on a real machine, one or two processors killed or frozen at a random moment. The seed is in
 * each test's name; `PARITAS_SEED=seed` repeats its faults, though not the interleaving.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Random, seededRandom } from '../../src/base/index.ts'
import type { Fault, FaultTime } from '../../src/machine/index.ts'
import { everyPlace } from '../../src/protocol/index.ts'
import { finished, runProgram } from './run-program.ts'

const runs = Number(process.env.PARITAS_KILLS ?? 24)
const firstSeed = Number(process.env.PARITAS_SEED ?? Date.now() % 1_000_000_000)

/** As many as the code covers, all when the same checkpoint commits; of any roles. */
function simultaneousFaults(random: Random, losses: number): Fault[] {
  const places = everyPlace(4, { checks: losses, copies: 2 })
  const when = { kind: 'commit', checkpoint: random.integer(1, 4) } as const
  return Array.from({ length: losses }, () => {
    const [who] = places.splice(random.integer(0, places.length - 1), 1)
    return { kind: 'kill', who: who!, when }
  })
}

function randomFaults(random: Random): Fault[] {
  const count = random.integer(1, 2)
  return Array.from({ length: count }, (_, index): Fault => {
    // Two application processors at the same moment are more than is covered: that story is told in losses.test.ts.
    const others = ['c0', 'b0', 'spare'] as const
    const who = random.pick(index === 0 ? (['a0', 'a1', 'a2', 'a3', 'random', ...others] as const) : others)
    const when = randomTime(random)
    if (random.integer(0, 3) > 0) return { kind: 'kill', who, when }
    return { kind: 'freeze', who, when, thawAfterMs: random.pick([null, 100, 400, 700]) }
  })
}

function randomTime(random: Random): FaultTime {
  const kind = random.pick(['progress', 'time', 'commit'] as const)
  if (kind === 'progress') return { kind, share: random.integer(0, 95) / 100 }
  return kind === 'time' ? { kind, ms: random.integer(0, 900) } : { kind, checkpoint: random.integer(1, 5) }
}

const describeFaults = (faults: readonly Fault[]): string =>
  faults.map(({ kind, who, when }) => `${kind} ${who} at ${Object.values(when).join(' ')}`).join(', ')

/** Half as many where all freeze together, in both variants. */
describe.each([
  ['independent', runs],
  ['resume-after-commit', runs / 4],
  ['resume-after-capture', runs / 4],
] as const)('merge sort under kill -9, %s', (coordination, count) => {
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const random = seededRandom(seed)
    const tolerate = random.pick([1, 1, 2, 3, 4])
    const faults = tolerate === 1 ? randomFaults(random) : simultaneousFaults(random, tolerate)
    const timeoutMs = random.pick([20, 60, 150, 500])
    const tracker = random.pick(['shadow', 'lean', 'compare'] as const)
    it(`is right with PARITAS_SEED=${seed}, tolerate ${tolerate}, ${tracker}: ${describeFaults(faults)}`, async () => {
      const sizes = ['records=400000', 'chunk=20000']
      const protection = { code: 'reed-solomon', tolerate } as const
      const options = { seed, timeoutMs, tracker, coordination, protection }
      const ran = await runProgram({ program: 'merge-sort', sizes, faults, options })
      finished(ran)
      expect(ran.complaint).toBeNull()
    })
  }
})

/** What serves where memory cannot be shared, and where nothing native can be loaded. */
describe.each([
  ['PARITAS_SHARED_MEMORY', ['shadow', 'lean', 'compare']],
  ['PARITAS_ADDON', ['compare']],
] as const)('merge sort under kill -9 with %s=off', (variable, trackers) => {
  beforeAll(() => {
    vi.stubEnv(variable, 'off')
  })
  afterAll(() => {
    vi.unstubAllEnvs()
  })
  for (let seed = firstSeed; seed < firstSeed + runs / 8; seed += 1) {
    const random = seededRandom(seed)
    const tolerate = random.pick([1, 2])
    const faults = tolerate === 1 ? randomFaults(random) : simultaneousFaults(random, tolerate)
    const tracker = random.pick([...trackers])
    it(`is right with PARITAS_SEED=${seed}, tolerate ${tolerate}, ${tracker}: ${describeFaults(faults)}`, async () => {
      const protection = { code: 'reed-solomon', tolerate } as const
      const ran = await runProgram({
        program: 'merge-sort',
        sizes: ['records=400000', 'chunk=20000'],
        faults,
        options: { seed, timeoutMs: 60, tracker, protection },
      })
      finished(ran)
      expect(ran.complaint).toBeNull()
    })
  }
})
