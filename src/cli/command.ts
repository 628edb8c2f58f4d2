import { Command, CommanderError, type HelpConfiguration, Option } from 'commander'
import { UsageError } from '../program/index.ts'
import { faultKinds, simulatedPrograms } from '../simulator/index.ts'
import { addDoctor } from './doctor/command.ts'
import { addEvaluate } from './evaluate/command.ts'
import { exploreDefaults, readExploreArguments, type TypedExploreOptions } from './explore/arguments.ts'
import {
  exploreExhaustive,
  readExhaustiveArguments,
  type TypedExhaustiveOptions,
  worldNames,
} from './explore/exhaustive.ts'
import { explore } from './explore/explore.ts'
import { describeError, type ExitCode, exitCodes } from './failure.ts'
import { addInterval } from './interval/command.ts'
import { addMeasure } from './measure/command.ts'
import { programLines } from './programs-list.ts'
import { defaults, readRunArguments, type TypedOptions } from './run/arguments.ts'
import { failureJson } from './run/json.ts'
import { resume, type TypedResumeOptions } from './run/resume.ts'
import { run } from './run/run.ts'
import { paintFor, type Surroundings } from './surroundings.ts'
import { addTrace } from './trace/command.ts'

/** What a command does. It runs outside of commander, whose frames would stand in the stack of what a program throws. */
type Task = () => Promise<void>
type Choose = (task: Task) => void

/** Does what `argv` (without node and script) asks for, and returns the exit code. Never throws. */
export async function execute(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    let task: Task | null = null
    command(surroundings, (chosen) => {
      task = chosen
    }).parse([...argv], { from: 'user' })
    await (task as Task | null)?.()
    return exitCodes.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    return tell(error instanceof CommanderError ? usageErrorOf(error, argv) : error, argv, surroundings)
  }
}

function tell(error: unknown, argv: readonly string[], { stdout, stderr, env }: Surroundings): ExitCode {
  const failure = describeError(error)
  stderr.write(`${paintFor(stderr, env).red('paritas:')} ${failure.error}\n`)
  if (failure.detail !== null) stderr.write(`${failure.detail}\n`)
  if (wantsJsonLine(argv)) stdout.write(`${JSON.stringify(failureJson(failure))}\n`)
  return failure.exitCode
}

/** `paritas measure --json FILE` writes a file instead. */
function wantsJsonLine(argv: readonly string[]): boolean {
  const at = argv.indexOf('--json')
  const next = argv[at + 1]
  return at >= 0 && !(argv[0] === 'measure' && next !== undefined && !next.startsWith('-'))
}

/** Commands that have options, and so a help of their own. */
const withHelp = ['run', 'resume', 'interval', 'measure', 'evaluate', 'doctor', 'explore', 'trace show']

/** Commander's message in one line; it begins with `error:` and may end with a suggestion on a line of its own. */
function usageErrorOf(error: CommanderError, argv: readonly string[]): UsageError {
  if (error.code === 'commander.help') {
    const choices =
      argv[0] === 'trace'
        ? 'trace show FILE'
        : 'run, resume, programs, interval, measure, evaluate, doctor, explore or trace show'
    return new UsageError(`say what to do: ${choices}`)
  }
  // --input takes every word up to the next option.
  const isSwallowed = error.code === 'commander.missingArgument' && argv.some((word) => word.startsWith('--input'))
  if (isSwallowed) return new UsageError('name the program before --input and its files (see paritas run --help)')
  const [problem, suggestion] = error.message.replace(/^error: /, '').split('\n', 2)
  const hint = /\((Did you mean .*)\?\)/.exec(suggestion ?? '')?.[1]?.replace(/^Did/, 'did')
  const question = hint === undefined ? '' : `: ${hint}?`
  const known = withHelp.find((name) => name.split(' ')[0] === argv[0])
  const help = known === undefined ? 'paritas --help' : `paritas ${known} --help`
  return new UsageError(`${problem!.replace(/\.$/, '')}${question} (see ${help})`)
}

function command(surroundings: Surroundings, choose: Choose): Command {
  const { stdout, stderr, env, programsFolder, version } = surroundings
  const paritas = new Command('paritas')
    .description('Runs message-passing programs that survive losing the processes they run on.')
    .version(version, '--version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp(helpStyle(surroundings))
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // `tell` writes errors, in one line.
      outputError: () => {},
      getOutHasColors: () => paintFor(stdout, env).isColorSupported,
      getErrHasColors: () => paintFor(stderr, env).isColorSupported,
      getOutHelpWidth: () => helpWidth(stdout.columns),
      getErrHelpWidth: () => helpWidth(stderr.columns),
    })
    .exitOverride()
    .addHelpText('after', generalExamples)
  addRun(paritas, surroundings, choose)
  addResume(paritas, surroundings, choose)
  paritas
    .command('programs')
    .description('list the programs that ship, with their sizes')
    .action(() =>
      choose(async () => {
        const lines = await programLines(programsFolder, paintFor(stdout, env))
        stdout.write(`${lines.join('\n')}\n`)
      }),
    )
  addInterval(paritas, surroundings, choose)
  addMeasure(paritas, surroundings, choose)
  addEvaluate(paritas, surroundings, choose)
  addDoctor(paritas, surroundings, choose)
  addExplore(paritas, surroundings, choose)
  addTrace(paritas, surroundings, choose)
  return paritas
}

