import { isFault } from '../faults/moves.ts'
import { writeScenario } from '../scenario/write-scenario.ts'
import { type RandomRunOptions, runSeed } from './random-run.ts'
import { type Script, shrink } from './shrink.ts'

/** A run that went wrong, as short as it could be made. */
export interface MinimalFailure {
  readonly script: Script
  /** What happens before everything else does in turn. */
  readonly moves: number
  /** How many of the moves are faults. */
  readonly faults: number
  /** The text of a scenario file. */
  readonly scenario: string
}

/** Runs a seed again that goes wrong with these options, shortens the run, and tells it as a scenario. */
export function minimize(seed: number, options: RandomRunOptions = {}): MinimalFailure | null {
  const { machine, moves, violation } = runSeed(seed, { ...options, record: true })
  if (!violation) return null
  const found = shrink({ machine, settlesFirst: false, moves })
  if (!found?.violation) return null
  const { script } = found
  const why = [
    `Found by seed ${seed}, and shortened. ${found.violation.kind}: ${found.violation.detail.split('\n')[0]}`,
  ]
  const faults = script.moves.filter(isFault).length
  return { script, moves: script.moves.length, faults, scenario: writeScenario(found, why) }
}
