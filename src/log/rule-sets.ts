import { defaultLogRules } from './default-rules.ts'
import { literalLogRules } from './literal-rules.ts'
import type { LogRules } from './rules.ts'

export type LogRulesName = 'default' | 'literal'

/**
 * The rules by name. `literal` is the paper taken at its word: it loses and doubles messages. Simulator only, as are
 * rules of one's own, which come back as they are.
 */
export function logRules(rules: LogRulesName | LogRules): LogRules {
  if (typeof rules === 'object') return rules
  return rules === 'default' ? defaultLogRules : literalLogRules
}
