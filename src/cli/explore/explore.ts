import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileError } from '../../file-errors/index.ts'
import type { MinimalFailure } from '../../simulator/index.ts'
import { ViolationError } from '../exit-codes.ts'
import { interruptible } from '../interruption.ts'
import { canRewrite, paintFor, type Surroundings } from '../surroundings.ts'
import { counted, inTime } from '../wording.ts'
import type { ExploreArguments } from './arguments.ts'
import type { FailedSeed, Tally } from './messages.ts'
import { batchSeeds, ExplorerPool, type RandomExploration } from './pool.ts'

const redrawIntervalMs = 200
/** Where nothing can be rewritten, as in a log. */
const lineIntervalMs = 60_000

type ArgumentsOfSeeds = Pick<ExploreArguments, 'from' | 'seeds'>

/** Runs random machines from seeds, on all cores. Throws a `ViolationError` for the lowest seed that fails. */
export async function explore(args: ExploreArguments, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr, env, now, signals } = surroundings
  const report = args.isJson ? stderr : stdout
  const paint = paintFor(report, env)
  const startedMs = now()
  const line = new LiveLine(args, surroundings, startedMs)
  // Threads that would find nothing to do are not started.
  const threads = Math.min(availableParallelism(), Math.ceil(args.seeds / batchSeeds))
  const pool = new ExplorerPool(threads)
  const interrupted = (): void => {
    stderr.write(`${paintFor(stderr, env).yellow('interrupted: finishing the runs that have begun')}\n`)
  }
  try {
    await interruptible(signals, interrupted, async (signal) => {
      const { from, seeds, mix } = args
      const found = await pool.explore({ from, seeds, mix, signal, onProgress: (tally) => line.show(tally) })
      line.erase()
      const elapsedMs = Math.max(1, now() - startedMs)
      report.write(`${summary(found.tally, elapsedMs, threads)}\n`)
      const tell = (text: string): unknown => report.write(`${text}\n`)
      const failed = found.failure && (await tellFailure(found.failure, args, pool, tell))
      if (args.isJson)
        stdout.write(`${JSON.stringify(explorationJson(found, elapsedMs, threads, failed?.file ?? null))}\n`)
      // What was found counts, interrupted or not.
      if (failed) throw new ViolationError(failed.message)
      if (found.next < from + seeds) tell(howToGoOn(args, found.next))
    })
    report.write(`${paint.green('no violation')}\n`)
  } finally {
    line.erase()
    await pool.close()
  }
}

async function tellFailure(
  { seed, violation }: FailedSeed,
  { mix }: ExploreArguments,
  pool: ExplorerPool,
  tell: (text: string) => void,
): Promise<{ file: string | null; message: string }> {
  const what = `seed ${seed}: ${violation.kind}: ${violation.detail.split('\n')[0]}`
  tell(`${what}; making it shorter …`)
  const minimal = await pool.minimize(seed, mix)
  if (!minimal) return { file: null, message: `${what} (it cannot be told as a scenario)` }
  const file = `violation-seed-${seed}.txt`
  const problem = await writeScenarioFile(file, minimal)
  if (problem !== null) return { file: null, message: `${what} (${problem})` }
  const { faults, moves } = minimal
  const size = moves === 0 ? 'without any fault' : `${counted(faults, 'fault')}, ${counted(moves, 'move')} in all`
  return { file, message: `${what}; ${size}: see ${file}` }
}

/**
 * In the current folder; a file of that name is from the same seed, and is replaced. Returns what went wrong, or null:
 * a file that cannot be written must not hide what was found.
 */
async function writeScenarioFile(file: string, { scenario }: MinimalFailure): Promise<string | null> {
  try {
    await writeFile(file, scenario)
    return null
  } catch (error) {
    return fileError(`cannot write ${file}`, error).message
  }
}

/** After an interruption; what was asked for beside the seeds is to be said again. */
function howToGoOn({ from, seeds }: ArgumentsOfSeeds, next: number): string {
  const left = from + seeds - next
  return `no violation up to seed ${next - 1}; to go on: --from ${next} --seeds ${left}`
}

function summary(tally: Tally, elapsedMs: number, threads: number): string {
  const { seeds, events, actions, commits, recoveries, takeOvers, stored, fromDisk } = tally
  const rate = (count: number): string => grouped(Math.round((1000 * count) / elapsedMs))
  return [
    `${grouped(seeds)} ${seeds === 1 ? 'seed' : 'seeds'} in ${inTime(elapsedMs)} on ${counted(threads, 'core')}`,
    `${grouped(commits)} commits, ${grouped(recoveries)} recoveries, ${grouped(takeOvers)} take-overs`,
    `${grouped(stored)} checkpoints on disk, gone back to ${grouped(fromDisk)} times`,
    `${rate(seeds)} seeds/s, ${rate(events)} events/s, ${rate(actions)} actions/s`,
  ].join('\n')
}

function explorationJson(
  { tally, failure }: RandomExploration,
  elapsedMs: number,
  threads: number,
  file: string | null,
): object {
  return {
    ...tally,
    cores: threads,
    elapsedMs: Math.round(elapsedMs),
    seedsPerSecond: Math.round((1000 * tally.seeds) / elapsedMs),
    eventsPerSecond: Math.round((1000 * tally.events) / elapsedMs),
    violation: failure && { seed: failure.seed, ...failure.violation, scenario: file },
  }
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ')

/** How far it is: one line on stderr that is rewritten; where there is no terminal, one more line each minute. */
class LiveLine {
  readonly #seeds: number
  readonly #surroundings: Surroundings
  readonly #startedMs: number
  readonly #isRewritten: boolean
  #shownMs: number

  constructor({ seeds }: ArgumentsOfSeeds, surroundings: Surroundings, startedMs: number) {
    this.#seeds = seeds
    this.#surroundings = surroundings
    this.#startedMs = startedMs
    this.#isRewritten = canRewrite(surroundings.stderr, surroundings.env)
    this.#shownMs = this.#isRewritten ? Number.NEGATIVE_INFINITY : startedMs
  }

  show({ seeds, events, recoveries }: Tally): void {
    const { stderr, now } = this.#surroundings
    const nowMs = now()
    if (nowMs - this.#shownMs < (this.#isRewritten ? redrawIntervalMs : lineIntervalMs)) return
    this.#shownMs = nowMs
    const elapsedMs = Math.max(1, nowMs - this.#startedMs)
    const share = Math.floor((100 * seeds) / this.#seeds)
    const rate = grouped(Math.round((1000 * events) / elapsedMs))
    const left = inTime((elapsedMs * (this.#seeds - seeds)) / seeds)
    const figures = `${grouped(seeds)} seeds  ${grouped(recoveries)} recoveries  ${rate} events/s`
    const text = `  ${share} %  ${figures}  ${inTime(elapsedMs)}, about ${left} to go`
    stderr.write(this.#isRewritten ? `\r\x1b[2K${text.slice(0, (stderr.columns ?? 80) - 1)}` : `${text}\n`)
  }

  erase(): void {
    if (!this.#isRewritten || this.#shownMs === Number.NEGATIVE_INFINITY) return
    this.#surroundings.stderr.write('\r\x1b[2K')
    this.#shownMs = Number.NEGATIVE_INFINITY
  }
}
