import { ScenarioError } from './error.ts'
import type { Stage } from './stage.ts'

/** Does what a line of a scenario says, and returns what happened. */
export type Command = (stage: Stage, words: readonly string[]) => string[]

/** The `index`-th word of a command. `what` says what it should be, for the error. */
export function word(words: readonly string[], index: number, what: string): string {
  const found = words[index]
  if (found === undefined) throw new ScenarioError(`${what} is missing`)
  return found
}
