import { verdictOf } from '../../machine/index.ts'
import type { FinishedRun, Program } from '../../program/index.ts'

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
  const problem = await verdictOf(`verify of program '${program.name}'`, () => program.verify!(run))
  if (problem !== null) return { kind: 'wrong', what: problem }
  const subject = program.output === undefined ? 'result' : 'output'
  const how = program.verifiedAgainst === undefined ? 'by the program' : `against ${program.verifiedAgainst}`
  return { kind: 'right', line: `${subject} verified ${how}` }
}
