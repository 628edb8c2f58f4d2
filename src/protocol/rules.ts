import type { LogRules, LogRulesName } from '../log/index.ts'
import type { Coordination } from './coordination.ts'

/**
 * Which of the scheme's rules are in force. Production runs `defaultRules`; the simulator can run the paper taken
 * literally, and single rules switched off, to show what each of them is there for. docs/correctness.md tells what each trap is.
 */
export interface Rules {
  /** Part of the scheme itself; no rule that can be switched off. */
  readonly coordination: Coordination
  /** Traps 1 to 5 and 11: how the tables of the message log are kept. */
  readonly log: LogRulesName | LogRules
  /** Trap 6: capture before a message of a later interval is delivered. */
  readonly captureBeforeLaterInterval: boolean
  /** Once one processor has captured, the others are asked to, one after another; else each captures in its own time. */
  readonly captureInTurn: boolean
  /** Traps 7 and 9: frames of an older epoch are dropped, so a processor that was replaced cannot interfere. */
  readonly checkEpoch: boolean
  /** Trap 8: a delta that arrives twice is applied once. */
  readonly applyDeltasOnce: boolean
  /** Trap 10: output waits for the commit of the checkpoint that contains it. */
  readonly holdOutput: boolean
}

export const defaultRules: Rules = {
  coordination: 'independent',
  log: 'default',
  captureBeforeLaterInterval: true,
  captureInTurn: true,
  checkEpoch: true,
  applyDeltasOnce: true,
  holdOutput: true,
}

/** The rules in force under a coordination. A synchronous one logs nothing. */
export function rulesFor(coordination: Coordination): Rules {
  return coordination === 'independent' ? defaultRules : { ...defaultRules, coordination, log: 'volatile' }
}

/** The paper taken literally. */
export const literalRules: Rules = {
  coordination: 'independent',
  log: 'literal',
  captureBeforeLaterInterval: false,
  captureInTurn: false,
  checkEpoch: false,
  applyDeltasOnce: false,
  holdOutput: false,
}
