import { UsageError } from '../base/index.ts'
import { ProgramError, UncoveredLossError } from '../machine/index.ts'
import {
  type Compare,
  compareTrials,
  differencesGiven,
  differencesKept,
  type PlacedDifference,
  placeText,
  verifyTrial,
} from './agreement.ts'
import { findingOf, type TestFinding } from './finding.ts'
import { type GoneBack, goneBack, towardsMiddle } from './middle.ts'
import { type FaultPlan, firstCommit, type Pace, paceFor, planRun, powerBelow } from './plan.ts'
import { type Bench, runTrial, type Trial } from './trial.ts'

export interface CampaignOptions {
  readonly bench: Bench
  /** Which runs with losses are made; the first is 1. */
  readonly runs: readonly number[]
  readonly compare: Compare | null
  onNews(news: CampaignNews): void
}

/** What happens during a test. */
export type CampaignNews =
  /** `what`: for instance `without losses`. */
  | { readonly type: 'begins'; readonly run: number | null; readonly what: string }
  | { readonly type: 'paced'; readonly pace: Pace; readonly spanMs: number }
  /** `remark`: what there is to say of it, such as that it differs and is accepted; null for nothing. */
  | {
      readonly type: 'passed'
      readonly run: number
      readonly plan: FaultPlan
      readonly trial: Trial
      /** Processes that went on from a checkpoint in their middle. */
      readonly continued: number
      readonly remark: string | null
    }
  /** More was lost than is covered, by a false alarm beside our faults: it tells nothing of the program. */
  | { readonly type: 'void'; readonly run: number; readonly plan: FaultPlan; readonly why: string }
  | { readonly type: 'looking'; readonly what: string }

/** What came of all runs. */
export interface Summary {
  readonly runs: number
  /** Kills and freezes that came about. */
  readonly losses: number
  /** Recoveries in which processes went back to a checkpoint. */
  readonly rollbacks: number
  /** Runs in which processes went on from a checkpoint in their middle: those that say something. */
  readonly telling: number
  /** Processes that did so in no run, though they take steps. */
  readonly untold: readonly number[]
  readonly checkpoints: number
  /** Runs that gave something else than the first, which `verify` or the comparison accepted. */
  readonly accepted: number
  /** Runs that were lost to more losses than are covered. */
  readonly voided: number
  /** What processes remembered otherwise at the end of some run, though all gave the same; null for nothing. */
  readonly memory: PlacedDifference | null
  /** Null if all runs agree. */
  readonly finding: TestFinding | null
}

/** Runs that are made once more, of all, for processes that went on from their middle in none so far. */
const moreTriesMax = 3

/** A run that came to its end, and how many processes went on from their middle in it. */
interface Tried {
  readonly plan: FaultPlan
  readonly trial: Trial
  /** By rank. */
  readonly ways: ReadonlyMap<number, GoneBack>
  /** How many processes went on from their middle. */
  readonly continued: number
}

