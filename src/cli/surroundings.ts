import type { EventEmitter } from 'node:events'
import type { MachineSettings, ProcessorsAhead, RunOptions, RunOutcome } from '../machine/index.ts'

/** Where text goes: stdout or stderr. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Everything outside that the command line touches, so that tests can stand in for it. */
export interface Surroundings {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where SIGINT, SIGTERM and SIGHUP arrive. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>
  /** Holds the programs that ship. */
  readonly programsFolder: string
  /** The words behind `--` of `paritas lab`: a command that is run as it is. */
  readonly passedOn: readonly string[]
  /** Of this package. */
  readonly version: string
  /** Starts the first processors of a run in this folder; null where nothing starts any. */
  startAhead(runFolder: string, settings: MachineSettings): Promise<ProcessorsAhead | null>
  runMachine(options: RunOptions): Promise<RunOutcome>
  /** Milliseconds on a clock that never goes back. */
  now(): number
}

/** The code that begins each style, and the one that ends it. */
const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const

/** Gives a text, without ends of styles in it, a style of the terminal. */
export type Paint = Readonly<Record<keyof typeof styles, (text: string) => string>>

const inStyle =
  ([begin, end]: readonly [number, number]) =>
  (text: string) =>
    `\x1b[${begin}m${text}\x1b[${end}m`
const withStyles = Object.fromEntries(Object.entries(styles).map(([name, codes]) => [name, inStyle(codes)])) as Paint
const plain = Object.fromEntries(Object.keys(styles).map((name) => [name, (text: string) => text])) as unknown as Paint

/** Styles for `stream`, or none where nobody would see them or nobody wants them. */
export function paintFor(stream: TextStream, env: Surroundings['env']): Paint {
  return hasColors(stream, env) ? withStyles : plain
}

/**
 * As https://no-color.org has it, and Node: any NO_COLOR forbids colours; FORCE_COLOR demands them, or forbids them as
 * `0` or `false`.
 */
export function hasColors(stream: TextStream, env: Surroundings['env']): boolean {
  const { NO_COLOR, FORCE_COLOR } = env
  if (NO_COLOR) return false
  return FORCE_COLOR ? !/^(0|false)$/i.test(FORCE_COLOR) : canRewrite(stream, env)
}

/**
 * `--color` and `--no-color`, wherever they stand, say more than the environment; the last one counts. Returns the other
 * words, and surroundings in which that is so.
 */
export function readColorOptions(
  argv: readonly string[],
  surroundings: Surroundings,
): { readonly words: readonly string[]; readonly surroundings: Surroundings } {
  const last = argv.findLast(isColorOption)
  if (last === undefined) return { words: argv, surroundings }
  const wanted = last === '--color' ? { NO_COLOR: '', FORCE_COLOR: '1' } : { NO_COLOR: '1' }
  return {
    words: argv.filter((word) => !isColorOption(word)),
    surroundings: { ...surroundings, env: { ...surroundings.env, ...wanted } },
  }
}

export const isColorOption = (word: string): boolean => word === '--color' || word === '--no-color'

/** Whether `stream` is a terminal that can go back to the start of its line. */
export function canRewrite(stream: TextStream, env: Surroundings['env']): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb'
}
