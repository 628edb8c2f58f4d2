/**
 * Scenario files, after cockroachdb/datadriven: comment lines that say why, one or more commands, a line
 * `----`, and what happened, up to the next empty line.
 */

export interface Block {
  /** Comment and empty lines before the commands, kept as they are. */
  readonly before: readonly string[]
  /** None at the end of the file, where only comments are left. */
  readonly commands: readonly string[]
}

const separator = '----'

/** Throws an error that names the line of a command without its separator. */
export function parseScenario(text: string): Block[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const before: string[] = []
    while (at < lines.length && (lines[at] === '' || lines[at]!.startsWith('#'))) before.push(lines[at++]!)
    const commands: string[] = []
    while (at < lines.length && lines[at] !== separator && lines[at] !== '') commands.push(lines[at++]!)
    if (commands.length === 0 && at === lines.length) {
      blocks.push({ before, commands })
      break
    }
    if (lines[at] !== separator) throw new Error(`line ${at + 1}: '${separator}' must follow the commands`)
    at += 1
    while (at < lines.length && lines[at] !== '') at += 1
    blocks.push({ before, commands })
  }
  return blocks
}

/** The file again, with what the commands say now. */
export function printScenario(blocks: readonly Block[], answers: readonly (readonly string[])[]): string {
  const lines = blocks.flatMap(({ before, commands }, index) =>
    commands.length === 0 ? before : [...before, ...commands, separator, ...answers[index]!],
  )
  return `${lines.join('\n')}\n`
}
