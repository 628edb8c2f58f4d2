import { type CommandWords, commonOptions, type OptionWords, type Value } from './vocabulary.ts'

/** A script for fish that completes `paritas`. It starts nothing: all words are in it. */
export function fishScript(commands: readonly CommandWords[]): string {
  const lines = [
    '# Completes paritas in fish: paritas completion fish > ~/.config/fish/completions/paritas.fish',
    'complete -c paritas -f',
    ...commonOptions.map((option) => optionLine('', option)),
    "complete -c paritas -n __fish_use_subcommand -l version -s v -d 'show the version'",
    ...commands.flatMap((one) => commandLines(one, '__fish_use_subcommand')),
  ]
  return `${lines.join('\n')}\n`
}

/** `condition`: where the command itself may stand. */
function commandLines({ name, about, subcommands, options, argument }: CommandWords, condition: string): string[] {
  const inside = `__fish_seen_subcommand_from ${name}`
  const values = valueWords(argument)
  return [
    `complete -c paritas -n '${condition}' -a ${name} -d ${quoted(about)}`,
    ...options.map((option) => optionLine(` -n '${inside}'`, option)),
    ...(values === '' ? [] : [`complete -c paritas -n '${inside}'${values}`]),
    ...subcommands.flatMap((one) => commandLines(one, inside)),
  ]
}

function optionLine(condition: string, { names, about, value }: OptionWords): string {
  const flags = names.map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`)).join('')
  const taken = value.kind === 'none' ? '' : ` -r${valueWords(value) || ' -f'}`
  return `complete -c paritas${condition}${flags}${taken} -d ${quoted(about)}`
}

function valueWords(value: Value): string {
  switch (value.kind) {
    case 'none':
    case 'text':
      return ''
    case 'file':
      return ' -F'
    case 'folder':
      return " -f -a '(__fish_complete_directories)'"
    case 'words':
      return `${value.orFile ? ' -F' : ' -f'} -a ${quoted(value.words.join(' '))}`
  }
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