function addRun(paritas: Command, surroundings: Surroundings, choose: Choose): void {
  const gather = (text: string, gathered: readonly string[]): readonly string[] => [...gathered, text]
  paritas
    .command('run')
    .summary('run a program that ships, or one of your own')
    .description('Runs a program: one that ships, by its name, or a module of your own (.ts or .js), by its path.')
    .argument('<program>', 'merge-sort, for instance, or ./my-program.ts')
    .optionsGroup('The program:')
    .option('--size <name=value>', 'set a size of the program (repeatable)', gather, [])
    .option('--input <files...>', 'what the program reads')
    .option('--output <file>', 'gets what the program emits, once it is complete and verified')
    .optionsGroup('The machine:')
    .option('--processes <n>', 'application processors, one process each', defaults.processes)
    .option('--spares <s>', 'spare processors that wait to replace a lost one', defaults.spares)
    .option('--tolerate <m>', `losses at the same time to survive (${defaults.tolerate})`)
    .option('--code <name>', `reed-solomon or groups, one loss in each of m (${defaults.code})`)
    .option('--scheme <name>', 'enhanced, n+1-parity, mirror, disk or none; see below', defaults.scheme)
    .option('--resume <when>', 'with n+1-parity or disk: after-commit or after-capture (after-commit)')
    .option('--memory <tracker>', 'how changes are found: shadow, lean or compare', defaults.memory)
    .option('--timeout <duration>', 'longest time between two checkpoints, or never (500ms; n+1-parity: never)')
    .option('--buffer <bytes>', 'changed memory that calls for a checkpoint earlier', defaults.buffer)
    .optionsGroup('Checkpoints on disk:')
    .option('--checkpoint-dir <dir>', 'a new folder for them; paritas resume goes on from there')
    .option('--every <k>', `each k-th checkpoint is written (${defaults.every}; disk: each)`)
    .option('--disk <files>', 'incremental, with what has changed, or full (incremental)')
    .optionsGroup('Faults on purpose:')
    .option('--kill <who@when>', 'end a processor with SIGKILL (repeatable)', gather, [])
    .option('--freeze <who@when[+duration]>', 'stop it with SIGSTOP, and wake it later (repeatable)', gather, [])
    .option('--seed <n>', 'decides whom random hits')
    .optionsGroup('What is told:')
    .option('--trace <file>', 'gets every protocol event as a JSON line')
    .option('--json', 'print one JSON object as the last line; all else goes to stderr')
    .addHelpText('after', runExamples)
    .action((program: string, typed: TypedOptions) => choose(() => run(readRunArguments(program, typed), surroundings)))
}

function addResume(paritas: Command, surroundings: Surroundings, choose: Choose): void {
  const gather = (text: string, gathered: readonly string[]): readonly string[] => [...gathered, text]
  paritas
    .command('resume')
    .summary('go on with a run from its checkpoints on disk')
    .description(
      'Goes on with a run that was started with --checkpoint-dir and has ended, however that came about: from its newest whole checkpoint, with the options it was started with.',
    )
    .argument('<dir>', 'the folder of --checkpoint-dir')
    .option('--output <file>', 'gets what the program emits, instead of the file that was said at the start')
    .option('--kill <who@when>', 'end a processor with SIGKILL (repeatable)', gather, [])
    .option('--freeze <who@when[+duration]>', 'stop it with SIGSTOP, and wake it later (repeatable)', gather, [])
    .option('--seed <n>', 'decides whom random hits')
    .option('--trace <file>', 'gets every protocol event as a JSON line')
    .option('--json', 'print one JSON object as the last line; all else goes to stderr')
    .addHelpText('after', resumeExamples)
    .action((dir: string, typed: TypedResumeOptions) => choose(() => resume(dir, typed, surroundings)))
}

type TypedExplore = TypedExploreOptions & TypedExhaustiveOptions & { readonly exhaustive?: true }

/** Options that make no sense with an exhaustive exploration. */
const ofSeeds = ['seeds', 'from', 'processes', 'tolerate', 'scheme', 'program', 'faults', 'canary']

