/** How the command ended. These are all the exit codes of our own: `paritas lab` has that of the command that it runs. */
export const exitCodes = { done: 0, usage: 1, program: 2, uncoveredLoss: 3, defect: 70, interrupted: 130 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What is told of an error that ended the command. */
export interface CommandFailure {
  readonly exitCode: ExitCode
  /** One line: what, and where. */
  readonly error: string
  /** What helps further, for instance the program's own stack; null if the line says it all. */
  readonly detail: string | null
}

/** The program finished, but its own `verify` says that the result is wrong. */
export class WrongResultError extends Error {
  override name = 'WrongResultError'
}

/** An exploration has found a run in which a promise of the protocol is broken. */
export class ViolationError extends Error {
  override name = 'ViolationError'
}

/** A command that was run for the user has ended: its exit code is ours. */
export class CommandEnded extends Error {
  override name = 'CommandEnded'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`the command ended with ${exitCode}`)
    this.exitCode = exitCode
  }
}
