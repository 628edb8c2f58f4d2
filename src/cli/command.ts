import { Command, CommanderError, type HelpConfiguration } from 'commander'
import { commandEntries } from './commands.ts'
import type { Task } from './define.ts'
import { CommandEnded, type CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts'
import { hasColors, isColorOption, paintFor, readColorOptions, type Surroundings } from './surroundings.ts'

/**
 * Does what `argv` (without node and script) asks for, and returns the exit code. Never throws. Only what is used is
 * loaded: `--version`, `--help` and the small commands must take hardly longer than Node itself.
 */
export async function execute(argv: readonly string[], given: Surroundings): Promise<number> {
  const { own, passedOn } = splitCommand(argv)
  const { words, surroundings } = readColorOptions(own, { ...given, passedOn })
  try {
    let task: Task | null = null
    await command(surroundings, (chosen) => {
      task = chosen
    }).parseAsync(helpAsOption(words), { from: 'user' })
    await (task as Task | null)?.(surroundings)
    return exitCodes.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    if (error instanceof CommandEnded) return error.exitCode
    return tell(await failureOf(error, words), words, surroundings)
  }
}

/** What stands behind `--` in `paritas lab … -- COMMAND`: none of it is ours, whatever it looks like. */
function splitCommand(argv: readonly string[]): {
  readonly own: readonly string[]
  readonly passedOn: readonly string[]
} {
  const at = argv.find((word) => !isColorOption(word)) === 'lab' ? argv.indexOf('--') : -1
  return at < 0 ? { own: argv, passedOn: [] } : { own: argv.slice(0, at), passedOn: argv.slice(at + 1) }
}

/** `help run` as `run --help`, where there is such a command. */
function helpAsOption(argv: readonly string[]): string[] {
  if (argv[0] !== 'help') return [...argv]
  const [, ...words] = argv
  const isKnown = words.length === 0 || commandEntries.some(({ name }) => name === words[0])
  return isKnown ? [...words, '--help'] : words
}

async function failureOf(error: unknown, argv: readonly string[]): Promise<CommandFailure> {
  if (error instanceof CommanderError) {
    const { usageErrorOf } = await import('./usage-error.ts')
    return failureOf(usageErrorOf(error, argv), argv)
  }
  const { usageFailure } = await import('./usage-failure.ts')
  return usageFailure(error) ?? (await import('./failure.ts')).describeError(error)
}

function tell(
  { exitCode, error, detail }: CommandFailure,
  argv: readonly string[],
  surroundings: Surroundings,
): ExitCode {
  const { stdout, stderr, env } = surroundings
  stderr.write(`${paintFor(stderr, env).red('paritas:')} ${error}\n`)
  if (detail !== null) stderr.write(`${detail}\n`)
  if (wantsJsonLine(argv)) {
    stdout.write(`${JSON.stringify({ error, exitCode, ...(detail === null ? {} : { detail }) })}\n`)
  }
  return exitCode
}

/** `paritas measure --json FILE` writes a file instead. */
function wantsJsonLine(argv: readonly string[]): boolean {
  const at = argv.indexOf('--json')
  const next = argv[at + 1]
  return at >= 0 && !(argv[0] === 'measure' && next !== undefined && !next.startsWith('-'))
}

/** The command, with all of its subcommands by name; the one that is chosen gets its definition when that is known. */
function command(surroundings: Surroundings, choose: (task: Task) => void): Command {
  const { stdout, stderr, env, version } = surroundings
  const paritas = new Command('paritas')
    .description('Runs message-passing programs that survive losing the processes they run on.')
    .version(version, '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .option('--color', 'use colours even where there is no terminal; as FORCE_COLOR=1 does')
    .option('--no-color', 'use no colours; as NO_COLOR=1 does')
    .helpCommand('help [command]', 'show help, of everything or of one command')
    .configureHelp(helpStyle(surroundings))
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // `tell` writes errors, in one line.
      outputError: () => {},
      getOutHasColors: () => hasColors(stdout, env),
      getErrHasColors: () => hasColors(stderr, env),
      getOutHelpWidth: () => helpWidth(stdout.columns),
      getErrHelpWidth: () => helpWidth(stderr.columns),
    })
    .exitOverride()
    .addHelpText('after', generalExamples)
    .hook('preSubcommand', async (_, chosen) => {
      const define = await commandEntries.find(({ name }) => name === chosen.name())!.load()
      define(chosen, choose)
    })
  for (const { name, summary } of commandEntries) paritas.command(name).summary(summary).helpCommand(false)
  return paritas
}

/** Of a command of a command, as its definition has them; of `help`, another command. */
const ownTerms = (one: Command): string =>
  one.name() === 'help' ? '[command]' : one.registeredArguments.map((argument) => `<${argument.name()}>`).join(' ')

function helpStyle({ stdout, env }: Surroundings): HelpConfiguration {
  const paint = paintFor(stdout, env)
  const isHidden = (text: string): boolean => text === '[]'
  return {
    styleTitle: (title) => paint.bold(title),
    styleOptionTerm: (term) => paint.cyan(term),
    styleSubcommandTerm: (term) => paint.cyan(term),
    styleArgumentTerm: (term) => paint.cyan(term),
    subcommandTerm: (one) => {
      const { terms } = commandEntries.find(({ name }) => name === one.name()) ?? { terms: ownTerms(one) }
      return `${one.name()} ${terms}`.trimEnd()
    },
    optionDescription: ({ description, defaultValue, negate }) =>
      defaultValue === undefined || negate || isHidden(JSON.stringify(defaultValue))
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
  paritas test ./my-program.ts                  whether it gives the same when processes are lost
  paritas programs                              what ships, and what sizes it takes
  paritas interval --overhead 1.2s --mtbf 44h   how often to checkpoint
  paritas measure --quick                       what checkpoints and recoveries cost here
  paritas evaluate --quick                      compare the schemes on real applications
  paritas doctor                                what this machine offers, and what it lacks
  paritas lab --hosts 3 -- bash                 three hosts on this computer, and a shell on the first
  paritas explore                               try to break the protocol, in simulated machines
  paritas trace show events.jsonl               draw what happened, of a run with --trace
  source <(paritas completion bash)             complete commands and options with the tab key`
