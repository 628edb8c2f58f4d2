import { unreachable } from '../base/index.ts'
import {
  type ApplicationEffect,
  type ApplicationEvent,
  type ApplicationState,
  stepApplication,
} from '../protocol/index.ts'
import { Carrier, type Onlooker } from './carrier.ts'
import { chainContents, passImage } from './contents.ts'
import type { Contents, MemoryPort, ProgramPort, StorePort, TimerPort, TransportPort } from './ports.ts'

export interface ApplicationPorts {
  readonly state: ApplicationState
  readonly transport: TransportPort
  readonly timer: TimerPort
  readonly memory: MemoryPort
  readonly program: ProgramPort
  readonly store: StorePort
}

export type ApplicationCarrier = Carrier<ApplicationState, ApplicationEvent, ApplicationEffect, ApplicationPorts>

export function carryApplication(
  ports: ApplicationPorts,
  onlooker?: Onlooker<ApplicationEvent, ApplicationEffect>,
  step: (state: ApplicationState, event: ApplicationEvent) => readonly ApplicationEffect[] = stepApplication,
): ApplicationCarrier {
  return new Carrier(ports, step, carryOut, onlooker)
}

function carryOut(effect: ApplicationEffect, ports: ApplicationPorts): void {
  const { transport, memory, program } = ports
  switch (effect.type) {
    case 'send':
      transport.send(effect.to, effect.epoch, effect.frame)
      return
    case 'shipDelta':
    case 'shipImage':
      transport.ship(effect, shippedMemory(effect, ports))
      return
    case 'passImage':
      passImage(effect, memory.content.chainShare(effect.checkpoint), transport)
      return
    case 'capture':
      memory.capture(effect.checkpoint, effect.blobs)
      return
    case 'recycle':
      memory.recycle(effect.checkpoint)
      return
    case 'restore':
    case 'clear':
    case 'absorb':
    case 'adopt':
      memory.put(effect)
      return
    case 'armTimeout':
      ports.timer.arm()
      return
    case 'runStep':
      program.run(effect.first, effect.deliveries)
      return
    case 'stopProgram':
      ports.timer.disarm()
      program.stop()
      return
    case 'freeze':
      program.freeze(effect.checkpoint)
      return
    case 'thaw':
      program.thaw(effect.checkpoint)
      return
    case 'store':
      ports.store.store(effect)
      return
    case 'load':
      ports.store.load(effect)
      return
    default:
      unreachable(effect)
  }
}

/** What an application processor ships: its newest capture's delta, or its share in a chain. */
export function shippedMemory(
  shipment: Extract<ApplicationEffect, { type: 'shipDelta' | 'shipImage' }>,
  { state, transport: { pagesPerPart }, memory: { content } }: ApplicationPorts,
): Contents {
  const { checkpoint } = shipment
  if (shipment.type === 'shipImage') {
    const known = () => [...shipment.checksums, { rank: state.options.rank, sums: content.checksums(checkpoint) }]
    return chainContents(shipment, content.chainShare(checkpoint), pagesPerPart, known)
  }
  return {
    batches: (room) => content.delta(pagesPerPart, room),
    part: (batch, part) => ({ type: 'delta', checkpoint, part, batch }),
    end: (parts) => ({ type: 'deltaEnd', checkpoint, parts, checksums: content.checksums(checkpoint) }),
  }
}
