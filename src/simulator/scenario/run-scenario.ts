import { commands } from './commands.ts'
import { ScenarioError } from './error.ts'
import { parseScenario, printScenario } from './parse.ts'
import { parseMachine, type Seen, Stage } from './stage.ts'

const broken = 'ASSERTION'

/** Whoever follows a scenario while it is played. */
export interface ScenarioWatcher {
  /** A machine starts. `why`: the comment lines before it. */
  machineStarts(why: readonly string[]): void
  saw(seen: Seen): void
  /** What a command says, told or not. */
  told(lines: readonly string[]): void
}

/**
 * Plays a scenario file. A line may hold several commands, `send a0 a1 m; receive a1`; `quietly` at its beginning
 * drops what they say, unless an assertion broke.
 * Returns the file with what its commands say now: equal to `text` if all is as expected.
 */
export function runScenario(text: string, watcher: ScenarioWatcher | null = null): string {
  const blocks = parseScenario(text)
  let stage: Stage | null = null
  const answers = blocks.map(({ before, commands: given }) => {
    const lines: string[] = []
    for (const line of given) {
      const isQuiet = line.startsWith('quietly ')
      for (const command of line.replace(/^quietly /, '').split('; ')) {
        const [name, ...words] = command.split(/\s+/)
        if (name === 'machine') {
          watcher?.machineStarts(before.filter((one) => one.startsWith('#')))
          stage = new Stage(parseMachine(words), watcher && ((seen) => watcher.saw(seen)))
          continue
        }
        const told = answer(stage, name!, words)
        watcher?.told(told)
        lines.push(...(isQuiet ? told.filter((one) => one.startsWith(broken)) : told))
      }
    }
    return given.length > 0 && lines.length === 0 ? ['ok'] : lines
  })
  return printScenario(blocks, answers)
}

/** A broken assertion is part of the story where a rule is off; a wrong command is not. */
function answer(stage: Stage | null, name: string, words: readonly string[]): string[] {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new ScenarioError(`there is no command '${name}'`)
  if (!stage) throw new ScenarioError(`'${name}' needs a machine`)
  try {
    return command(stage, words)
  } catch (error) {
    if (error instanceof ScenarioError) throw error
    return [...stage.tellStory(), `${broken}: ${error instanceof Error ? error.message : error}`]
  }
}
