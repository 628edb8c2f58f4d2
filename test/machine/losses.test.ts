/** Losses of real processes, killed or frozen: which are survived, and what is said of those that are not. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import {
  type CodeName,
  type Fault,
  type FaultTarget,
  type MachineSettings,
  type RunNews,
  type RunOptions,
  UncoveredLossError,
} from '../../src/machine/index.ts'
import type { Place } from '../../src/protocol/index.ts'
import { patient } from '../load.ts'
import { ProgramModules } from './program-modules.ts'
import { finished, lossesOf, type Ran, runProgram, silent } from './run-program.ts'

const modules = new ProgramModules()
afterAll(() => modules.remove())

/**
 * A number goes around a ring and grows by one with each round, until a file is there. Every process checks that each
 * round comes exactly once and in order; `verify` checks the same of what is emitted.
 */
const relay = modules.write(
  'relay.ts',
  `import { existsSync } from 'node:fs'
   import { defineProgram, f64, text, u32 } from 'paritas'

   const between = 20

   export default defineProgram({
     name: 'relay',
     size: { until: text({ default: '', help: 'file that ends the race' }) },
     memory: () => ({ round: u32(), rounds: f64(4096) }),
     start(self) {
       if (self.rank === 0) self.send(self.right, 'round', 1)
       return self.receive({ from: self.left })
     },
     step(self, [message]) {
       const { tag, value } = message!
       if (value !== self.memory.round + 1) throw new Error('round ' + value + ' after ' + self.memory.round)
       self.memory.round += 1
       self.memory.rounds[self.memory.round % 4096] = self.memory.round
       if (self.rank === 0 && self.memory.round % between === 0) self.emit(self.memory.round)
       const isLast = tag === 'last' || (self.rank === 0 && existsSync(self.size.until))
       const isOver = self.rank === 0 ? tag === 'last' : isLast
       const next = self.rank === 0 ? self.memory.round + 1 : self.memory.round
       if (!(self.rank === 0 && isOver)) self.send(self.right, isLast ? 'last' : 'round', next)
       return isOver ? self.done(self.memory.round) : self.receive({ from: self.left })
     },
     verify({ results, emitted }) {
       const [rounds] = results as number[]
       if (results.some((one) => one !== rounds)) return 'results ' + results
       const wanted = Array.from({ length: Math.floor(rounds! / between) }, (_, index) => (index + 1) * between)
       return String(emitted) === String(wanted) ? null : 'emitted ' + emitted
     },
   })`,
)

interface Race {
  readonly faults: readonly Fault[]
  readonly options?: Partial<RunOptions & MachineSettings>
  /** Has the race end. Called with all news, at each. */
  readonly until: (news: readonly RunNews[]) => boolean | Promise<boolean>
}

let races = 0

/** Runs the relay until what is waited for has happened. */
async function race({ faults, options, until }: Race): Promise<Ran> {
  races += 1
  const flag = join(modules.folder, `race-${races}`)
  const news: RunNews[] = []
  const onNews = (one: RunNews): void => {
    news.push(one)
    if (existsSync(flag)) return
    void Promise.resolve(until(news)).then((isOver) => {
      if (isOver) writeFileSync(flag, '')
    })
  }
  // A race that never gets there ends all the same, and takes its processes with it.
  const signal = AbortSignal.timeout(patient(60_000))
  const all = { timeoutMs: 40, signal, ...options }
  return runProgram({ program: relay, sizes: [`until=${flag}`], faults, onNews, options: all })
}

/** All is right, and what a recovery took back was not seen outside. */
async function survived(racing: Race): Promise<Ran> {
  const ran = await race(racing)
  finished(ran)
  expect(ran.complaint).toBeNull()
  return ran
}

/** Whose losses were recovered from, sorted. */
const killedOf = (ran: Ran): Place[] => lossesOf(ran).flat().sort()

/** The processes that faults hit, in order. */
const struckIn = (news: readonly RunNews[]): number[] =>
  news.flatMap((one) => (one.type === 'fault' && one.kind !== 'thaw' ? [one.pid] : []))

