import { availableParallelism, loadavg } from 'node:os'
import { inBytes } from '../../base/index.ts'
import { withRunFolder } from '../../machine/index.ts'
import { probeTrackers, type TrackerName } from '../../memory/native/index.ts'
import { interruptible } from '../interruption.ts'
import { trackerLines } from '../run/coverage.ts'
import { prepareOutput, writeOutput } from '../run/output-file.ts'
import { type Paint, paintFor, type Surroundings } from '../surroundings.ts'
import { counted } from '../wording.ts'
import type { MeasureArguments } from './arguments.ts'
import { circumstancesJson, type FiguresJson } from './figures-json.ts'
import { type MeasuredPart, partsOf } from './parts.ts'
import { MeasureProgress, roughly } from './progress.ts'
import { tableLines } from './table.ts'

/** When on average this many other processes want to compute, figures say little. */
const loadMax = 0.5

/**
 * Measures this machine, and prints a table for each part as soon as it is done. Whatever ends it early is thrown; no
 * process and no file is left then.
 */
export async function measure(args: MeasureArguments, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr, env, version } = surroundings
  const { json } = args
  const target = json.kind === 'file' ? await prepareOutput(json.path, '--json') : null
  const startedLoad = loadavg()[0]!
  const report = json.kind === 'line' ? stderr : stdout
  const paint = paintFor(report, env)
  const tracker = trackerOf(args)
  const figures = await withRunFolder((folder) => {
    const parts = partsOf(args, { ...surroundings, folder })
    const expectedSeconds = parts.map((part) => part.expectedSeconds)
    const progress = new MeasureProgress(report, expectedSeconds, surroundings)
    progress.say(...headLines(args, { tracker, startedLoad, expectedSeconds }, paint))
    return measureParts(parts, args.rounds, progress, paint, surroundings)
  })
  report.write(paint.dim(`  ${closing}\n`))
  const text = `${JSON.stringify({ ...circumstancesJson(args, { version, tracker, startedLoad }), ...figures })}\n`
  if (json.kind === 'line') stdout.write(text)
  if (target === null) return
  await interruptible(
    surroundings.signals,
    () => {},
    (signal) => writeOutput(target, () => [text], signal),
  )
}

const closing = [
  'to copy: beside a plain copy (memcpy) of the same bytes: % of its speed, or so',
  'many times as long. The bytes: what one process has changed, for the time held',
  'up; what all have changed, for the latency; the memory of one process, for a',
  'recovery. What the figures mean: docs/performance.md',
].join('\n  ')

/** What is really used. */
function trackerOf({ setting: { tracker } }: MeasureArguments): TrackerName {
  const wanted = tracker === 'auto' ? 'shadow' : tracker
  return probeTrackers()[wanted].available ? wanted : 'compare'
}

function headLines(
  { setting, rounds, isQuick, isFresh }: MeasureArguments,
  about: { readonly tracker: string; readonly startedLoad: number; readonly expectedSeconds: readonly number[] },
  paint: Paint,
): string[] {
  const { processes, memoryBytes, tolerate, loadPercent } = setting
  const { tracker, startedLoad, expectedSeconds } = about
  const seconds = expectedSeconds.reduce((sum, one) => sum + one, 0)
  const cores = availableParallelism()
  const quick = isQuick ? ', so they say less than without --quick' : ''
  const busy =
    startedLoad < loadMax
      ? []
      : [
          paint.yellow(
            `  the machine is busy (load ${startedLoad.toFixed(1)}, ${counted(cores, 'core')}): figures are worse than it can do`,
          ),
        ]
  return [
    paint.bold(`Measuring ${roughly(seconds).replace('about ', 'for about ')}`),
    `  ${counted(processes, 'process')} of ${inBytes(memoryBytes)}, --tolerate ${tolerate}, tracker ${tracker}, load ${loadPercent} %`,
    `  medians of ${counted(rounds, 'round')}${quick}`,
    `  runs begin on ${isFresh ? 'memory as the machine gives it' : 'memory that was used right before'}`,
    ...trackerLines(setting.tracker, probeTrackers()).map((line) => line.replace('--memory', '--tracker')),
    ...busy,
    '',
  ]
}

async function measureParts(
  parts: readonly MeasuredPart[],
  rounds: number,
  progress: MeasureProgress,
  paint: Paint,
  { signals }: Pick<Surroundings, 'signals'>,
): Promise<FiguresJson> {
  const json: FiguresJson = { codes: null, firstWrite: null, links: null, checkpoints: null, slowdown: null }
  const onInterrupt = (): void => progress.end('interrupted: ending every process')
  const onProgress = (share: number, what: string): void => progress.show(share, what)
  try {
    await interruptible(signals, onInterrupt, async (signal) => {
      for (const part of parts) {
        progress.begin(part.title)
        const table = await part.measure({ rounds, signal, onProgress }, json)
        signal.throwIfAborted()
        progress.say(...tableLines(table, paint))
      }
    })
    return json
  } finally {
    progress.rest()
  }
}
