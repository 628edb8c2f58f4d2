import type { EventEmitter } from 'node:events'
import { createColors } from 'picocolors'
import type { RunOptions, RunOutcome } from '../machine/index.ts'

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
  /** Of this package. */
  readonly version: string
  runMachine(options: RunOptions): Promise<RunOutcome>
  /** Milliseconds on a clock that never goes back. */
  now(): number
}

export type Paint = ReturnType<typeof createColors>

/** Colours for `stream`, or none where nobody would see them or nobody wants them. */
export function paintFor(stream: TextStream, env: Surroundings['env']): Paint {
  const isWanted = !env.NO_COLOR && (Boolean(env.FORCE_COLOR) || canRewrite(stream, env))
  return createColors(isWanted)
}

/** Whether `stream` is a terminal that can go back to the start of its line. */
export function canRewrite(stream: TextStream, env: Surroundings['env']): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb'
}
