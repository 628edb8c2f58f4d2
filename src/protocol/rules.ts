import type { LogRules, LogRulesName } from '../log/index.ts'

/**
 * Which of the scheme's rules are in force. Production runs `defaultRules`; the simulator can run the paper taken
 * literally, and single rules switched off, to show what each of them is there for (the traps of the design).
 */
export interface Rules {
  /** Traps 1 to 5 and 11: how the tables of the message log are kept. */
  readonly log: LogRulesName | LogRules
  /** Trap 6: capture before a message of a later interval is delivered. */
  readonly captureBeforeLaterInterval: boolean
  /** Traps 7 and 9: frames of an older epoch are dropped, so a processor that was replaced cannot interfere. */
  readonly checkEpoch: boolean
  /** Trap 8: a delta that arrives twice is applied once. */
  readonly applyDeltasOnce: boolean
  /** Trap 10: output waits for the commit of the checkpoint that contains it. */
  readonly holdOutput: boolean
}

export const defaultRules: Rules = {
  log: 'default',
  captureBeforeLaterInterval: true,
  checkEpoch: true,
  applyDeltasOnce: true,
  holdOutput: true,
}

/** The paper at its word. */
export const literalRules: Rules = {
  log: 'literal',
  captureBeforeLaterInterval: false,
  checkEpoch: false,
  applyDeltasOnce: false,
  holdOutput: false,
}