/** A program whose runs are compared, one after another, with its first, which nothing happened to. */
export class Campaign {
  readonly #options: CampaignOptions
  /** Processes that went on from their middle. */
  readonly #told = new Set<number>()
  #moreTries = moreTriesMax
  #summary: Summary = {
    ...{
      runs: 0,
      losses: 0,
      rollbacks: 0,
      telling: 0,
      untold: [],
      checkpoints: 0,
      accepted: 0,
      voided: 0,
      memory: null,
      finding: null,
    },
  }

  constructor(options: CampaignOptions) {
    this.#options = options
  }

  /**
   * Makes the runs, up to the first that differs. Throws a `UsageError` if no process went on from a checkpoint, so that
   * nothing was tested, and a `ProgramError` if the program fails, or its result is wrong, without losses.
   */
  async run(): Promise<Summary> {
    const first = await this.#undisturbed('without losses', 16, 0)
    const pace = await this.#findPace(first)
    if (this.#summary.finding !== null) return this.#summary
    for (const run of this.#options.runs) {
      await this.#disturbed(run, first, pace)
      if (this.#summary.finding !== null) return this.#summary
    }
    if (this.#summary.telling === 0) throw new UsageError(this.#nothingTested(first))
    return this.#summary
  }

  async #undisturbed(what: string, timeoutMs: number, pauseMs: number): Promise<Trial> {
    const { bench, onNews } = this.#options
    onNews({ type: 'begins', run: null, what })
    const end = await runTrial(bench, { faults: [], pausesMs: this.#alike(pauseMs) }, { timeoutMs })
    if (end instanceof Error) throw end
    const problem = await verifyTrial(bench.program.program, end)
    if (problem !== null) throw new ProgramError(`the result is wrong already without losses: ${problem}`, '')
    return end
  }

  /** A program that is over at once is run anew, more slowly. */
  async #findPace(first: Trial): Promise<Pace> {
    const wanted = paceFor(first)
    const again = wanted.pauseMs === 0 ? first : await this.#undisturbed('again', wanted.timeoutMs, wanted.pauseMs)
    const { spanMs } = again
    // A checkpoint takes its time after the timeout: half as much, say.
    const commits = again === first ? Math.min(first.commits, spanMs / (1.5 * wanted.timeoutMs)) : again.commits
    const longestMs = longestFor(Math.max(spanMs, first.spanMs))
    const pace = { ...wanted, longestMs, commits: powerBelow(Math.max(1, commits)) }
    this.#options.onNews({ type: 'paced', pace, spanMs })
    const calm = { title: '', faults: [], pausesMs: this.#alike(pace.pauseMs) }
    if (again !== first) await this.#judge(null, calm, first, again, pace)
    return pace
  }

  async #disturbed(run: number, first: Trial, pace: Pace): Promise<void> {
    const { bench, onNews } = this.#options
    let plan: FaultPlan | null = planRun(bench.seed, run, bench, pace)
    let best: Tried | null = null
    onNews({ type: 'begins', run, what: plan.title })
    while (plan !== null) {
      const trial = await runTrial(bench, plan, pace)
      if (trial instanceof UncoveredLossError) {
        if (best !== null) break
        this.#summary = { ...this.#summary, voided: this.#summary.voided + 1 }
        return onNews({ type: 'void', run, plan, why: trial.message })
      }
      if (await this.#judge(run, plan, first, trial, pace)) return
      // What fails is not judged to be right.
      const tried = this.#note(first, plan, trial as Trial)
      plan = this.#nextTry(tried, best === null)
      if (best === null || tried.continued >= best.continued) best = tried
    }
    this.#pass(run, first, best!)
  }

  /** Remembers what a run says. */
  #note(first: Trial, plan: FaultPlan, trial: Trial): Tried {
    const ways = goneBack(first, trial)
    const continued = [...ways].filter(([, way]) => way === 'middle')
    for (const [rank] of continued) this.#told.add(rank)
    const memory = this.#summary.memory ?? differencesKept(first, trial)[0] ?? null
    this.#summary = { ...this.#summary, memory, untold: [...ways.keys()].filter((rank) => !this.#told.has(rank)) }
    return { plan, trial, ways, continued: continued.length }
  }

  /** How a run that has passed is to be made once more; null if it need not be, or cannot be otherwise. */
  #nextTry({ plan, ways, continued }: Tried, isFirst: boolean): FaultPlan | null {
    const untold = [...ways].filter(([rank]) => !this.#told.has(rank)).map(([, way]) => way)
    const isForAll = continued === 0 && isFirst
    if (!isForAll && (untold.length === 0 || this.#moreTries === 0)) return null
    if (!isForAll) this.#moreTries -= 1
    const next = towardsMiddle(plan, isForAll ? [...ways.values()] : untold)
    return firstCommit(next) === firstCommit(plan) ? null : next
  }

  /** Whether there is something wrong, which is then looked into. `run`: null for one without losses. */
  async #judge(run: number | null, plan: FaultPlan, first: Trial, end: Trial | ProgramError, pace: Pace) {
    const { bench, onNews } = this.#options
    const problem = end instanceof ProgramError ? end.message : await this.#problemWith(first, end)
    if (problem === null) return false
    const look = (what: string): void => onNews({ type: 'looking', what })
    const finding = await findingOf({ bench, run, plan, pace, first, end, problem, isSame: this.#isSame }, look)
    this.#summary = { ...this.#summary, finding }
    return true
  }

  #pass(run: number, first: Trial, { plan, trial, continued }: Tried): void {
    const given = differencesGiven(first, trial)[0]
    this.#summary = {
      ...this.#summary,
      runs: this.#summary.runs + 1,
      losses: this.#summary.losses + trial.faults,
      rollbacks: this.#summary.rollbacks + trial.rollbacks,
      telling: this.#summary.telling + (continued > 0 ? 1 : 0),
      checkpoints: this.#summary.checkpoints + trial.commits,
      accepted: this.#summary.accepted + (given ? 1 : 0),
    }
    const remark = given ? this.#acceptance(given) : null
    this.#options.onNews({ type: 'passed', run, plan, trial, continued, remark })
  }

  /** What is wrong with a run beside the first; null if nothing is. */
  async #problemWith(first: Trial, other: Trial): Promise<string | null> {
    const { bench, compare } = this.#options
    const { program } = bench.program
    const problem = await verifyTrial(program, other)
    if (problem !== null) return `its result is wrong: ${problem}`
    if (compare !== null) return compareTrials(compare, first, other)
    const given = differencesGiven(first, other)[0]
    if (given !== undefined) return program.verify === undefined ? differenceText(given) : null
    // What gives nothing can only be known by what it remembers.
    const kept = givesNothing(first) ? differencesKept(first, other)[0] : undefined
    return kept === undefined ? null : differenceText(kept)
  }

  readonly #isSame = async (first: Trial, other: Trial): Promise<boolean> =>
    (await this.#problemWith(first, other)) === null

  #acceptance(given: PlacedDifference): string {
    const by = this.#options.compare === null ? 'verify' : 'the comparison'
    return `${differenceText(given)}; ${by} accepts it`
  }

  #alike(pauseMs: number): number[] {
    return Array.from({ length: this.#options.bench.processes }, () => pauseMs)
  }

  #nothingTested({ spanMs }: Trial): string {
    const took = `the program is over after ${Math.round(spanMs)} ms`
    const advice = 'give it more to do (--size), or cut its work into more steps'
    return `nothing was tested: no process ever went on from a checkpoint in its middle, for ${took}; ${advice}`
  }
}

/** A run that takes so much longer than it should does not end by itself: it waits for what was lost. */
function longestFor(spanMs: number): number {
  return Math.ceil(Math.max(120_000, 30 * spanMs))
}

function differenceText(difference: PlacedDifference): string {
  return `process ${difference.process}: ${placeText(difference, 'in the first run')}`
}

function givesNothing({ processes }: Trial): boolean {
  return processes.every(({ result, emitted }) => result === undefined && emitted.length === 0)
}
