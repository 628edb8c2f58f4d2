import { assert } from '../../base/index.ts'
import type { StepEnded } from '../../protocol/index.ts'
import type { ApplicationHost } from './application-host.ts'
import { SimulatedProcess, type SimulatedProgram } from './process.ts'

/** Does `program` as the step that a process is in. `choose`: a number below `count`; `nextId`: of what is sent under a tag. */
export function runStep(
  { step, journal, state }: ApplicationHost,
  program: SimulatedProgram,
  surroundings: { choose(count: number): number; nextId(tag: string): number },
): StepEnded {
  assert(step !== null, 'a step that ends has begun')
  const { rank, processes } = state.options
  return new SimulatedProcess({ rank, processes, journal, ...surroundings }, step).run(program)
}