const count = (news: readonly RunNews[], type: RunNews['type']): number =>
  news.filter((one) => one.type === type).length

const at = (checkpoint: number) => ({ kind: 'commit', checkpoint }) as const
const kill = (who: FaultTarget, checkpoint: number): Fault => ({ kind: 'kill', who, when: at(checkpoint) })
const freeze = (who: FaultTarget, checkpoint: number, thawAfterMs: number | null): Fault => ({
  kind: 'freeze',
  who,
  when: at(checkpoint),
  thawAfterMs,
})

/** After so many faults, the recovery from the last of them, and some commits more, which need everybody. */
function recovered(faults: number): Race['until'] {
  return (news) => {
    const struck = news.findLastIndex((one) => one.type === 'fault' && one.kind !== 'thaw')
    const last = news.findLastIndex(({ type }) => type === 'resumed')
    return struckIn(news).length >= faults && last > struck && count(news.slice(last), 'commit') >= 2
  }
}

/**
 * After so many faults, of which one is recovered from: the others hit spares. Whether they come before or after that, a busy
 * computer decides, on which there may be no spare yet.
 */
function recoveredOnce(faults: number): Race['until'] {
  return (news) => {
    const last = news.findLastIndex(({ type }) => type === 'resumed')
    return struckIn(news).length >= faults && last >= 0 && count(news.slice(last), 'commit') >= 2
  }
}

/** One run in which all of these come, each group at once, when those before are long recovered from. */
const inTurn = (...groups: readonly (readonly FaultTarget[])[]): Fault[] =>
  groups.flatMap((group, index) => group.map((who) => kill(who, 3 + 4 * index)))

const places = ['a0', 'a2', 'c0', 'b0'] as const

describe('one loss', () => {
  test.each([0, 1])('after another by kill is survived, with %i spares at the start', async (spares) => {
    // Whoever has taken a place too.
    const order = [...places, 'a0'] as const
    const faults = inTurn(...order.map((place) => [place]))
    const ran = await survived({ faults, options: { spares }, until: recovered(order.length) })
    expect(lossesOf(ran)).toEqual(order.map((place) => [place]))
    const { recoveries } = finished(ran)
    for (const [index, place] of order.entries()) {
      const commit = 3 + 4 * index
      const recovery = recoveries.find(({ lost, toCheckpoint }) => lost.includes(place) && toCheckpoint >= commit)!
      expect(recovery.rollback).toBe(recovery.lost.some((one) => one.startsWith('a')))
    }
    // The row is with the checkpoint processor still, so any other loss is covered while its copy is made anew.
    const told = ran.news.flatMap((one) => (one.type === 'coverage' ? [[one.missing.length, one.furtherLosses]] : []))
    const [lessCovered, allCovered] = [
      [1, 0],
      [0, 1],
    ]
    const expected = recoveries.flatMap(({ lost }) => (lost[0]![0] === 'a' ? [lessCovered, allCovered] : []))
    if (recoveries.every(({ lost }) => lost.length === 1)) expect(told).toEqual(expected)
  })

  const frozen = places.map((place, index) => freeze(place, 3 + 4 * index, null))

  test('after another by a freeze for good is survived', async () => {
    const ran = await survived({ faults: frozen, until: recovered(places.length) })
    expect(lossesOf(ran)).toEqual(places.map((place) => [place]))
    for (const pid of struckIn(ran.news)) {
      expect(ran.news).toContainEqual(expect.objectContaining({ type: 'lost', pid, why: silent }))
    }
  })

  test('after another by a freeze that ends when it was replaced: it is fenced, and ends', async () => {
    const isGone = async (pid: number): Promise<boolean> => {
      await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), { timeout: patient(5000), interval: 10 })
      return true
    }
    const fencedIn = (news: readonly RunNews[]): number[] =>
      news.flatMap((one) => (one.type === 'fenced' && struckIn(news).includes(one.pid) ? [one.pid] : []))
    const ran = await survived({
      faults: frozen,
      until: async (news) => {
        const last = news.at(-1)
        if (last?.type === 'lost') process.kill(last.pid, 'SIGCONT')
        const fenced = fencedIn(news)
        const isOver = fenced.length === places.length && (await recovered(places.length)(news))
        return isOver && (await Promise.all(fenced.map(isGone))).every(Boolean)
      },
    })
    expect(fencedIn(ran.news).sort()).toEqual(struckIn(ran.news).sort())
  })

  test('of spares, by kill and by a freeze for good, disturbs nobody, and there is a new one', async () => {
    const ran = await survived({
      faults: [kill('spare', 2), freeze('spare', 4, null), kill('a1', 20)],
      // The one that is frozen may be given the place before anybody knows, and is lost there.
      until: async (news) => count(news, 'spareLost') + count(news, 'lost') >= 3 && recoveredOnce(3)(news),
    })
    expect(new Set(lossesOf(ran).flat())).toEqual(new Set(['a1']))
  })

  test('with a spare that is frozen, which nobody knows yet, is survived', async () => {
    const ran = await survived({ faults: [freeze('spare', 2, null), kill('a1', 2)], until: recoveredOnce(2) })
    expect(new Set(lossesOf(ran).flat())).toEqual(new Set(['a1']))
  })

  test('with no protection ends the run and says what would have covered it', async () => {
    const faults: Fault[] = [{ kind: 'kill', who: 'a1', when: { kind: 'time', ms: 50 } }]
    const { outcome } = await race({ faults, options: { protection: null }, until: () => false })
    expect(outcome).toBeInstanceOf(UncoveredLossError)
    expect((outcome as Error).message).toMatch(
      /^lost application processor 1, \d+\.\d s into the run, and the scheme none .* --scheme enhanced would have covered it$/,
    )
  })
})

