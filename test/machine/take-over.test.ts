/** Real machines whose conductor has a process of its own, and is lost. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Fault, FaultTarget, RunNews } from '../../src/machine/index.ts'
import { UncoveredLossError } from '../../src/machine/run.ts'
import { patient } from '../load.ts'
import { ProgramModules } from './program-modules.ts'
import { emittedIn, ringUntilFile } from './ring-until-file.ts'
import { finished, type Ran, runProgram } from './run-program.ts'

const modules = new ProgramModules()
afterAll(() => modules.remove())
const program = modules.write('ring-until-file.ts', ringUntilFile)

const kill = (who: FaultTarget, checkpoint: number): Fault => ({
  ...{ kind: 'kill', who, when: { kind: 'commit', checkpoint } },
})

/** Runs until `isOver`, and checks that all that was emitted is there once and in order. */
async function ring(faults: readonly Fault[], isOver: (news: readonly RunNews[]) => boolean): Promise<Ran> {
  const flag = join(modules.folder, `until-${Math.random()}`)
  const news: RunNews[] = []
  const ran = await runProgram({
    ...{ program, sizes: [`until=${flag}`], faults, options: { timeoutMs: 60, conductors: 2 } },
    onNews(one) {
      news.push(one)
      if (isOver(news)) writeFileSync(flag, '')
    },
  })
  if (!(ran.outcome instanceof Error)) {
    const { emitted } = ran.outcome
    expect(emitted).toEqual(emittedIn((emitted.length + 1) / 4))
  }
  return ran
}

const isTold = (type: RunNews['type'], count = 1): ((news: readonly RunNews[]) => boolean) => {
  return (news) => news.filter((one) => one.type === type).length >= count
}

test(
  'a processor is lost together with whoever conducts: the other one takes over, and recovers',
  async () => {
    const ran = await ring([kill('conductor', 2), kill('a1', 2)], isTold('resumed'))
    const { takeOvers, recoveries } = finished(ran)
    expect(takeOvers).toHaveLength(1)
    expect(recoveries.flatMap(({ lost }) => lost)).toContain('a1')
    const lines = ran.news.flatMap(({ type }) => (/onductorLost|tookOver|resumed/.test(type) ? [type] : []))
    expect(lines.slice(0, 3)).toEqual(['conductorLost', 'tookOver', 'resumed'])
  },
  patient(60_000),
)

test(
  'one that was frozen and replaced stands by when it thaws, and takes over again',
  async () => {
    const freeze: Fault = { ...kill('conductor', 1), kind: 'freeze', thawAfterMs: null }
    // Comes only when one stands by.
    const later: Fault = { kind: 'kill', who: 'conductor', when: { kind: 'every', ms: 1500 } }
    const frozenIn = (news: readonly RunNews[]) => news.find((one) => one.type === 'fault')?.pid
    const ran = await ring([freeze, later], (news) => {
      const [last, frozen] = [news.at(-1), frozenIn(news)]
      if (last?.type !== 'tookOver' || frozen === undefined) return false
      if (!isTold('tookOver', 2)(news)) process.kill(frozen, 'SIGCONT')
      return last.takeOver.pid === frozen
    })
    const { takeOvers } = finished(ran)
    expect(takeOvers.length).toBeGreaterThanOrEqual(2)
    const frozen = frozenIn(ran.news)
    expect(takeOvers[0]!.pid).not.toBe(frozen)
    expect(takeOvers.map(({ pid }) => pid)).toContain(frozen)
  },
  patient(60_000),
)

test(
  'a spare that falls silent while nobody conducts is not taken for one that could replace somebody',
  async () => {
    const frozen = (who: FaultTarget): Fault => ({ ...kill(who, 1), kind: 'freeze', thawAfterMs: null })
    const later: Fault = { kind: 'kill', who: 'a1', when: { kind: 'every', ms: 1500 } }
    const ran = await ring([frozen('conductor'), frozen('spare'), later], isTold('resumed'))
    expect(finished(ran).recoveries.flatMap(({ lost }) => lost)).toContain('a1')
  },
  patient(60_000),
)

test(
  'all of them at once are more than is covered',
  async () => {
    // The second one is hit as soon as it conducts, before another one has begun to stand by.
    const { outcome } = await ring([kill('conductor', 1), kill('conductor', 1)], () => false)
    expect(outcome).toBeInstanceOf(UncoveredLossError)
    expect((outcome as Error).message).toMatch(
      /^lost the conductor, \d+\.\d s into the run, and all that had what was released: more than --conductors 2 covers; --conductors 3 would have covered it$/,
    )
  },
  patient(60_000),
)
