import { seededRandom } from '../base/index.ts'
import type { Fault } from '../machine/index.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place } from '../protocol/index.ts'

/** How a program is run so that losses hit it in its middle. */
export interface Pace {
  /** Longest time between two checkpoints. */
  readonly timeoutMs: number
  /** How long each step takes longer, since the program would be over too soon. */
  readonly pauseMs: number
  /** Commits that there will be at least, as far as is known. */
  readonly commits: number
  /** A run that takes longer is ended. */
  readonly longestMs: number
}

/** What is done to one run. */
export interface FaultPlan {
  /** For people, such as `two losses, one right behind the other`. */
  readonly title: string
  readonly faults: readonly Fault[]
  /** Of each step, by rank. */
  readonly pausesMs: readonly number[]
}

/** Program time that a test wants, to have room for losses. */
const wantedMs = 1000

/** How to run a program, after its first run. A busy computer makes that take longer, but gives it no more steps. */
export function paceFor({ spanMs, workMs, steps }: Measured): Pick<Pace, 'timeoutMs' | 'pauseMs'> {
  // Where processes wait for each other their pauses add up, and else they pass together: between the two.
  const pauseMs = workMs >= wantedMs ? 0 : Math.min(64, powerBelow((3 * wantedMs) / steps))
  return { pauseMs, timeoutMs: pauseMs > 0 ? 16 : Math.min(512, Math.max(16, powerBelow(spanMs / 32))) }
}

/** Of the first run: how long it took, how long it would have with a processor for each process, and all steps. */
interface Measured {
  readonly spanMs: number
  readonly workMs: number
  readonly steps: number
}

/** Powers of two alone, so that the same plan comes out where a run takes a little longer than another. */
export function powerBelow(value: number): number {
  return 2 ** Math.floor(Math.log2(value))
}

/** Generators whose seeds are neighbours begin alike: every bit of both numbers decides. */
function mixed(seed: number, run: number): number {
  let bits = Math.imul(seed, 0x9e3779b1) + run
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}

const kinds = ['kill', 'burst', 'freeze', 'slow'] as const

/** What is done to run `run` (from 1 on): the same for the same seed, run and pace. Every plan has a process lost. */
export function planRun(
  seed: number,
  run: number,
  machine: { processes: number; tolerate: number },
  pace: Pace,
): FaultPlan {
  const random = seededRandom(mixed(seed, run))
  const { processes, tolerate } = machine
  const { pauseMs, commits } = pace
  const anyProcess = (): Place => applicationPlace(random.integer(0, processes - 1))
  const anyPlace = (): Place => random.pick([anyProcess(), anyProcess(), checkpointPlace(0), backupPlace(0)])
  const at = random.integer(1, Math.max(1, powerBelow(commits) / 2))
  const pausesMs = Array.from({ length: processes }, () => pauseMs)
  const kill = (who: Place, checkpoint: number): Fault => ({ kind: 'kill', who, when: { kind: 'commit', checkpoint } })
  switch (kinds[(run - 1) % kinds.length]!) {
    case 'kill':
      return { title: 'one loss', faults: [kill(anyProcess(), at)], pausesMs }
    case 'burst': {
      if (tolerate > 1 && processes > 1 && random.integer(0, 1) === 1) {
        const first = random.integer(0, processes - 1)
        const pair = [first, (first + 1) % processes].map((rank) => kill(applicationPlace(rank), at))
        return { title: 'two losses at once', faults: pair, pausesMs }
      }
      const faults = [kill(anyProcess(), at), kill(anyPlace(), at + 1), kill(anyProcess(), at + 2)]
      return { title: 'losses right behind each other', faults, pausesMs }
    }
    case 'freeze': {
      const thawAfterMs = random.pick([50, 250, 1500])
      const freeze: Fault = { kind: 'freeze', thawAfterMs, who: anyPlace(), when: { kind: 'commit', checkpoint: at } }
      return { title: 'a freeze and a loss', faults: [freeze, kill(anyProcess(), at + 1)], pausesMs }
    }
    case 'slow': {
      const slow = random.integer(0, processes - 1)
      pausesMs[slow] = Math.max(0.25, 4 * pauseMs)
      return { title: `process ${slow} slow, and a loss`, faults: [kill(anyProcess(), at)], pausesMs }
    }
  }
}

/** The same with the first fault at another commit: where a run had fewer than were expected, or went back to its start. */
export function movedTo(plan: FaultPlan, first: number): FaultPlan {
  const shift = first - firstCommit(plan)
  const faults = plan.faults.map((fault) => {
    return { ...fault, when: { kind: 'commit' as const, checkpoint: commitOf(fault) + shift } }
  })
  return { ...plan, faults }
}

export function firstCommit({ faults }: FaultPlan): number {
  return Math.min(...faults.map(commitOf))
}

const commitOf = ({ when }: Fault): number => (when.kind === 'commit' ? when.checkpoint : 1)
