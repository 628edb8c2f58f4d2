import { describeValue } from '../../base/index.ts'
import { ProgramError } from '../../machine/index.ts'
import type { FinishedRun, Program } from '../../program/index.ts'
import { asProgramPart } from '../failure.ts'

/** What the program's own `verify` says of a finished run. */
export type Verification =
  /** `line` says what was verified, and how. */
  | { readonly kind: 'right'; readonly line: string }
  | { readonly kind: 'wrong'; readonly what: string }
  /** The program has no `verify`. */
  | { readonly kind: 'none' }

/** Lets the program verify its run. Throws a `ProgramError` if `verify` throws, or returns neither a text nor null. */
export async function verifyRun(program: Program, run: FinishedRun): Promise<Verification> {
  if (program.verify === undefined) return { kind: 'none' }
  const verify = `verify of program '${program.name}'`
  const problem: unknown = await asProgramPart(verify, () => program.verify!(run))
  if (typeof problem === 'string' && problem.trim() !== '') return { kind: 'wrong', what: problem }
  if (problem !== null) {
    const given = describeValue(problem)
    throw new ProgramError(`${verify} must return a text that says what is wrong, or null, but returned ${given}`, '')
  }
  const subject = program.output === undefined ? 'result' : 'output'
  const how = program.verifiedAgainst === undefined ? 'by the program' : `against ${program.verifiedAgainst}`
  return { kind: 'right', line: `${subject} verified ${how}` }
}
