import { randomInt } from 'node:crypto'
import { messageOf, UsageError } from '../../base/index.ts'
import {
  checkMachine,
  loadProgram,
  type ProcessorsAhead,
  type RunHost,
  type RunOutcome,
  requirePortable,
  withRunFolder,
} from '../../machine/index.ts'
import { probeTrackers } from '../../memory/native/index.ts'
import { type AnySizes, type FinishedRun, type Program, parseSizes, type TypedArray } from '../../program/index.ts'
import { type Mention, mention, requireDistinct, requireNoSource } from '../distinct-files.ts'
import { WrongResultError } from '../exit-codes.ts'
import { programFault } from '../failure.ts'
import { interruptible } from '../interruption.ts'
import { probeWritable } from '../named-paths.ts'
import type { Surroundings } from '../surroundings.ts'
import { counted } from '../wording.ts'
import type { RunArguments } from './arguments.ts'
import { withNewFolder } from './checkpoint-folder.ts'
import { conductorLines, coverageLines, schemeText, trackerLines } from './coverage.ts'
import { neverComing } from './faults.ts'
import { hostsOfRun } from './hosts.ts'
import { checkInput, readFiles } from './input-file.ts'
import { outcomeJson } from './json.ts'
import { prepareOutput, writeOutput } from './output-file.ts'
import { RunStore } from './run-store.ts'
import { resultLines, summaryLines } from './summary.ts'
import { verifyRun } from './verification.ts'
import { RunView } from './view.ts'

interface Computed {
  readonly program: Program
  readonly sizes: AnySizes
  readonly input: TypedArray | null
  readonly outcome: RunOutcome
}

/**
 * Runs a program on a machine of its own, from the first check to the summary. Resolves when the run is done, verified
 * (if the program can) and written; whatever else happens is thrown, and `describeError` knows it.
 */
export async function run(args: RunArguments, surroundings: Surroundings): Promise<void> {
  const { checkpointDir } = args
  await requireDistinctFiles(args, args.checkpointDir)
  if (checkpointDir === null) await perform(args, surroundings, null)
  else await withNewFolder(checkpointDir, (folder) => perform(args, surroundings, new RunStore(folder, null)))
}

/** Before anything is opened. Throws a `UsageError`; `checkpointDir`: null without checkpoints on disk. */
export async function requireDistinctFiles(args: RunArguments, checkpointDir: string | null): Promise<void> {
  const { program, inputPaths } = args
  await requireDistinct([
    ...mention('the program', /^[\w-]+$/.test(program) ? null : program, 'read'),
    ...inputPaths.flatMap((path) => mention('--input', path, 'read')),
    ...writtenFiles(args),
    ...mention('--checkpoint-dir', checkpointDir, 'folder'),
  ])
}

function writtenFiles({ outputPath, tracePath }: RunArguments): Mention[] {
  return [...mention('--output', outputPath, 'write'), ...mention('--trace', tracePath, 'write')]
}

/**
 * The same once the folder of checkpoints is locked, if there is one. `headlines` are shown when nothing prevents the
 * run any more.
 */
export async function perform(
  args: RunArguments,
  surroundings: Surroundings,
  store: RunStore | null,
  headlines: readonly string[] = [],
): Promise<void> {
  const { stdout, stderr, signals } = surroundings
  const view = new RunView(args.isJson ? stderr : stdout, surroundings, args.isQuiet)
  const onInterrupt = (): void => view.activity('interrupted: ending every process')
  const drawnSeed = args.seed ?? randomInt(2 ** 31)
  const seed = args.faults.some(({ who }) => who === 'random') ? drawnSeed : null
  let isDone = false
  try {
    const hosts = args.hostsPath === null ? null : await hostsOfRun(args.hostsPath)
    if (hosts === null) checkMachine(args.machine)
    for (const path of args.inputPaths) await checkInput(path)
    if (args.tracePath !== null) await probeWritable(`--trace ${args.tracePath}`, args.tracePath)
    const target = args.outputPath === null ? null : await prepareOutput(args.outputPath)

    const opening = [
      ...headlines,
      ...(target === null || target.remark === null ? [] : [`  ${target.remark}`]),
      ...(seed === null ? [] : [`random faults with --seed ${seed}`]),
    ]
    const compute = (signal: AbortSignal): Promise<Computed> =>
      withRunFolder((runFolder) =>
        computeIn(runFolder, { ...args, hosts, seed: drawnSeed, store, opening }, surroundings, view, signal),
      )
    const computed = await interruptible(signals, onInterrupt, compute)

    // A signal ends this process at once from here to the writing: no child and no file is left to clean up, and a
    // verify that computes for long would not let a handler run.
    const verification = await verifyRun(computed.program, finishedRun(computed, args.machine.processes))
    if (target !== null && verification.kind !== 'wrong') {
      view.activity(`writing ${args.outputPath}`)
      await interruptible(signals, onInterrupt, (signal) => writeOutput(target, () => formatted(computed), signal))
    }

    view.settle()
    view.say(...summaryLines(computed.outcome, verification, args.scheme, view.paint))
    if (args.isQuiet && !args.isJson) view.tell(...resultLines(computed.outcome.results, view.paint))
    if (verification.kind === 'wrong') {
      throw new WrongResultError(`the result of program '${computed.program.name}' is wrong: ${verification.what}`)
    }
    isDone = true
    if (!args.isJson) return
    const { scheme, machine } = args
    const { coordination } = machine
    const resume = coordination === 'independent' ? null : coordination.replace('resume-', '')
    const about = { program: computed.program.name, scheme, resume, verified: verification.kind === 'right', seed }
    stdout.write(`${JSON.stringify(outcomeJson(computed.outcome, about))}\n`)
  } finally {
    view.settle()
    await leave(store, isDone, view)
  }
}

