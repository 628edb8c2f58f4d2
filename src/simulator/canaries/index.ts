/**
 * Protocols that are broken on purpose, one rule each. Random runs must find every one: a checker that finds no canary
 * is a defect. Each stands around the production state machines, which know nothing of them.
 */
import { applicationCanaries } from './application.ts'
import { candidateCanaries } from './candidate.ts'
import { checkCanaries } from './check.ts'
import { conductorCanaries } from './conductor.ts'
import { diskCanaries } from './disk.ts'
import { hostCanaries } from './hosts.ts'
import { logCanaries } from './log.ts'
import { synchronousCanaries } from './synchronous.ts'

export const canaries = {
  ...logCanaries,
  ...applicationCanaries,
  ...checkCanaries,
  ...conductorCanaries,
  ...synchronousCanaries,
  ...diskCanaries,
  ...candidateCanaries,
  ...hostCanaries,
}

export type CanaryName = keyof typeof canaries
