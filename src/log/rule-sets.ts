import { defaultLogRules } from './default-rules.ts'
import { literalLogRules } from './literal-rules.ts'
import type { LogRules } from './rules.ts'

export type LogRulesName = 'default' | 'literal'

/** The rules by name. `literal` is the paper taken at its word: it loses and doubles messages. Simulator only. */
export function logRules(name: LogRulesName): LogRules {
  return name === 'default' ? defaultLogRules : literalLogRules
}
