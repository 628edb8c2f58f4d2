import { unreachable } from '../base/index.ts'
import {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  mergeChecksums,
  stepCheck,
} from '../protocol/index.ts'
import { Carrier, type Onlooker } from './carrier.ts'
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
  return new Carrier(ports, step, carryOut, onlooker)
}

function carryOut(effect: CheckEffect, ports: CheckPorts): void {
  const { transport, parity } = ports
  switch (effect.type) {
    case 'send':
      transport.send(effect.to, effect.epoch, effect.frame)
      return
    case 'shipMerged':
    case 'shipImage':
      transport.ship(effect, shippedParity(effect, ports))
      return
    case 'passImage':
      passImage(effect, chainShareOf(parity), transport)
      return
    case 'stage':
      parity.stage(effect.batch, effect.coefficient)
      return
    case 'applyStaged':
      parity.applyStaged()
      return
    case 'dropStaged':
      parity.dropStaged()
      return
    case 'clear':
      parity.clear()
      return
    case 'absorb':
      parity.absorb(effect.batch)
      return
    default:
      unreachable(effect)
  }
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