describe('losses at the same moment', () => {
  /** Whose losses are survived, when each group is lost at once. */
  async function survivedInTurn(
    groups: readonly (readonly FaultTarget[])[],
    options?: Race['options'],
  ): Promise<Place[]> {
    const faults = inTurn(...groups)
    return killedOf(await survived({ faults, ...(options && { options }), until: recovered(faults.length) }))
  }

  test('two of different roles are survived', async () => {
    const pairs: readonly FaultTarget[][] = [
      ['a1', 'b0'],
      ['a1', 'c0'],
      ['a0', 'c0'],
      ['c0', 'b0'],
    ]
    expect(await survivedInTurn(pairs)).toEqual(pairs.flat().sort())
  })

  test('of two application processors end the run and say who, when and what would have covered it', async () => {
    const { outcome } = await race({ faults: [kill('a1', 3), kill('a2', 3)], until: () => false })
    expect(outcome).toBeInstanceOf(UncoveredLossError)
    expect((outcome as Error).message).toMatch(
      /^lost application processor [12] and application processor [12] together, \d+\.\d s into the run: more than --tolerate 1 covers; --tolerate 2 would have covered it$/,
    )
  })

  test('of an application processor with both check processors end the run likewise', async () => {
    const faults = [kill('a1', 3), kill('c0', 3), kill('b0', 3)]
    const { outcome } = await race({ faults, until: () => false })
    expect(outcome).toBeInstanceOf(UncoveredLossError)
    expect((outcome as Error).message).toMatch(/checkpoint processor.*--tolerate 2 would have covered it$/)
  })

  const tolerating = (tolerate: number, code: CodeName = 'reed-solomon') => ({ protection: { code, tolerate } })

  test.each<[number, readonly (readonly FaultTarget[])[]]>([
    [
      2,
      [
        ['a1', 'a2'],
        ['a3', 'c0', 'b0'],
        ['c0', 'b0', 'c1', 'b1'],
      ],
    ],
    [
      3,
      [
        ['a0', 'a1', 'a3'],
        ['a0', 'a2', 'c2', 'b2'],
      ],
    ],
    [4, [['a0', 'a1', 'a2', 'a3']]],
  ])('with --tolerate %i: %j are survived', async (checks, groups) => {
    expect(await survivedInTurn(groups, tolerating(checks))).toEqual(groups.flat().sort())
  })

  test('and one more than --tolerate 2 covers ends the run', async () => {
    const faults = ['a0', 'a1', 'a2'].map((one) => kill(one as FaultTarget, 3))
    const { outcome } = await race({ faults, options: tolerating(2), until: () => false })
    expect(outcome).toBeInstanceOf(UncoveredLossError)
    expect((outcome as Error).message).toMatch(/more than --tolerate 2 covers; --tolerate 3 would have covered it$/)
  })

  test('one in each of two groups is survived', async () => {
    expect(await survivedInTurn([['a0', 'a1']], tolerating(2, 'groups'))).toEqual(['a0', 'a1'])
  })

  test('two in one group end the run', async () => {
    const faults = [kill('a0', 3), kill('a2', 3)]
    const { outcome } = await race({ faults, options: tolerating(2, 'groups'), until: () => false })
    expect((outcome as Error).message).toMatch(
      /more than --code groups --tolerate 2 covers; --code reed-solomon --tolerate 2 would have covered it$/,
    )
  })

  const inGroups = { protection: { code: 'reed-solomon', tolerate: 2, groupSize: 2 } } as const

  test('as many in each of two groups as --tolerate 2 covers are survived', async () => {
    // The even and the odd processes, with rows 0 and 2, and 1 and 3.
    const groups: readonly FaultTarget[][] = [
      ['a0', 'a1', 'a2', 'a3'],
      ['a1', 'a2', 'b3', 'c3'],
    ]
    expect(await survivedInTurn(groups, inGroups)).toEqual(groups.flat().sort())
  })

  test('and three in one of the groups end the run', async () => {
    const faults = ['a0', 'a2', 'c2', 'b2'].map((one) => kill(one as FaultTarget, 3))
    const { outcome } = await race({ faults, options: inGroups, until: () => false })
    expect(outcome).toBeInstanceOf(UncoveredLossError)
    expect((outcome as Error).message).toMatch(
      /more than --group-size 2 --tolerate 2 covers; --group-size 2 --tolerate 3 would have covered it$/,
    )
  })

  test('that are only frozen are waited for, since their memory may come back', async () => {
    const faults = [freeze('a1', 3, 3500), freeze('a2', 3, 3800)]
    const ran = await survived({ faults, until: (news) => count(news, 'fault') === 4 && recovered(2)(news) })
    const woken = ran.news.flatMap((one) => (one.type === 'fault' && one.kind === 'thaw' ? [one.name] : []))
    expect(woken).toContain('replaced processor')
    expect(woken).not.toContain('spare')
    expect(lossesOf(ran)).not.toEqual([])
  })
})

