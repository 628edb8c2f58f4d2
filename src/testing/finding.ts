import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { enumerate } from '../base/index.ts'
import { ProgramError } from '../machine/index.ts'
import { memoryLayout } from '../program/index.ts'
import { differencesGiven, differencesKept, type PlacedDifference, placeText } from './agreement.ts'
import { changedVariables } from './module-variables.ts'
import { type Origin, originOf } from './origin.ts'
import { originText } from './origin-text.ts'
import type { FaultPlan, Pace } from './plan.ts'
import { type Bench, runTrial, type Trial, type TrialEnd } from './trial.ts'

/** A run that is not what the first was, and what is known of why. */
export interface TestFinding {
  /** Null: it differs without any loss. */
  readonly run: number | null
  readonly plan: FaultPlan
  /** One line: what is wrong, with the process. */
  readonly problem: string
  /** The first place that differs in what was given, or else in what is remembered; null where the run failed. */
  readonly place: PlacedDifference | null
  /** The step in which it began; null if that is not known. */
  readonly origin: Origin | null
  /** Whether the same faults did it again. */
  readonly isRepeated: boolean
  /** Whether it also differs where nobody is lost. */
  readonly differsWithoutLosses: boolean
  /** Variables of its module that the program's code changes, in this run or in others. */
  readonly variables: readonly string[]
  /** Where the program asks for random numbers and the time. */
  readonly foreign: readonly string[]
}

interface Found {
  readonly bench: Bench
  readonly run: number | null
  readonly plan: FaultPlan
  readonly pace: Pace
  readonly first: Trial
  readonly end: Trial | ProgramError
  readonly problem: string
  isSame(first: Trial, other: Trial): Promise<boolean>
}

/** Every step is told only where that is not too much: so many of them, and so many bytes to look at. */
const journalStepsMax = 20_000
const journalBytesMax = 4 * 2 ** 30

/** Looks into a run that differs: once more without losses, and once more with the same faults, step by step. */
export async function findingOf(found: Found, look: (what: string) => void): Promise<TestFinding> {
  const { bench, run, plan, problem, first, end, isSame } = found
  look('once more without losses')
  const calm = await again(found, { ...plan, faults: [] })
  const isCalmSame = !(calm instanceof Error) && (await isSame(first, calm))
  look(run === null ? 'and again' : 'the same losses once more')
  const repeated = await again(found, plan)
  const isRepeated =
    repeated instanceof ProgramError || (!(repeated instanceof Error) && !(await isSame(first, repeated)))
  const origin = calm instanceof Error || repeated instanceof Error ? null : originOf(calm, repeated)
  return {
    ...{ run, plan, problem, isRepeated, origin },
    differsWithoutLosses: run === null || !isCalmSame,
    place: end instanceof Error ? null : (differencesGiven(first, end)[0] ?? differencesKept(first, end)[0] ?? null),
    variables: changedVariables(readFileSync(fileURLToPath(bench.program.moduleUrl), 'utf8')),
    foreign: [...new Set(first.processes.flatMap(({ steps }) => steps.at(-1)!.seen.foreign))],
  }
}

function again({ bench, pace, first }: Found, plan: FaultPlan): Promise<TrialEnd> {
  return runTrial(bench, plan, { ...pace, isJournal: allowsJournal(bench, first) })
}

function allowsJournal({ program: { program }, processes, sizes }: Bench, first: Trial): boolean {
  let [steps, bytes] = [0, 0]
  for (const [rank, one] of first.processes.entries()) {
    const own = one.steps.at(-1)!.seen.steps
    steps += own
    bytes += own * memoryLayout(program, { rank, processes, size: sizes }).bytes
  }
  return steps <= journalStepsMax && bytes <= journalBytesMax
}

/** What is told of a finding, line by line; the first is the problem itself. */
export function findingLines(
  { run, problem, place, origin, ...known }: TestFinding,
  faults: readonly string[],
): string[] {
  const { isRepeated, differsWithoutLosses, foreign, variables } = known
  const where = place === null ? '' : `process ${place.process}: ${placeText(place, 'in the first run')}`
  const lines = [
    run === null ? `two runs without losses differ: ${problem}` : `run ${run} differs from the first: ${problem}`,
  ]
  if (where !== '' && !problem.includes(where)) lines.push(`first place: ${where}`)
  if (origin !== null) lines.push(originText(origin, run === null ? 'the time before' : 'without losses'))
  if (run !== null) {
    const repetition = isRepeated ? 'it differs again' : 'this time it gave what the first run gave'
    lines.push(`what was done to it: ${faults.join(' ')}; the same once more: ${repetition}`)
  }
  const isByOrder = origin?.kind === 'order'
  lines.push(isByOrder ? orderText : causeText(differsWithoutLosses))
  if (variables.length > 0 && !differsWithoutLosses && !isByOrder) {
    lines.push(`variables of the module that steps may change: ${enumerate(variables)}`)
  }
  if (foreign.length > 0) lines.push(`the program asks for ${foreign.join(', ')}`)
  return lines
}

const orderText =
  'messages of several processes come in no certain order: if it may differ by that, say so by verify or --compare'

function causeText(differsWithoutLosses: boolean): string {
  return differsWithoutLosses
    ? 'it differs without losses too: by random numbers, the time or the order of messages; if it may, say so by verify or --compare'
    : 'without losses it is always the same: a process keeps something outside of memory and vars, such as a variable of the module'
}
