/**
 * Checkpoints of real processes on disk: more is lost at once than the code covers, at random moments, and the run goes
 * on all the same. The seed is in each test's name; `PARITAS_SEED=seed` repeats its choices, though not the interleaving.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Random, seededRandom } from '../../src/base/index.ts'
import {
  type CheckpointStore,
  coordinationFor,
  type Fault,
  type FaultTime,
  protectionFor,
  type RunNews,
  type SchemeName,
  UncoveredLossError,
} from '../../src/machine/index.ts'
import { applicationPlace } from '../../src/protocol/index.ts'
import { ProgramModules } from './program-modules.ts'
import { finished, type Ran, runProgram } from './run-program.ts'

const modules = new ProgramModules()
const root = mkdtempSync(join(tmpdir(), 'paritas-disk-'))
afterAll(() => {
  modules.remove()
  rmSync(root, { recursive: true, force: true })
})

const runs = Number(process.env.PARITAS_KILLS ?? 3)
const firstSeed = Number(process.env.PARITAS_SEED ?? Date.now() % 1_000_000_000)

function freshStore(every: number): CheckpointStore {
  return {
    path: mkdtempSync(join(root, 'd')),
    run: 'test',
    every,
    isIncremental: true,
    from: null,
    older: null,
    lastSequence: 0,
    about: {},
  }
}

/**
 * Processes roll dice and tell their neighbours in a ring, so that no two runs are alike; what was rolled, emitted, heard
 * and kept must fit together in the run that finished. A game lasts until a file is there: a busy computer takes long for
 * a number of rounds, and every game is to see all that happens to it.
 */
const dice = modules.write(
  'dice.ts',
  `import { existsSync } from 'node:fs'
   import { defineProgram, f64, integer, text, u32 } from 'paritas'
   const pause = new Int32Array(new SharedArrayBuffer(4))
   const firstCell = (rank, cells, index) => rank * cells + index
   const weigh = (cells) => cells.reduce((sum, value, index) => (sum * 31 + value * (index + 1)) % 2 ** 31, 0)
   const windowOf = ({ cells, changed }, round) => (round * changed) % (cells - changed + 1)
   function roll(self) {
     const { memory, size, rank } = self
     const value = Math.floor(Math.random() * 1000)
     // Now and then nobody computes, and what comes from outside meets processes that wait.
     if (value % 10 === 0) Atomics.wait(pause, 0, 0, 1)
     memory.rolls[memory.round] = value
     self.emit([rank, memory.round, value])
     const from = windowOf(size, memory.round)
     memory.cells.fill(value, from, from + size.changed)
     self.progress(Math.min(memory.round, 300), 301)
     // So much later everybody has heard of it.
     if (rank === 0 && memory.last === size.rounds && existsSync(size.until)) {
       memory.last = Math.min(size.rounds, memory.round + self.processes)
     }
     for (const to of [self.left, self.right]) self.send(to, 'roll', [value, memory.last])
     return self.receive({ from: self.left }, { from: self.right })
   }
   export default defineProgram({
     name: 'dice',
     size: {
       rounds: integer({ default: 20_000, min: 1, help: 'rounds at most' }),
       until: text({ default: '', help: 'file that ends the game before' }),
       cells: integer({ default: 1, min: 1, help: 'values that each process keeps' }),
       changed: integer({ default: 1, min: 1, help: 'values that change in each round' }),
     },
     memory: ({ size }) => ({ round: u32(), last: u32(), heard: f64(), rolls: f64(size.rounds), cells: f64(size.cells) }),
     start(self) {
       self.memory.last = self.size.rounds
       self.memory.cells.forEach((_, index, cells) => (cells[index] = firstCell(self.rank, cells.length, index)))
       return roll(self)
     },
     step(self, messages) {
       const { memory } = self
       for (const { value: [rolled, last] } of messages) {
         memory.heard += rolled
         memory.last = Math.min(memory.last, last)
       }
       memory.round += 1
       if (memory.round < memory.last) return roll(self)
       return self.done({ rolls: [...memory.rolls.subarray(0, memory.round)], heard: memory.heard, kept: weigh(memory.cells) })
     },
     verify({ size, processes, results, emitted }) {
       const rolls = results.map((one) => one.rolls)
       const rounds = rolls[0].length
       if (rounds === 0 || rolls.some((one) => one.length !== rounds)) return 'rolled ' + rolls.map((one) => one.length)
       const wanted = rolls.flatMap((one, rank) => one.map((value, round) => [rank, round, value]))
       if (JSON.stringify(wanted) !== JSON.stringify(emitted)) return 'emitted something else than it rolled'
       for (const [rank, { heard, kept }] of results.entries()) {
         const neighbours = [(rank + 1) % processes, (rank + processes - 1) % processes]
         const told = neighbours.flatMap((one) => rolls[one]).reduce((sum, value) => sum + value, 0)
         if (heard !== told) return 'process ' + rank + ' heard ' + heard + ' and not ' + told
         const cells = Float64Array.from({ length: size.cells }, (_, index) => firstCell(rank, size.cells, index))
         for (const [round, value] of rolls[rank].entries()) {
           const from = windowOf(size, round)
           cells.fill(value, from, from + size.changed)
         }
         if (kept !== weigh(cells)) return 'process ' + rank + ' kept something else than it rolled'
       }
       return null
     },
   })`,
)