/** Empties the folder of checkpoints after a good end; otherwise tells how to go on from it. */
async function leave(store: RunStore | null, isDone: boolean, view: RunView): Promise<void> {
  if (store === null) return
  try {
    if (!isDone) view.activity('reading the newest checkpoint on disk')
    const hint = isDone ? await store.finish() : await store.abandon()
    view.settle()
    if (typeof hint === 'string') view.warn(`  ${hint}`)
  } catch (error) {
    view.settle()
    const what = isDone ? 'not all files of the checkpoints can be removed' : 'checkpoints are left as they are'
    view.warn(view.paint.yellow(`  ${what}: ${messageOf(error)}`))
  }
}

type ComputeArguments = RunArguments & {
  readonly seed: number
  readonly store: RunStore | null
  readonly hosts: readonly RunHost[] | null
  readonly opening: readonly string[]
}

/** Everything that needs the run's folder; when this resolves, nothing of the machine is left. */
async function computeIn(
  runFolder: string,
  args: ComputeArguments,
  surroundings: Surroundings,
  view: RunView,
  signal: AbortSignal,
): Promise<Computed> {
  const ahead = args.hosts === null ? await surroundings.startAhead(runFolder, args.machine) : null
  try {
    return await computeOn(runFolder, { ...args, ahead }, surroundings, view, signal)
  } finally {
    await ahead?.close()
  }
}

async function computeOn(
  runFolder: string,
  args: ComputeArguments & { readonly ahead: ProcessorsAhead | null },
  { programsFolder, runMachine, version }: Surroundings,
  view: RunView,
  signal: AbortSignal,
): Promise<Computed> {
  const loaded = await loadProgram(args.program, { programsFolder, cacheFolder: runFolder })
  signal.throwIfAborted()
  await requireNoSource(writtenFiles(args), loaded.sources)
  const { program } = loaded
  if (args.hosts !== null) requirePortable(loaded)
  requireOutput(program, args)
  const given = await args.store?.given(loaded)
  const settings = parseSizes(program, args.sizeSettings)
  const { input, sizes } = given ?? (await readFiles(program, settings, args.inputPaths, view, signal))
  const store = (await args.store?.open(args, loaded, { input, sizes }, version)) ?? null
  view.say(...args.opening)
  view.say(view.paint.bold(`${program.name} on ${counted(args.machine.processes, 'process')}, ${schemeText(args)}`))
  view.say(...coverageLines(args.machine), ...conductorLines(args.conductors))
  view.say(...trackerLines(args.machine.tracker, probeTrackers()))
  view.say(...neverComing(args.faults, loaded.mayReportProgress).map(view.paint.yellow))
  view.activity('starting processors')
  const { machine, conductors, faults, inspected, seed, tracePath, ahead } = args
  const outcome = await runMachine({
    ...{ program: loaded, machine, conductors, sizes, input, faults, inspected, seed, tracePath },
    ...{ runFolder, signal, store, ahead, hosts: args.hosts && { list: args.hosts, version } },
    onNews: (news) => view.news(news),
  })
  view.settle()
  return { program, sizes, input, outcome }
}

function requireOutput({ name, output }: Program, { outputPath }: RunArguments): void {
  if (outputPath !== null && output === undefined) {
    throw new UsageError(`program '${name}' writes no output: leave out --output`)
  }
}

function finishedRun({ sizes, input, outcome }: Computed, processes: number): FinishedRun {
  return { size: sizes, processes, input, results: outcome.results, emitted: outcome.emitted }
}

/** The emitted values as text, one after another, so that never all of the text is in memory. */
function* formatted({ program, outcome }: Computed): Generator<string> {
  const what = `output.format of program '${program.name}'`
  for (const value of outcome.emitted) {
    let text: unknown
    try {
      text = program.output!.format(value)
      if (typeof text !== 'string') throw new TypeError('it must return a text')
    } catch (error) {
      throw programFault(what, error)
    }
    yield text
  }
}
