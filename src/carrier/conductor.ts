import { unreachable } from '../base/index.ts'
import { type ConductorEffect, type ConductorEvent, type ConductorState, stepConductor } from '../protocol/index.ts'
import { Carrier, type Onlooker } from './carrier.ts'
import type { CrewPort, ManifestPort, OutsidePort, RecoveryPort, TransportPort } from './ports.ts'

export interface ConductorPorts {
  readonly state: ConductorState
  readonly transport: Pick<TransportPort, 'send'>
  readonly crew: CrewPort
  readonly recovery: RecoveryPort
  readonly outside: OutsidePort
  readonly store: ManifestPort
}

export type ConductorCarrier = Carrier<ConductorState, ConductorEvent, ConductorEffect, ConductorPorts>

export function carryConductor(
  ports: ConductorPorts,
  onlooker?: Onlooker<ConductorEvent, ConductorEffect>,
  step: (state: ConductorState, event: ConductorEvent) => readonly ConductorEffect[] = stepConductor,
): ConductorCarrier {
  return new Carrier(ports, step, carryOut, onlooker)
}

function carryOut(effect: ConductorEffect, ports: ConductorPorts): void {
  const { transport, crew, recovery, outside, store } = ports
  switch (effect.type) {
    case 'send':
      transport.send(effect.to, effect.epoch, effect.frame)
      return
    case 'assign':
      crew.assign(effect.place, effect.processor, effect.epoch)
      return
    case 'fence':
      crew.fence(effect.processor)
      return
    case 'recoveryBegan':
      recovery.began(effect)
      return
    case 'lineFound':
      recovery.lineFound(effect)
      return
    case 'resumed':
      recovery.resumed()
      return
    case 'output':
      outside.output(effect)
      return
    case 'seal':
      store.seal(effect)
      return
    case 'stored':
    case 'notStored':
    case 'passedOver':
      store.tell(effect)
      return
    case 'finished':
    case 'uncovered':
    case 'programFailed':
    case 'damaged':
      outside.end(effect)
      return
    default:
      unreachable(effect)
  }
}