/** By what of their memory changes. */
const games: readonly (readonly [name: string, ...sizes: string[]])[] = [
  ['dice'],
  ['dice that change 256 KiB wholly', 'cells=32768', 'changed=32768'],
  ['dice that change a little of 1 MiB', 'cells=131072', 'changed=64'],
]

/** The size by which a game ends when `end` is called. */
const endedBy = ({ path }: CheckpointStore): string => `until=${path}.end`
const end = ({ path }: CheckpointStore): void => writeFileSync(`${path}.end`, '')

interface Struck {
  readonly ran: Ran
  readonly strikes: number
}

/** After so many checkpoints on disk, kills so many processors at once; `times` over. */
async function strike(
  sizes: readonly string[],
  { random, every, times, scheme }: { random: Random; every: number; times: number; scheme: SchemeName },
): Promise<Struck> {
  let strikes = 0
  let wait = random.integer(1, 2)
  const living = new Map<string, number>()
  const store = freshStore(every)
  const onNews = (news: RunNews): void => {
    // The last strike may find nobody left to kill.
    if ((news.type === 'resumed' || news.type === 'stored') && strikes === times) end(store)
    if (news.type === 'started') for (const { name, pid } of news.processors) living.set(name, pid)
    if (news.type !== 'stored' || strikes === times) return
    wait -= 1
    if (wait > 0) return
    wait = random.integer(1, 2)
    strikes += 1
    // All that were there at the start: at the second strike, some of these are gone already.
    const pids = [...living].filter(([name]) => name !== 'spare').map(([, pid]) => pid)
    // Three copies may be lost and all of the memories be there: only most of mirrored ones are always too many.
    const count = random.integer(scheme === 'mirror' ? pids.length - 1 : 3, pids.length)
    for (let left = count; left > 0; left -= 1) {
      const [pid] = pids.splice(random.integer(0, pids.length - 1), 1)
      try {
        process.kill(pid!, 'SIGKILL')
      } catch {
        // It was killed before.
      }
    }
  }
  const protection = protectionFor(scheme, { code: 'reed-solomon', tolerate: 1 })
  const coordination = coordinationFor(scheme, random.pick(['after-commit', 'after-capture']))
  const options = { timeoutMs: random.pick([10, 30, 60]), store, protection, coordination }
  const ran = await runProgram({ program: dice, sizes: [...sizes, endedBy(store)], onNews, options })
  expect(readdirSync(store.path).filter((name) => name.startsWith('checkpoint-')).length).toBeLessThanOrEqual(2)
  return { ran, strikes }
}

/** Kills or freezes any number of processes, all of them too, at moments of any kind. */
function anyLosses(random: Random): Fault[] {
  return Array.from({ length: random.integer(1, 2) }, () => {
    const places = [0, 1, 2, 3].map(applicationPlace)
    const kind = random.pick(['progress', 'time', 'commit'] as const)
    const when: FaultTime =
      kind === 'progress'
        ? { kind, share: random.integer(0, 90) / 100 }
        : kind === 'time'
          ? { kind, ms: random.integer(0, 600) }
          : { kind, checkpoint: random.integer(1, 6) }
    const count = random.pick([1, 2, 4])
    return Array.from({ length: count }, (): Fault => {
      const [who] = places.splice(random.integer(0, places.length - 1), 1)
      if (random.integer(0, 4) > 0) return { kind: 'kill', who: who!, when }
      return { kind: 'freeze', who: who!, when, thawAfterMs: random.pick([null, 700]) }
    })
  }).flat()
}

describe('more than is covered is lost', () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const random = seededRandom(seed)
    const [name, ...sizes] = games[Math.floor(seed / 3) % games.length]!
    const [every, times] = [random.integer(1, 3), random.integer(1, 2)]
    // Of three runs in a row each is under another one.
    const scheme = (['enhanced', 'mirror', 'n+1-parity'] as const)[seed % 3]!
    it(`${name}: right with PARITAS_SEED=${seed}, ${scheme}, every ${every}, ${times} times`, async () => {
      const { ran, strikes } = await strike(sizes, { random, every, times, scheme })
      const { recoveries, checkpoints } = finished(ran)
      expect(ran.complaint).toBeNull()
      expect(strikes).toBeGreaterThan(0)
      expect(recoveries.some(({ fromDisk }) => fromDisk)).toBe(true)
      expect(checkpoints.disk!.writeMs.count).toBeGreaterThan(0)
    })
  }
})

/** Changes a byte in the middle of the file of process 0 that the newest whole checkpoints have, so many of them. */
function damageNewest(folder: string, count: number): void {
  const manifests = readdirSync(folder).filter((name) => /^checkpoint-\d+\.json$/.test(name))
  for (const manifest of manifests.sort().slice(-count)) {
    const path = join(folder, `pages-${/\d+/.exec(manifest)![0]}-test-0.bin`)
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
  }
}

