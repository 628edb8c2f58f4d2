/** O11: a silent processor is waited for only as long as no code covers its loss with all else that is missing. */
import type { ErasureCode } from '../../parity/index.ts'
import type { ConductorState, Place } from '../../protocol/index.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import { isRecoverable } from './recoverable.ts'

interface Machine {
  readonly conductor: ConductorState
  holder(place: Place): SimulatedProcessor | null
}

/** Places of silent processors that the conductor could do without and has not given up. */
export function needlesslyWaitedFor(machine: Machine, code: ErasureCode | null): Place[] {
  const { conductor } = machine
  if (code === null || conductor.phase === 'ended') return []
  const silent: Place[] = []
  for (const place of conductor.members.keys()) if (machine.holder(place)?.isSilent) silent.push(place)
  if (silent.length === 0 || !isRecoverable(code, new Set([...conductor.missing, ...silent]))) return []
  return silent
}
