import {
  type CheckpointCosts,
  dalyIntervalSeconds,
  expectedSeconds,
  optimalIntervalSeconds,
  optimalOverheadRatio,
  overheadRatio,
  youngIntervalSeconds,
} from '../../metrics/index.ts'
import { jsonSafe } from '../json-safe.ts'
import { type Paint, paintFor, type Surroundings } from '../surroundings.ts'
import { inColumns, inTime } from '../wording.ts'
import type { IntervalArguments } from './arguments.ts'

interface Choice {
  readonly intervalSeconds: number
  readonly overheadRatio: number
}

/** Says how often to checkpoint, and what that costs. */
export function tellInterval(
  { isJson, ...costs }: IntervalArguments,
  { stdout, stderr, env }: Pick<Surroundings, 'stdout' | 'stderr' | 'env'>,
): void {
  const report = isJson ? stderr : stdout
  const choices = chooseIntervals(costs)
  report.write(`${intervalLines(costs, choices, paintFor(report, env)).join('\n')}\n`)
  if (isJson) stdout.write(`${JSON.stringify(intervalJson(costs, choices))}\n`)
}

type Choices = Readonly<Record<'best' | 'young' | 'daly', Choice>>

function chooseIntervals(costs: CheckpointCosts): Choices {
  const setting = { overheadSeconds: costs.overheadSeconds, mtbfSeconds: 1 / costs.failuresPerSecond }
  const withRatio = (intervalSeconds: number): Choice => ({
    intervalSeconds,
    overheadRatio: overheadRatio(costs, intervalSeconds),
  })
  return {
    best: { intervalSeconds: optimalIntervalSeconds(costs), overheadRatio: optimalOverheadRatio(costs) },
    young: withRatio(youngIntervalSeconds(setting)),
    daly: withRatio(dalyIntervalSeconds(setting)),
  }
}

function intervalLines(costs: CheckpointCosts, { best, young, daly }: Choices, paint: Paint): string[] {
  const { overheadSeconds, latencySeconds, recoverySeconds, failuresPerSecond } = costs
  const row = (name: string, { intervalSeconds, overheadRatio: ratio }: Choice): string[] => [
    name,
    inTime(intervalSeconds * 1000),
    inPercent(ratio),
  ]
  const table = inColumns([
    ['', 'interval', 'expected overhead'],
    row('best', best),
    row('Young', young),
    row('Daly', daly),
  ])
  const [overhead, latency, recovery, mtbf] = [
    overheadSeconds,
    latencySeconds,
    recoverySeconds,
    1 / failuresPerSecond,
  ].map((seconds) => inTime(seconds * 1000))
  return [
    '',
    paint.bold(`Checkpoint every ${inTime(best.intervalSeconds * 1000)}: ${costLine(best)}.`),
    '',
    ...table.map((line) => `  ${line}`),
    '',
    paint.dim(`  overhead ${overhead}, latency ${latency}, recovery ${recovery}, a failure each ${mtbf}`),
    '',
  ]
}

/** Ratios beyond it are no forecast any more: hardly any interval ends before the next failure. */
const ratioMax = 1000

function costLine({ overheadRatio: ratio }: Choice): string {
  if (ratio > ratioMax) return 'but hardly anything would get done, since failures come faster than checkpoints'
  return `checkpoints and failures then add ${inPercent(ratio)} to the running time`
}

function inPercent(ratio: number): string {
  if (ratio > ratioMax) return `over ${ratioMax * 100} %`
  const percent = ratio * 100
  return `${percent < 100 ? percent.toPrecision(3) : percent.toFixed(0)} %`
}

function intervalJson(costs: CheckpointCosts, { best, young, daly }: Choices): unknown {
  return jsonSafe({
    ...costs,
    mtbfSeconds: 1 / costs.failuresPerSecond,
    best: { ...best, expectedSeconds: expectedSeconds(costs, best.intervalSeconds) },
    young,
    daly,
  })
}
