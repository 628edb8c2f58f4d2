import { defaultLogRules } from './default-rules.ts'
import { literalLogRules } from './literal-rules.ts'
import type { LogRules } from './rules.ts'
import { volatileLogRules } from './volatile-rules.ts'

const ruleSets = { default: defaultLogRules, literal: literalLogRules, volatile: volatileLogRules }

export type LogRulesName = keyof typeof ruleSets

/**
 * The rules by name. `volatile` is for synchronous schemes, which log nothing. `literal` is the paper taken literally: it
 * loses and doubles messages, and only the simulator offers it. An object of rules is returned as it is.
 */
export function logRules(rules: LogRulesName | LogRules): LogRules {
  return typeof rules === 'object' ? rules : ruleSets[rules]
}
