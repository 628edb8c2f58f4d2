import type { ObservedProcess } from './observe.ts'
import { type FaultPlan, firstCommit, movedTo } from './plan.ts'
import type { Trial } from './trial.ts'

/** How a run with losses left a process: only `middle` says what it keeps outside of its memory. */
export type GoneBack =
  /** It took steps after it had gone back to a checkpoint with steps of it. */
  | 'middle'
  /** None of its steps but `start` were in the checkpoint that it went back to. */
  | 'beginning'
  /** It was done before, or nobody was lost. */
  | 'never'

/** Of each process that takes any steps at all after `start`, by rank. */
export function goneBack(first: Trial, other: Trial): Map<number, GoneBack> {
  const [wholes, parts] = [lastLooks(first), lastLooks(other)]
  const ranks = wholes.flatMap(({ steps, isContinued }, rank) => (steps > 1 || isContinued ? [rank] : []))
  return new Map(ranks.map((rank) => [rank, goneBackTo(wholes[rank]!, parts[rank]!)]))
}

function lastLooks({ processes }: Trial): ObservedProcess[] {
  return processes.map(({ steps }) => steps.at(-1)!.seen)
}

function goneBackTo(whole: ObservedProcess, part: ObservedProcess): GoneBack {
  if (!part.isContinued) return 'never'
  // A busy computer may have taken somebody for lost in the first run too: then nobody knows how many steps there are.
  if (whole.isContinued) return 'middle'
  return whole.steps - part.steps >= Math.min(2, whole.steps - 1) ? 'middle' : 'beginning'
}

/** The same with its losses later where processes went back to their beginning, and else earlier. */
export function towardsMiddle(plan: FaultPlan, ways: readonly GoneBack[]): FaultPlan {
  return movedTo(plan, ways.includes('beginning') ? 2 * firstCommit(plan) : 1)
}
