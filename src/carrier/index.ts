/**
 * Carries out the effects of the protocol's state machines, in order, over ports. Whatever runs the protocol is an adapter:
 * it says what sending, a timer, a memory, a program and a disk are in its world, and never looks at an effect by itself.
 */
export { type ApplicationCarrier, type ApplicationPorts, carryApplication, shippedMemory } from './application.ts'
export { type CandidateCarrier, type CandidatePorts, carryCandidate, isOfConductor } from './candidate.ts'
export { Carrier, type Onlooker } from './carrier.ts'
export { type CheckCarrier, type CheckPorts, carryCheck, shippedParity } from './check.ts'
export { type ConductorCarrier, type ConductorPorts, carryConductor } from './conductor.ts'
export { framesOf, RealContent } from './contents.ts'
export { doMemoryWork } from './memory-work.ts'
export {
  type CandidatePort,
  type ChainShare,
  type Contents,
  type Ending,
  type ManifestPort,
  type MemoryContent,
  type MemoryPort,
  type MemoryWork,
  noManifests,
  noStore,
  type OfficePort,
  type ParityPort,
  type ProgramPort,
  type RecordPort,
  type ReleasePort,
  type Restorable,
  receiversOf,
  type Shipment,
  type StorePort,
  type TimerPort,
  type TransportPort,
} from './ports.ts'