function addExplore(paritas: Command, surroundings: Surroundings, choose: Choose): void {
  paritas
    .command('explore')
    .summary('try to break the protocol, in simulated machines')
    .description('Runs simulated machines under random faults, a different mix from each seed, and checks every step.')
    .option('--seeds <n>', 'how many', exploreDefaults.seeds)
    .option('--from <seed>', 'the first one', exploreDefaults.from)
    .option('--processes <n or a..b>', 'application processors, 2 to 8; by default 2 to 4')
    .option('--tolerate <m>', 'losses at the same time that are covered; by default 1 to 3, or groups')
    .option('--scheme <name>', 'only enhanced, or only n+1-parity; by default both')
    .option('--program <name>', 'only this simulated program')
    .option('--faults <list>', 'only these kinds, with commas between them, or none')
    .addOption(new Option('--exhaustive', 'instead, every interleaving of small worlds').conflicts(ofSeeds))
    .addOption(new Option('--world <name>', 'only this one of the small worlds').conflicts(ofSeeds))
    .addOption(new Option('--delays <n>', 'only their schedules with at most n delays').conflicts(ofSeeds))
    .option('--canary <name>', 'break a rule of the protocol on purpose, and see that it is found')
    .option('--json', 'print one JSON object as the last line; all else goes to stderr')
    .addHelpText('after', exploreExamples)
    .action((typed: TypedExplore) =>
      choose(() =>
        typed.exhaustive || typed.world !== undefined || typed.delays !== undefined
          ? exploreExhaustive(readExhaustiveArguments(typed), surroundings)
          : explore(readExploreArguments(typed), surroundings),
      ),
    )
}

function helpStyle({ stdout, env }: Surroundings): HelpConfiguration {
  const paint = paintFor(stdout, env)
  const isHidden = (text: string): boolean => text === '[]'
  return {
    styleTitle: (title) => paint.bold(title),
    styleOptionTerm: (term) => paint.cyan(term),
    styleSubcommandTerm: (term) => paint.cyan(term),
    styleArgumentTerm: (term) => paint.cyan(term),
    optionDescription: ({ description, defaultValue }) =>
      defaultValue === undefined || isHidden(JSON.stringify(defaultValue))
        ? description
        : `${description} (${defaultValue})`,
  }
}

/** Long lines are hard to read, whatever the terminal has room for. */
function helpWidth(columns: number | undefined): number {
  return Math.min(columns ?? 100, 100)
}

const generalExamples = `
Examples:
  paritas run merge-sort                        sort a million numbers on 4 processes
  paritas run merge-sort --kill 2@50%           lose process 2 half way, and finish all the same
  paritas run ./my-program.ts --processes 8     run a program of your own
  paritas resume checkpoints                    go on with a run that kept checkpoints on disk
  paritas programs                              what ships, and what sizes it takes
  paritas interval --overhead 1.2s --mtbf 44h   how often to checkpoint
  paritas measure --quick                       what checkpoints and recoveries cost here
  paritas evaluate --quick                      compare the schemes on real applications
  paritas doctor                                what this machine offers, and what it lacks
  paritas explore                               try to break the protocol, in simulated machines
  paritas trace show events.jsonl               draw what happened, of a run with --trace`

const exploreExamples = `
Programs: ${Object.keys(simulatedPrograms).join(', ')}
Faults: ${faultKinds.join(', ')}
Small worlds: ${worldNames.join(', ')}

A violation is shortened to as few faults and moves as still show it, and written as a scenario into this folder.

Examples:
  paritas explore --seeds 100000
  paritas explore --processes 2..8 --program gossip --faults losses,freezes
  paritas explore --exhaustive --world commit
  paritas explore --world triangle --delays 2   which --exhaustive leaves out: too many interleavings
  paritas explore --canary trap-08-duplicate-delta

Exit codes:
  0 no violation      1 bad usage, or a small world with too many states for this machine's memory
  2 a violation was found      130 interrupted      70 a defect of Paritas`

const resumeExamples = `
Further checkpoints are written into the same folder. When the run is done, its checkpoints are removed.

Examples:
  paritas run merge-sort --checkpoint-dir checkpoints --every 5
  paritas resume checkpoints                    after a power cut, a Ctrl-C or a kill -9`

const runExamples = `
Schemes:
  enhanced     parity in memory; nobody stands still: what is under way is logged
  n+1-parity   the same parity; all freeze together for each checkpoint, and no message is logged
  mirror       as enhanced, with a copy of each memory instead of parity
  disk         all freeze for each checkpoint and write it to --checkpoint-dir; nothing is kept in memory
  none         no protection, for comparison

WHO is the number of a process, checkpoint, backup, spare or random.
WHEN is a time (1.5s, 250ms), a share of progress (40%) or a commit (commit:3).

Examples:
  paritas run merge-sort --size records=5000000 --kill 2@50%
  paritas run merge-sort --input numbers.txt --output sorted.txt
  paritas run merge-sort --kill checkpoint@commit:3 --kill random@80% --seed 7
  paritas run merge-sort --freeze 1@0.5s+3s --timeout 200ms --trace events.jsonl
  paritas run ./my-program.ts --processes 8 --json
  paritas run merge-sort --checkpoint-dir checkpoints --every 5

Exit codes:
  0 done and verified        1 bad usage or input       2 the program failed
  3 a loss nothing covers    130 interrupted            70 a defect of Paritas`
