import { placeText, type Summary } from '../../testing/index.ts'
import type { Paint } from '../surroundings.ts'
import { counted, inTime } from '../wording.ts'
import type { TestArguments } from './arguments.ts'

/** What is told in the end of a test in which every run agrees. */
export function summaryLines(summary: Summary, tookMs: number, seed: number, paint: Paint): string[] {
  const { runs, losses, rollbacks, telling, untold, checkpoints, accepted, voided, memory } = summary
  const same = accepted === 0 ? 'every run gave what the first gave' : `every run is right, though ${accepted} differ`
  const remarks = [
    ...(telling === runs ? [] : [`in ${runs - telling} of them no process went on from its middle: they say little`]),
    ...untold.map((rank) => `process ${rank} never went on from its middle: what it keeps elsewhere was not tested`),
    ...(voided === 0 ? [] : [`${counted(voided, 'run')} lost more at once than is covered, and tell nothing`]),
    ...(memory === null
      ? []
      : [
          `though process ${memory.process} did not end with the same memory: ${placeText(memory, 'in the first run')}`,
        ]),
  ]
  return [
    paint.green(`${same}: ${counted(runs, 'run')} with losses in ${inTime(tookMs)}`),
    `  ${counted(losses, 'fault')}, ${counted(rollbacks, 'time')} back to a checkpoint, ${counted(checkpoints, 'checkpoint')}`,
    ...remarks.map((remark) => paint.yellow(`  ${remark}`)),
    `  the same again: --seed ${seed}`,
  ]
}

/** What `--json` prints of such a test. */
export function summaryJson(program: string, summary: Summary, seed: number, { processes }: TestArguments): object {
  const { runs, losses, rollbacks, telling, untold, checkpoints, accepted, voided, memory } = summary
  const kept = memory === null ? null : { process: memory.process, place: memory.place }
  return {
    program,
    processes,
    seed,
    runs,
    faults: losses,
    rollbacks,
    telling,
    untold,
    checkpoints,
    accepted,
    voided,
    memory: kept,
  }
}
