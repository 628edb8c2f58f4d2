import { Command, type Option } from 'commander'
import { parityCodeNames, resumeTimes, schemeNames, wantedTrackers } from '../../machine/index.ts'
import type { CommandEntry } from '../define.ts'
import { shippedPrograms } from '../programs/list.ts'

/** What can stand at a place: nothing at all, one of some words, or what a person thinks up, such as a number. */
export type Value =
  | { readonly kind: 'none' | 'text' | 'file' | 'folder' }
  /** `orFile`: or the name of a file. */
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly orFile: boolean }

export interface OptionWords {
  /** As they are typed: `--quiet`, `-q`. */
  readonly names: readonly string[]
  readonly about: string
  readonly value: Value
  /** Takes all words up to the next option. */
  readonly isVariadic: boolean
}

/** A command, with all that can be typed behind it. */
export interface CommandWords {
  readonly name: string
  readonly about: string
  /** `trace` has `show`. */
  readonly subcommands: readonly CommandWords[]
  readonly options: readonly OptionWords[]
  readonly argument: Value
}

/** Values that are one of a few words, by the command and the option. */
const choices: Readonly<Record<string, readonly string[]>> = {
  'run --scheme': schemeNames,
  'run --code': parityCodeNames,
  'run --memory': wantedTrackers,
  'run --resume': resumeTimes,
  'run --disk': ['incremental', 'full'],
  'measure --tracker': wantedTrackers,
  'evaluate --resume': resumeTimes,
  'explore --scheme': ['enhanced', 'n+1-parity'],
  'completion <shell>': ['bash', 'zsh', 'fish'],
}

/** Every command, out of its definition. `programsFolder` holds the programs that ship. */
export async function vocabulary(
  entries: readonly CommandEntry[],
  programsFolder: string,
): Promise<readonly CommandWords[]> {
  const programs = (await shippedPrograms(programsFolder)).map(({ name }) => name)
  const commands = entries.map(async ({ name, summary, load }) => {
    const command = new Command(name)
    ;(await load())(command, () => {})
    return commandWords(command, summary, programs)
  })
  const all = await Promise.all(commands)
  const names = all.map(({ name }) => name)
  const help: CommandWords = {
    ...{ name: 'help', about: 'show help', subcommands: [], options: [] },
    argument: { kind: 'words', words: names, orFile: false },
  }
  return [...all, help]
}

function commandWords(command: Command, about: string, programs: readonly string[]): CommandWords {
  const name = command.name()
  const value = (text: string, named: string): Value => {
    const words = named === '<program>' ? programs : choices[`${name} ${named}`]
    if (words !== undefined) return { kind: 'words', words, orFile: named === '<program>' }
    if (/<files?(\.\.\.)?>|\[file\]/.test(text)) return { kind: 'file' }
    if (/<(dir|folder)>/.test(text)) return { kind: 'folder' }
    return { kind: 'text' }
  }
  const optionWords = (option: Option): OptionWords => ({
    names: [option.long, option.short].filter((one) => one !== undefined && one !== null),
    about: option.description,
    value: option.required || option.optional ? value(option.flags, option.long!) : { kind: 'none' },
    isVariadic: option.variadic,
  })
  const argument = command.registeredArguments[0]?.name()
  return {
    name,
    about,
    subcommands: command.commands.map((one) => commandWords(one, one.description(), programs)),
    options: command.options.filter(({ hidden }) => !hidden).map(optionWords),
    argument: argument === undefined ? { kind: 'none' } : value(`<${argument}>`, `<${argument}>`),
  }
}

/** Of every command. */
export const commonOptions: readonly OptionWords[] = [
  { names: ['--help', '-h'], about: 'show help' },
  { names: ['--color'], about: 'use colours' },
  { names: ['--no-color'], about: 'use no colours' },
].map((option) => ({ ...option, value: { kind: 'none' }, isVariadic: false }))