describe('everything is lost, and on disk is damaged', () => {
  /** Damages so many when the third is whole. */
  async function lose(
    store: CheckpointStore,
    damaged: number,
  ): Promise<Ran & { readonly warnings: readonly string[] }> {
    const warnings: string[] = []
    let [stored, pids] = [0, [] as number[]]
    const onNews = (news: RunNews): void => {
      if (news.type === 'started') {
        pids = news.processors.filter(({ name }) => name.startsWith('application')).map(({ pid }) => pid)
      }
      if (news.type === 'warning') warnings.push(news.text)
      if (news.type === 'resumed') end(store)
      if (news.type !== 'stored') return
      stored += 1
      if (stored !== 3) return
      damageNewest(store.path, damaged)
      for (const pid of pids) process.kill(pid, 'SIGKILL')
    }
    const protection = protectionFor('enhanced', { code: 'reed-solomon', tolerate: 1 })
    const options = { timeoutMs: 30, store, protection }
    return {
      ...(await runProgram({ program: dice, sizes: [endedBy(store)], onNews, options })),
      warnings,
    }
  }

  const passedOver = /^checkpoint (\d+) on disk is passed over: application processor 0: pages-\d+-test-0\.bin: /

  it('the newest checkpoint, and the one before it is gone back to', async () => {
    const { warnings, ...ran } = await lose({ ...freshStore(1), isIncremental: false }, 1)
    expect(warnings[0]).toMatch(passedOver)
    const [, checkpoint] = passedOver.exec(warnings[0]!)!
    const recovery = finished(ran).recoveries.find(({ fromDisk }) => fromDisk)
    expect(recovery!.toCheckpoint).toBeLessThan(Number(checkpoint))
    expect(ran.complaint).toBeNull()
  })

  it('all there is, and the run ends with a line that says where, why and what to do', async () => {
    const store = { ...freshStore(1), isIncremental: false }
    const { warnings, outcome } = await lose(store, 2)
    expect(warnings[0]).toMatch(passedOver)
    expect(outcome).toBeInstanceOf(UncoveredLossError)
    const [before, behind] = (outcome as Error).message.split(` in ${store.path}, for application processor 0 (`)
    expect(before).toMatch(/^nobody can go back to checkpoint \d+$/)
    expect(behind).toMatch(/^pages-\d+-test-0\.bin: [^()]*\), and no other one there is whole; start anew: /)
  })
})

describe('nothing but the disk keeps checkpoints', () => {
  for (let seed = firstSeed; seed < firstSeed + 3 * runs; seed += 1) {
    const random = seededRandom(seed)
    const [name, ...sizes] = games[seed % games.length]!
    const faults = anyLosses(random)
    const coordination = random.pick(['resume-after-commit', 'resume-after-capture'] as const)
    const tracker = random.pick(['shadow', 'lean', 'compare'] as const)
    const isIncremental = random.integer(0, 3) > 0
    const timeoutMs = random.pick([20, 60, 150])
    const told = faults.map(({ kind, who, when }) => `${kind} ${who} at ${Object.values(when).join(' ')}`).join(', ')
    it(`${name}: right with PARITAS_SEED=${seed}, ${coordination}, ${tracker}: ${told}`, async () => {
      const store = { ...freshStore(1), isIncremental }
      let [struck, commitsSince] = [0, 0]
      const onNews = (news: RunNews): void => {
        if (news.type === 'fault' && news.kind !== 'thaw') [struck, commitsSince] = [struck + 1, 0]
        if (news.type === 'commit') commitsSince += 1
        // The first may have been decided before the loss; the second has everybody there again.
        if (struck === faults.length && commitsSince === 2) end(store)
      }
      const ran = await runProgram({
        ...{ program: dice, sizes: [...sizes, endedBy(store)], faults, onNews },
        options: { protection: null, coordination, tracker, timeoutMs, store, seed },
      })
      const { checkpoints } = finished(ran)
      expect(ran.complaint).toBeNull()
      expect(struck).toBe(faults.length)
      // Whatever was committed was whole on disk before.
      expect(checkpoints.disk!.newest).toBe(checkpoints.committed)
      expect(readdirSync(store.path).filter((file) => file.startsWith('checkpoint-')).length).toBeLessThanOrEqual(2)
    })
  }

  it('loses everything before the first is whole, and begins anew', async () => {
    const faults = [0, 1, 2, 3].map((rank): Fault => {
      return { kind: 'kill', who: applicationPlace(rank), when: { kind: 'progress', share: 0.2 } }
    })
    const options = {
      protection: null,
      coordination: 'resume-after-commit',
      timeoutMs: null,
      store: freshStore(1),
    } as const
    const ran = await runProgram({ program: 'merge-sort', sizes: ['records=200000', 'chunk=5000'], faults, options })
    expect(finished(ran).recoveries[0]!.toCheckpoint).toBe(0)
    expect(ran.complaint).toBeNull()
  })
})
