/**
 * A real run in which everybody is lost again and again, whoever conducts too, and what is released is released once and
 * in order. `npm run soak:conductor -- --losses 500 --seed 7` does it for longer.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Fault, FaultTarget } from '../../src/machine/index.ts'
import { patient } from '../load.ts'
import { ProgramModules } from './program-modules.ts'
import { emittedIn, ringUntilFile } from './ring-until-file.ts'
import { finished, runProgram } from './run-program.ts'

const losses = Number(process.env.PARITAS_SOAK_LOSSES ?? 6)
const seed = Number(process.env.PARITAS_SEED ?? Date.now() % 1_000_000_000)

const modules = new ProgramModules()
afterAll(() => modules.remove())

const program = modules.write('ring-until-file.ts', ringUntilFile)

const again = (kind: 'kill' | 'freeze', who: FaultTarget, ms: number): Fault => {
  const when = { kind: 'every', ms } as const
  return kind === 'kill' ? { kind, who, when } : { kind, who, when, thawAfterMs: 600 }
}

test(
  `everybody is lost in turn, whoever conducts too: PARITAS_SEED=${seed}, ${losses} losses`,
  async () => {
    const flag = join(modules.folder, 'until')
    let struck = 0
    let tookOver = 0
    const ran = await runProgram({
      program,
      sizes: [`until=${flag}`],
      faults: [
        ...[again('kill', 'conductor', 130), again('kill', 'random', 310), again('kill', 'spare', 1300)],
        ...(losses > 50 ? [again('freeze', 'conductor', 2900), again('freeze', 'random', 3700)] : []),
      ],
      options: { timeoutMs: 60, seed, conductors: 2, signal: AbortSignal.timeout(patient(60_000) + 3000 * losses) },
      onNews(one) {
        if (one.type === 'fault' && one.kind !== 'thaw') struck += 1
        if (one.type === 'tookOver') tookOver += 1
        if (struck >= losses && tookOver > 1) writeFileSync(flag, '')
      },
    })
    const { emitted, takeOvers, recoveries } = finished(ran)
    const rounds = (emitted.length + 1) / 4
    expect(emitted).toEqual(emittedIn(rounds))
    // Told once each, when it was released.
    const told = ran.news.flatMap((one) => (one.type === 'emitted' ? [one] : []))
    for (const rank of [0, 1, 2, 3]) {
      const own = told.filter((one) => one.rank === rank).map(({ value }) => value)
      expect(own).toEqual(
        emittedIn(rounds).slice(rank === 0 ? 0 : rounds - 1, rank === 0 ? rounds - 1 : 2 * rounds - 1),
      )
    }
    expect(takeOvers.length).toBe(tookOver)
    const times = takeOvers.map(({ takeOverMs }) => Math.round(takeOverMs)).sort((a, b) => a - b)
    process.stdout.write(
      `${struck} losses, ${tookOver} take-overs (${times[0]} to ${times.at(-1)} ms, median ${times[times.length >> 1]}), ${recoveries.length} recoveries, ${rounds} rounds\n`,
    )
  },
  patient(120_000) + 4000 * losses,
)
