import type { CommanderError } from 'commander'
import { enumerate, UsageError } from '../base/index.ts'
import { commandEntries } from './commands.ts'

/** Commander's message in one line; it begins with `error:` and may end with a suggestion on a line of its own. */
export function usageErrorOf(error: CommanderError, argv: readonly string[]): UsageError {
  if (error.code === 'commander.help') {
    const choices = argv[0] === 'trace' ? ['trace show FILE'] : commandEntries.map(({ name }) => fullName(name))
    return new UsageError(`say what to do: ${choices.length === 1 ? choices[0] : enumerate(choices, 'or')}`)
  }
  // --input takes every word up to the next option.
  const isSwallowed = error.code === 'commander.missingArgument' && argv.some((word) => word.startsWith('--input'))
  if (isSwallowed) return new UsageError('name the program before --input and its files (see paritas run --help)')
  const [problem, suggestion] = error.message.replace(/^error: /, '').split('\n', 2)
  const hint = /\((Did you mean .*)\?\)/.exec(suggestion ?? '')?.[1]?.replace(/^Did/, 'did')
  const question = hint === undefined ? '' : `: ${hint}?`
  const known = commandEntries.some(({ name }) => name === argv[0])
  const help = known ? `paritas ${fullName(argv[0]!)} --help` : 'paritas --help'
  return new UsageError(`${problem!.replace(/\.$/, '')}${question} (see ${help})`)
}

/** `trace` does one thing only. */
const fullName = (name: string): string => (name === 'trace' ? 'trace show' : name)
