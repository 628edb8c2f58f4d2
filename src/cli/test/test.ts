import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { UsageError } from '../../base/index.ts'
import { loadDefaultExport, loadProgram, ProgramError, withRunFolder } from '../../machine/index.ts'
import { parseSizes } from '../../program/index.ts'
import {
  type Bench,
  Campaign,
  type CampaignNews,
  type Compare,
  findingLines,
  type Summary,
} from '../../testing/index.ts'
import { interruptible } from '../interruption.ts'
import { faultOption } from '../run/faults.ts'
import { checkInput, readFiles } from '../run/input-file.ts'
import { RunView } from '../run/view.ts'
import type { Surroundings } from '../surroundings.ts'
import { counted, inTime } from '../wording.ts'
import { commandFor, type TestArguments } from './arguments.ts'
import { summaryJson, summaryLines } from './summary.ts'

/**
 * Tests a program under losses. Resolves when every run agrees with the first; a run that does not is thrown, as a
 * `ProgramError` whose detail says what is known of it.
 */
export async function test(args: TestArguments, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr, signals } = surroundings
  const view = new RunView(args.isJson ? stderr : stdout, surroundings)
  const seed = args.seed ?? randomInt(2 ** 31)
  try {
    for (const path of args.inputPaths) await checkInput(path)
    const onInterrupt = (): void => view.activity('interrupted: ending every process')
    const beganMs = surroundings.now()
    const { name, summary } = await interruptible(signals, onInterrupt, (signal) =>
      withRunFolder((folder) => testIn(folder, args, seed, surroundings, view, signal)),
    )
    view.settle()
    if (summary.finding !== null) throw disagreement(name, summary, args, seed)
    view.say(...summaryLines(summary, surroundings.now() - beganMs, seed, view.paint))
    if (args.isJson) stdout.write(`${JSON.stringify(summaryJson(name, summary, seed, args))}\n`)
  } finally {
    view.settle()
  }
}

async function testIn(
  folder: string,
  args: TestArguments,
  seed: number,
  { programsFolder, runMachine }: Surroundings,
  view: RunView,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly summary: Summary }> {
  const program = await loadProgram(args.program, { programsFolder, cacheFolder: folder })
  const compare = args.comparePath === null ? null : await loadCompare(args.comparePath, folder)
  const { name } = program.program
  const sizes = parseSizes(program.program, args.sizeSettings)
  const given = await readFiles(program.program, sizes, args.inputPaths, view, signal)
  const { processes, tolerate, runs } = args
  const bench: Bench = { program, processes, tolerate, ...given, seed, folder, signal, runMachine }
  view.say(view.paint.bold(`${name} on ${counted(processes, 'process')}: ${counted(runs.length, 'run')} with losses`))
  view.say(`  --seed ${seed}`)
  const campaign = new Campaign({ bench, runs, compare, onNews: (news) => tell(news, args, view) })
  return { name, summary: await campaign.run() }
}

function tell(news: CampaignNews, { runs, isVerbose }: TestArguments, view: RunView): void {
  const { paint } = view
  switch (news.type) {
    case 'begins': {
      const of = runs.length === 1 ? '' : ` of ${runs.length}`
      view.activity(news.run === null ? `running ${news.what}` : `run ${news.run}${of}: ${news.what}`)
      return
    }
    case 'paced': {
      const { timeoutMs, pauseMs } = news.pace
      const slowed = pauseMs === 0 ? '' : `, each step slowed by ${inTime(pauseMs)} so that losses hit its middle`
      view.say(paint.dim(`  without losses ${inTime(news.spanMs)}${slowed}; checkpoints after ${timeoutMs} ms`))
      return
    }
    case 'passed': {
      const { run, plan, trial, continued, remark } = news
      const done = plan.faults.map(faultOption).join(' ')
      const told = `${counted(trial.faults, 'fault')}, ${counted(trial.rollbacks, 'time')} back, ${continued} went on from there`
      if (isVerbose) view.say(`  run ${run}: ${plan.title} (${done}): ${told}${remark === null ? '' : `; ${remark}`}`)
      else if (remark !== null) view.say(paint.dim(`  run ${run}: ${remark}`))
      return
    }
    case 'void':
      if (isVerbose) view.say(paint.yellow(`  run ${news.run} tells nothing: ${news.why}`))
      return
    case 'looking':
      view.activity(`a run differs: ${news.what}`)
      return
  }
}

function disagreement(name: string, { finding }: Summary, args: TestArguments, seed: number): ProgramError {
  const found = finding!
  const [problem, ...known] = findingLines(found, found.plan.faults.map(faultOption))
  const lines = [...known, `again: ${commandFor(args, seed, found.run)}`]
  return new ProgramError(`program '${name}': ${problem}`, lines.map((line) => `  ${line}`).join('\n'))
}

/** The module of --compare, bundled as programs are: it may be TypeScript too. */
async function loadCompare(path: string, folder: string): Promise<Compare> {
  const compare = await loadDefaultExport(path, join(folder, 'compare.mjs'))
  if (typeof compare === 'function') return compare as Compare
  throw new UsageError(`--compare ${path}: its default export must be a function (first, other) => text or null`)
}
