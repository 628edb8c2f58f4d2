import { defaultLogRules } from './default-rules.ts'
import { literalLogRules } from './literal-rules.ts'
import type { LogRules } from './rules.ts'
import { volatileLogRules } from './volatile-rules.ts'

const ruleSets = { default: defaultLogRules, literal: literalLogRules, volatile: volatileLogRules }

export type LogRulesName = keyof typeof ruleSets

/**
 * The rules by name. `volatile`: of synchronous schemes, which log nothing. `literal` is the paper taken at its word: it
 * loses and doubles messages. Simulator only, as are rules of one's own, which come back as they are.
 */
export function logRules(rules: LogRulesName | LogRules): LogRules {
  return typeof rules === 'object' ? rules : ruleSets[rules]
}
