import type { RoleTimes } from './processor-times.ts'
import type { HoldUp, RunRecord } from './record.ts'
import { type Estimate, estimate } from './statistics.ts'

/**
 * What O is made of where each processor has its own share of processor time: the mean of the application processors,
 * milliseconds of running time. O is `start` by the number of checkpoints, what the later ones take each, and the rest.
 */
export interface OverheadParts {
  /** Once in a run: until the first checkpoint, which holds everything, is committed. */
  readonly start: Parts
  /** For each later checkpoint; null where there was none. */
  readonly each: Parts | null
  /** For each checkpoint. */
  readonly restMs: Estimate
}

interface Parts {
  readonly heldUpMs: Estimate
  /** While programs are not held up, for as long as that takes at the processor's share. */
  readonly processorMs: Estimate
}

/** `pairs`: of each round a protected run and the unprotected one. Null where it cannot be told. */
export function overheadParts(
  pairs: readonly (readonly [RunRecord, RunRecord])[],
  { processes, coresEach }: { readonly processes: number; readonly coresEach: number | null },
): OverheadParts | null {
  if (coresEach === null) return null
  const all = pairs.flatMap(([run, bare]) => samplesOf(run, bare, processes, coresEach) ?? [])
  const of = (pick: (sample: Sample) => number, samples = all): Estimate | null => estimate(samples.map(pick))
  const [heldUpMs, processorMs, restMs] = [
    of((one) => one.startHeld),
    of((one) => one.startBeside),
    of((one) => one.rest),
  ]
  if (!heldUpMs || !processorMs || !restMs) return null
  const several = all.filter(({ later }) => later > 0)
  const eachHeld = of((one) => one.laterHeld / one.later, several)
  const eachBeside = of((one) => one.laterBeside / one.later, several)
  const each = eachHeld && eachBeside && { heldUpMs: eachHeld, processorMs: eachBeside }
  return { start: { heldUpMs, processorMs }, each, restMs }
}

/** Milliseconds of one run; `later`: how many checkpoints came after the first. */
interface Sample {
  readonly startHeld: number
  readonly startBeside: number
  readonly later: number
  readonly laterHeld: number
  readonly laterBeside: number
  readonly rest: number
}

function samplesOf(run: RunRecord, bare: RunRecord, processes: number, coresEach: number): Sample | null {
  const { processorTimes: times, committed, elapsedMs } = run
  if (!times?.start || !bare.processorTimes || committed === 0) return null
  const isFirst = ({ checkpoint }: HoldUp): boolean => checkpoint === 1
  const first = run.holdUps.filter(isFirst)
  const others = run.holdUps.filter((one) => !isFirst(one))
  const meanOf = (some: readonly HoldUp[], pick: (one: HoldUp) => number): number =>
    some.reduce((sum, one) => sum + pick(one), 0) / processes
  // Without protection there is something to do, too: spread over the whole run, as messages are.
  const usual = (times: RoleTimes, share: number): number =>
    (times.application - share * bare.processorTimes!.whole.application) / processes
  const startCpu = usual(times.start, times.start.ms / elapsedMs)
  const laterCpu = usual(times.whole, 1) - startCpu
  const beside = (cpuMs: number, some: readonly HoldUp[]): number =>
    Math.max(0, cpuMs - meanOf(some, (one) => one.cpuMs)) / coresEach
  const [startHeld, laterHeld] = [first, others].map((some) => meanOf(some, ({ ms }) => ms)) as [number, number]
  const [startBeside, laterBeside] = [beside(startCpu, first), beside(laterCpu, others)]
  const told = startHeld + startBeside + laterHeld + laterBeside
  const rest = (elapsedMs - bare.elapsedMs - told) / committed
  return { startHeld, startBeside, later: committed - 1, laterHeld, laterBeside, rest }
}