describe('a step that computes for two seconds', () => {
  const busy = modules.write(
    'busy.ts',
    `import { defineProgram, u32 } from 'paritas'
     export default defineProgram({
       name: 'busy',
       memory: () => ({ balls: u32() }),
       start(self) {
         if (self.rank === 1) return self.next()
         if (self.rank === 0) self.send(2, 'ball')
         return self.receive({})
       },
       step(self, [message]) {
         if (self.rank === 1) {
           for (const end = performance.now() + 2000; performance.now() < end; ) {}
           self.send(0, 'over')
           self.send(2, 'over')
           return self.done(0)
         }
         if (message!.tag === 'over') return self.done(self.memory.balls)
         self.memory.balls += 1
         self.send(message!.from, 'ball')
         return self.receive({})
       },
     })`,
  )

  // A living processor may fall silent on a busy computer, but hardly time and again.
  test('holds up no messages of others, and is not taken for a loss', { retry: 3 }, async () => {
    const ran = await runProgram({ program: busy, options: { processes: 3, timeoutMs: 40 } })
    const { results } = finished(ran)
    expect(count(ran.news, 'lost') + count(ran.news, 'spareLost')).toBe(0)
    // A message takes well under a millisecond; a processor that waited for the long step would have passed on a few.
    expect(results[0]).toBeGreaterThan(200)
    expect(results[2]).toBeGreaterThan(200)
  })
})

