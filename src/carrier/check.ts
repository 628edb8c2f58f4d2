import {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  mergeChecksums,
  stepCheck,
} from '../protocol/index.ts'
import { Carrier, type Handlers, type Onlooker } from './carrier.ts'
import { chainContents, passImage } from './contents.ts'
import type { ChainShare, Contents, ParityPort, TransportPort } from './ports.ts'

type EitherState = CheckpointState | BackupState

export interface CheckPorts {
  readonly state: EitherState
  readonly transport: TransportPort
  readonly parity: ParityPort
}

export type CheckCarrier = Carrier<EitherState, CheckEvent, CheckEffect, CheckPorts>

export function carryCheck(
  ports: CheckPorts,
  onlooker?: Onlooker<CheckEvent, CheckEffect>,
  step: (state: EitherState, event: CheckEvent) => readonly CheckEffect[] = stepCheck,
): CheckCarrier {
  return new Carrier(ports, step, handlers, onlooker)
}

const handlers: Handlers<CheckEffect, CheckPorts> = {
  send: ({ to, epoch, frame }, { transport }) => transport.send(to, epoch, frame),
  shipMerged: (effect, ports) => ports.transport.ship(effect, shippedParity(effect, ports)),
  shipImage: (effect, ports) => ports.transport.ship(effect, shippedParity(effect, ports)),
  passImage: (effect, { parity, transport }) => passImage(effect, chainShareOf(parity), transport),
  stage: ({ batch, coefficient }, { parity }) => parity.stage(batch, coefficient),
  applyStaged: (_, { parity }) => parity.applyStaged(),
  dropStaged: (_, { parity }) => parity.dropStaged(),
  clear: (_, { parity }) => parity.clear(),
  absorb: ({ batch }, { parity }) => parity.absorb(batch),
}

/**
 * What a check processor ships: its share in a chain, or the merged delta, which stays as it is while the epoch lasts and
 * the commit is not decided.
 */
export function shippedParity(
  shipment: Extract<CheckEffect, { type: 'shipMerged' | 'shipImage' }>,
  { state, transport: { pagesPerPart }, parity }: CheckPorts,
): Contents {
  if (shipment.type === 'shipImage') {
    const known = () => mergeChecksums(shipment.checksums, state.checksums)
    return chainContents(shipment, chainShareOf(parity), pagesPerPart, known)
  }
  const { checkpoint, checksums } = shipment
  return {
    batches: (room) => parity.staged(pagesPerPart, room),
    part: (batch, part) => ({ type: 'merged', checkpoint, part, batch }),
    end: (parts) => ({ type: 'mergedEnd', checkpoint, parts, checksums }),
  }
}

function chainShareOf(parity: ParityPort): ChainShare {
  return {
    pageEnd: parity.pageEnd,
    add: (coefficient, incoming, first, end, room) => parity.addPages(coefficient, incoming, first, end, room),
  }
}
