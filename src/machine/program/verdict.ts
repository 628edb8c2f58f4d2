import { describeValue, messageOf } from '../../base/index.ts'
import { ProgramError } from '../run.ts'
import { describeFailure } from './program-failure.ts'

/**
 * What a program's own check says is wrong, or null if it says that all is right. Throws a `ProgramError` if it throws, or
 * returns neither a text nor null; `what` is for instance `verify of program 'ring'`.
 */
export async function verdictOf(what: string, check: () => unknown): Promise<string | null> {
  let said: unknown
  try {
    said = await check()
  } catch (error) {
    throw new ProgramError(`${what} failed: ${messageOf(error)}`, describeFailure(error).error)
  }
  if (said === null || (typeof said === 'string' && said.trim() !== '')) return said
  const given = describeValue(said)
  throw new ProgramError(`${what} must return a text that says what is wrong, or null, but returned ${given}`, '')
}
