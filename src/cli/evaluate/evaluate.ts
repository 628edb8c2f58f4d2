import { createRequire } from 'node:module'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../base/index.ts'
import {
  codeHash,
  expectedSeconds,
  machineFacts,
  Performer,
  type PlannedRun,
  planRuns,
  reportData,
  StateFolder,
  WrongRunError,
} from '../../evaluation/index.ts'
import { fileError, isSystemError } from '../../file-errors/index.ts'
import { InterruptedError, withRunFolder } from '../../machine/index.ts'
import { WrongResultError } from '../exit-codes.ts'
import { interruptible } from '../interruption.ts'
import { MeasureProgress, roughly } from '../measure/progress.ts'
import { makeNamedFolder } from '../named-paths.ts'
import { withLock } from '../run/checkpoint-folder.ts'
import { type Paint, paintFor, type Surroundings } from '../surroundings.ts'
import { counted } from '../wording.ts'
import type { EvaluateArguments } from './arguments.ts'
import { requireShares, withShares } from './shares.ts'

/** When on average this many other processes want to compute, figures say little. */
const loadMax = 0.5

/**
 * Makes the runs that are not finished yet, and writes the report. Whatever ends it early is thrown; no process is left
 * then, and the finished runs are kept.
 */
export async function evaluate(args: EvaluateArguments, surroundings: Surroundings): Promise<void> {
  const { setting, output } = args
  requireDrawing()
  requireShares(setting)
  const machine = machineFacts(setting)
  const runs = planRuns(setting)
  await checkRuns(runs, args, surroundings)
  await makeNamedFolder(`--output ${output}`, output)
  // Two in one folder would make each run twice.
  await withLock(output, `--output ${output}`, () => evaluateInto(runs, machine, args, surroundings))
}

/** What reports are drawn with. Who only runs programs need not install it. */
const drawingPackages = ['@observablehq/plot', 'linkedom']

/** Throws a `UsageError` where the report could not be made once everything has run. */
function requireDrawing(): void {
  const { resolve } = createRequire(import.meta.url)
  const isMissing = (name: string): boolean => {
    try {
      return resolve(name) === ''
    } catch {
      return true
    }
  }
  const missing = drawingPackages.filter(isMissing)
  if (missing.length === 0) return
  throw new UsageError(`the report is drawn with packages that are not installed: npm install ${missing.join(' ')}`)
}

/** All code of this package that runs, but for its programs. */
const ownCodeFolder = fileURLToPath(new URL('../../', import.meta.url))

/** Before anything is written: a program that cannot do what is asked for may be the last one in the plan. */
async function checkRuns(runs: readonly PlannedRun[], { setting }: EvaluateArguments, surroundings: Surroundings) {
  const { programsFolder, runMachine, signals } = surroundings
  await interruptible(
    signals,
    () => {},
    (signal) =>
      withRunFolder((folder) =>
        new Performer({ programsFolder, folder, shares: null, runMachine }, setting).check(runs, signal),
      ),
  )
}

async function evaluateInto(
  runs: readonly PlannedRun[],
  machine: ReturnType<typeof machineFacts>,
  args: EvaluateArguments,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, version, programsFolder } = surroundings
  const code = codeHash([ownCodeFolder, programsFolder])
  const { setting, output } = args
  const state = inFolder(output, () => StateFolder.open(output, { paritas: version, code, setting, machine }))
  const before = loadavg()[0]!
  await makeRuns(runs, state, args, surroundings)
  const load = { before, after: loadavg()[0]! }
  const data = reportData(state.records, { paritas: version, machine, load, setting, mtbfSeconds: args.mtbfSeconds })
  // Plots load much code that nothing before needs.
  const { tellTables, writeReport } = await import('./write-report.ts')
  await writeReport(data, output, join(output, traceName), surroundings)
  tellTables(data, surroundings)
  stdout.write(`  report: ${join(output, 'report.html')}, raw figures: ${join(output, 'report.json')}\n`)
}

async function makeRuns(
  runs: readonly PlannedRun[],
  state: StateFolder,
  { setting, output }: EvaluateArguments,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, env, signals, programsFolder, runMachine } = surroundings
  const left = runs.filter(({ key }) => !state.has(key))
  const paint = paintFor(stdout, env)
  for (const line of headLines(runs, left, setting, paint)) stdout.write(`${line}\n`)
  if (left.length === 0) return
  const progress = new MeasureProgress(
    stdout,
    left.map((run) => expectedSeconds(run, setting)),
    surroundings,
  )
  const onInterrupt = (): void => progress.end('interrupted: ending every process')
  try {
    await interruptible(signals, onInterrupt, (signal) =>
      withShares(setting, (shares) =>
        withRunFolder(async (folder) => {
          const performer = new Performer({ programsFolder, folder, shares, runMachine }, setting)
          for (const run of left) {
            signal.throwIfAborted()
            progress.begin(`${run.key} (run ${runs.indexOf(run) + 1} of ${runs.length})`)
            const tracePath = run.part === 'diagram' ? join(output, traceName) : null
            const record = await performer.perform(run, tracePath, signal)
            inFolder(output, () => state.add(record))
          }
        }),
      ),
    )
  } catch (error) {
    progress.rest()
    if (error instanceof WrongRunError) throw new WrongResultError(error.message)
    if (error instanceof InterruptedError) {
      stdout.write(`  ${counted(state.records.length, 'finished run')} of ${runs.length} kept in ${output}: `)
      stdout.write('the same command goes on from there\n')
    }
    throw error
  } finally {
    progress.rest()
  }
}

/** What the system says of the folder becomes one line for the user. */
function inFolder<Value>(output: string, work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw isSystemError(error) ? fileError(`--output ${output}`, error) : error
  }
}

const traceName = 'recovery.jsonl'

function headLines(
  runs: readonly PlannedRun[],
  left: readonly PlannedRun[],
  setting: EvaluateArguments['setting'],
  paint: Paint,
): string[] {
  const seconds = left.reduce((sum, run) => sum + expectedSeconds(run, setting), 0)
  const finished = runs.length - left.length
  const load = loadavg()[0]!
  if (left.length === 0) return [paint.bold('Every run is finished: the report is made anew'), '']
  const kept = finished === 0 ? '' : `, ${finished} are finished already`
  return [
    paint.bold(`Evaluating for ${roughly(seconds)}: ${counted(left.length, 'run')}${kept}`),
    '  medians of all rounds, with 95 % intervals; Ctrl-C keeps what is finished',
    ...(load < loadMax
      ? []
      : [paint.yellow(`  the machine is busy (load ${load.toFixed(1)}): intervals will be wide`)]),
    '',
  ]
}
