import { type CommandWords, commonOptions, type OptionWords, type Value } from './vocabulary.ts'

/** A script for bash that completes `paritas`. It starts nothing: all words are in it. */
export function bashScript(commands: readonly CommandWords[]): string {
  const leaves = commands.flatMap((one) => [
    ...(one.subcommands.length === 0 || one.options.length > 0 ? [one] : []),
    ...one.subcommands.map(within(one)),
  ])
  const groups = commands.filter(({ subcommands }) => subcommands.length > 0)
  const names = commands.map(({ name }) => name)
  return `# Completes paritas in bash. In ~/.bashrc: source <(paritas completion bash)
_paritas() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= last= word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      -*) last=$word ;;
      *) case "$command $word" in " $word"${groups.flatMap(subcommandNames).join('')}) command="\${command:+$command }$word" ;; esac ;;
    esac
  done
  local IFS=$'\\n'
  case "$command $last" in
${variadicCases(leaves)}  esac
  case "$command $prev" in
${leaves.flatMap(valueCases).join('')}  esac
  case $cur in
    -*)
      case $command in
${leaves.map((one) => `        '${one.name}') ${reply(wordsOf([...optionNames(one.options), ...optionNames(commonOptions)]))} ;;\n`).join('')}\
        *) ${reply(wordsOf([...optionNames(commonOptions), '--version', '-v']))} ;;
      esac
      return ;;
  esac
  case $command in
    '') ${reply(wordsOf(names))} ;;
${groups.map(({ name, subcommands }) => `    '${name}') ${reply(wordsOf(subcommands.map((one) => one.name)))} ;;\n`).join('')}\
${leaves.map((one) => `    '${one.name}') ${replyOf(one.argument)} ;;\n`).join('')}\
  esac
}
complete -o filenames -F _paritas paritas
`
}

/** zsh understands the same script. */
export function zshScript(commands: readonly CommandWords[]): string {
  const head = '# Completes paritas in zsh. In ~/.zshrc, after compinit: source <(paritas completion zsh)'
  return [head, 'autoload -U +X bashcompinit && bashcompinit', ...bashScript(commands).split('\n').slice(1)].join('\n')
}

const within =
  (group: CommandWords) =>
  (one: CommandWords): CommandWords => ({ ...one, name: `${group.name} ${one.name}` })

const subcommandNames = ({ name, subcommands }: CommandWords): string[] =>
  subcommands.map((one) => ` | '${name} ${one.name}'`)

const optionNames = (options: readonly OptionWords[]): string[] => options.flatMap(({ names }) => names)

const wordsOf = (words: readonly string[]): string => `-W '${words.join(' ')}'`

/**
 * What matches the word that is typed. The words that may come are split at spaces, but matches at line ends: names of
 * files may hold spaces.
 */
const reply = (what: string): string => `COMPREPLY=($(IFS=' '; compgen ${what} -- "$cur"))`

function replyOf(value: Value): string {
  switch (value.kind) {
    case 'none':
    case 'text':
      return 'COMPREPLY=()'
    case 'file':
      return reply('-f')
    case 'folder':
      return reply('-d')
    case 'words':
      return reply(`${value.orFile ? '-f ' : ''}${wordsOf(value.words)}`)
  }
}

function variadicCases(commands: readonly CommandWords[]): string {
  const options = commands.flatMap(({ name, options }) =>
    options.filter(({ isVariadic }) => isVariadic).map((option) => [`${name} ${option.names[0]}`, option] as const),
  )
  const cases = options.map(
    ([words, { value }]) => `    '${words}') case $cur in -*) ;; *) ${replyOf(value)}; return ;; esac ;;\n`,
  )
  return cases.join('')
}

function valueCases({ name, options }: CommandWords): string[] {
  const taking = options.filter(({ value, isVariadic }) => value.kind !== 'none' && !isVariadic)
  return taking.map(({ names, value }) => {
    const words = names.map((one) => `'${name} ${one}'`).join(' | ')
    return `    ${words}) ${replyOf(value)}; return ;;\n`
  })
}
