import type { Command } from 'commander'
import type { Surroundings } from './surroundings.ts'

/**
 * What a command does. It runs outside of commander, whose frames would stand in the stack of what a program throws. What
 * it needs is loaded only when it runs.
 */
export type Task = (surroundings: Surroundings) => Promise<void>

/** Gives `command` its description, its arguments and its options, and an action that chooses what to do. */
export type Define = (command: Command, choose: (task: Task) => void) => void

/** Gathers what is given to an option that may come several times. */
export const gather = (text: string, gathered: readonly string[]): readonly string[] => [...gathered, text]

/** The option that every command has which prints results. */
export const jsonOption = ['--json', 'print one JSON object as the last line; all else goes to stderr'] as const

/** A command as the list of all shows it. Its definition is loaded only when it is chosen. */
export interface CommandEntry {
  readonly name: string
  /** Of its arguments, as the definition has them. */
  readonly terms: string
  readonly summary: string
  load(): Promise<Define>
}
