import { isError, messageOf } from '../base/index.ts'
import { describeFailure, InterruptedError, ProgramError, UncoveredLossError } from '../machine/index.ts'
import { type CommandFailure, exitCodes, ViolationError, WrongResultError } from './exit-codes.ts'
import { usageFailure } from './usage-failure.ts'

/** What to tell the user of an error that ended the command. */
export function describeError(error: unknown): CommandFailure {
  const ofUsage = usageFailure(error)
  if (ofUsage !== null) return ofUsage
  if (error instanceof ViolationError) return { exitCode: exitCodes.program, error: messageOf(error), detail: null }
  if (error instanceof WrongResultError) return { exitCode: exitCodes.program, error: messageOf(error), detail: null }
  if (error instanceof ProgramError) {
    return { exitCode: exitCodes.program, error: messageOf(error), detail: error.detail || null }
  }
  if (error instanceof UncoveredLossError) {
    return { exitCode: exitCodes.uncoveredLoss, error: messageOf(error), detail: null }
  }
  if (error instanceof InterruptedError)
    return { exitCode: exitCodes.interrupted, error: messageOf(error), detail: null }
  return defect(error)
}

/**
 * Runs a part of the program that is run here and not on a processor. What it throws is the program's fault, unless
 * `isUsersFault` and it is a `UsageError`, or the run was interrupted.
 */
export async function asProgramPart<Value>(
  what: string,
  part: () => Value | Promise<Value>,
  isUsersFault: (error: unknown) => boolean = () => false,
): Promise<Value> {
  try {
    return await part()
  } catch (error) {
    throw isError(error) && (error instanceof InterruptedError || isUsersFault(error))
      ? error
      : programFault(what, error)
  }
}

/** The `ProgramError` for what a part of the program threw. */
export function programFault(what: string, thrown: unknown): ProgramError {
  return new ProgramError(`${what} failed: ${messageOf(thrown)}`, describeFailure(thrown).error)
}

function defect(error: unknown): CommandFailure {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const request = 'This is a defect of Paritas itself. Please report it, with the command and these lines.'
  return {
    exitCode: exitCodes.defect,
    error: `internal error: ${messageOf(error)}`,
    detail: stack === '' ? request : `${stack}\n${request}`,
  }
}