test('input is there again when process 0 is lost before the first commit', async () => {
  const input = Float64Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 100_003)
  const faults: Fault[] = [{ kind: 'kill', who: 'a0', when: { kind: 'time', ms: 0 } }]
  const ran = await runProgram({
    program: 'merge-sort',
    sizes: ['records=100000', 'chunk=10000'],
    faults,
    options: { input },
  })
  expect(lossesOf(ran)).toEqual([['a0']])
  expect(finished(ran).recoveries[0]!.toCheckpoint).toBe(0)
  expect(ran.complaint).toBeNull()
})

test('the trace has a JSON line for each protocol event, and ends though a processor is frozen', async () => {
  const tracePath = join(modules.folder, 'events.jsonl')
  await survived({
    faults: [kill('a1', 2), freeze('spare', 5, null)],
    options: { tracePath },
    until: (news) => news.some(({ type }) => type === 'spareLost'),
  })
  const [head, ...lines] = readFileSync(tracePath, 'utf8').trimEnd().split('\n')
  expect(head).toBe('{"trace":"paritas","version":3}')
  const events = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  for (const event of events) {
    expect(Object.keys(event).slice(0, 4)).toEqual(['ms', 'processor', 'place', 'epoch'])
    expect(Number.isFinite(event.ms)).toBe(true)
    expect(typeof event.text).toBe('string')
    expect(event.event ?? event.effect).toHaveProperty('type')
  }
  const everywhere = ['a0', 'a1', 'a2', 'a3', 'b0', 'c0', 'conductor']
  expect([...new Set(events.map(({ place }) => String(place)))].sort()).toEqual(everywhere)
  const holders = new Set(events.filter(({ place }) => place === 'a1').map(({ processor }) => processor))
  expect(holders.size).toBe(2)
  // The last that a process does is what ends the run: the trace has it too.
  const ended = events.filter(({ text }) => /^-> conductor output \d+ \(done\)/.test(String(text)))
  expect([...new Set(ended.map(({ place }) => String(place)))].sort()).toEqual(['a0', 'a1', 'a2', 'a3'])
  expect(events.some(({ text }) => text === 'finished')).toBe(true)
})

test('a fast sender does not fill the memory of anybody while its receiver is slow', async () => {
  const [messages, messageBytes] = [2000, 256 * 1024]
  const flood = modules.write(
    'flood.ts',
    `import { defineProgram, f64 } from 'paritas'
     export default defineProgram({
       name: 'flood',
       memory: () => ({ sum: f64(), count: f64() }),
       start: (self) => (self.rank === 0 ? self.next() : self.receive({ from: 0 })),
       step(self, [message]) {
         self.memory.count += 1
         if (self.rank === 0) self.send(1, 'part', new Uint8Array(${messageBytes}).fill(self.memory.count % 251))
         else {
           self.memory.sum += (message!.value as Uint8Array)[${messageBytes} - 1]!
           for (const end = performance.now() + 0.5; performance.now() < end; ) {}
         }
         if (self.memory.count === ${messages}) return self.done(self.memory.sum)
         return self.rank === 0 ? self.next() : self.receive({ from: 0 })
       },
     })`,
  )
  const pids: number[] = []
  let peakBytes = 0
  const ran = await runProgram({
    program: flood,
    options: { processes: 2, timeoutMs: 40, bufferBytes: 2 ** 20 },
    onNews(news) {
      if (news.type === 'started') pids.push(...news.processors.map(({ pid }) => pid))
      if (news.type === 'commit') peakBytes = Math.max(peakBytes, ...pids.map(peakBytesOf))
    },
  })
  const sum = Array.from({ length: messages }, (_, index) => (index + 1) % 251).reduce((one, other) => one + other)
  expect(finished(ran).results).toEqual([0, sum])
  expect(peakBytes).toBeGreaterThan(0)
  // 500 MiB go through; a processor with nothing to do takes about 80 MiB, and these took 190 at most.
  expect(peakBytes / 2 ** 20).toBeLessThan(300)
})

/** The most memory that a process has had at once. */
function peakBytesOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}
