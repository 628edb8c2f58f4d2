import { type ConductorEffect, type ConductorEvent, type ConductorState, stepConductor } from '../protocol/index.ts'
import { Carrier, type Handlers, type Onlooker } from './carrier.ts'
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
  return new Carrier(ports, step, handlers, onlooker)
}

type WithoutOutput = Exclude<ConductorEffect, { type: 'output' }>

/** Of all but output, which not everybody who conducts lets go of at once. */
export const conductorHandlers: Handlers<
  WithoutOutput,
  Omit<ConductorPorts, 'state' | 'outside'> & { readonly outside: Pick<OutsidePort, 'end'> }
> = {
  send: ({ to, epoch, frame }, { transport }) => transport.send(to, epoch, frame),
  assign: ({ place, processor, epoch }, { crew }) => crew.assign(place, processor, epoch),
  fence: ({ processor }, { crew }) => crew.fence(processor),
  recoveryBegan: (effect, { recovery }) => recovery.began(effect),
  lineFound: (effect, { recovery }) => recovery.lineFound(effect),
  resumed: (effect, { recovery }) => recovery.resumed(effect),
  seal: (effect, { store }) => store.seal(effect),
  stored: (effect, { store }) => store.tell(effect),
  notStored: (effect, { store }) => store.tell(effect),
  passedOver: (effect, { store }) => store.tell(effect),
  finished: (effect, { outside }) => outside.end(effect),
  uncovered: (effect, { outside }) => outside.end(effect),
  programFailed: (effect, { outside }) => outside.end(effect),
  repeatedLoss: (effect, { outside }) => outside.end(effect),
  damaged: (effect, { outside }) => outside.end(effect),
}

const handlers: Handlers<ConductorEffect, ConductorPorts> = {
  ...conductorHandlers,
  output: (effect, { outside }) => outside.output(effect),
}
