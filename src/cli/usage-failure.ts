import { isUsageError, messageOf } from '../base/index.ts'
import { type CommandFailure, exitCodes } from './exit-codes.ts'

/** What is told of bad usage or input; null if `error` is neither. */
export function usageFailure(error: unknown): CommandFailure | null {
  return isUsageError(error) ? { exitCode: exitCodes.usage, error: messageOf(error), detail: null } : null
}
