import {
  type ApplicationEffect,
  type ApplicationEvent,
  type ApplicationState,
  stepApplication,
} from '../protocol/index.ts'
import { Carrier, type Handlers, type Onlooker } from './carrier.ts'
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
  return new Carrier(ports, step, handlers, onlooker)
}

const handlers: Handlers<ApplicationEffect, ApplicationPorts> = {
  send: ({ to, epoch, frame }, { transport }) => transport.send(to, epoch, frame),
  shipDelta: (effect, ports) => ports.transport.ship(effect, shippedMemory(effect, ports)),
  shipImage: (effect, ports) => ports.transport.ship(effect, shippedMemory(effect, ports)),
  passImage: (effect, { memory, transport }) =>
    passImage(effect, memory.content.chainShare(effect.checkpoint), transport),
  capture: ({ checkpoint, blobs }, { memory }) => memory.capture(checkpoint, blobs),
  recycle: ({ checkpoint }, { memory }) => memory.recycle(checkpoint),
  restore: (effect, { memory }) => memory.put(effect),
  clear: (effect, { memory }) => memory.put(effect),
  absorb: (effect, { memory }) => memory.put(effect),
  adopt: (effect, { memory }) => memory.put(effect),
  armTimeout: (_, { timer }) => timer.arm(),
  runStep: ({ first, deliveries }, { program }) => program.run(first, deliveries),
  stopProgram(_, { timer, program }) {
    timer.disarm()
    program.stop()
  },
  freeze: ({ checkpoint }, { program }) => program.freeze(checkpoint),
  thaw: ({ checkpoint }, { program }) => program.thaw(checkpoint),
  store: (effect, { store }) => store.store(effect),
  load: (effect, { store }) => store.load(effect),
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
