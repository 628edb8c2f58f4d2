import type { Epoch } from '../../base/index.ts'
import {
  type Carried,
  Carrier,
  type Contents,
  framesOf,
  type Onlooker,
  receiversOf,
  type Shipment,
  type TransportPort,
} from '../../carrier/index.ts'
import type { Room } from '../../parity/index.ts'
import type {
  ApplicationEffect,
  ApplicationEvent,
  CheckEffect,
  CheckEvent,
  Frame,
  Place,
} from '../../protocol/index.ts'
import { type Around, stepAround } from '../canaries/canary.ts'

export type HostEvent = ApplicationEvent | CheckEvent
export type HostEffect = ApplicationEffect | CheckEffect

/** The world around a processor's host, which watches it too. */
export interface Port extends Onlooker<HostEvent, HostEffect> {
  send(to: Place, epoch: Epoch, frame: Frame): void
}

/** A shipment on its way to one of its receivers; it ends when the epoch changes. */
export interface Shipping {
  readonly epoch: Epoch
  readonly to: Place
  readonly frames: Iterator<Frame>
}

/** Few, so that what is shipped takes several frames and can be interrupted between them. */
const pagesPerPart = 6

export const memoryBytesMax = 8 * 2 ** 20

/**
 * What a processor is in a world once it holds a place: what is shipped goes a frame at a time, when the world says so.
 * Hosts and their ports are classes, of no literals and closures: those V8 may take for long-lived, and then each world
 * lives on with them.
 */
export abstract class Host<State extends { readonly epoch: Epoch }, Event extends HostEvent, Effect extends HostEffect>
  implements Carried<Event, Effect>, TransportPort
{
  readonly state: State
  readonly watch: Port
  readonly pagesPerPart = pagesPerPart
  shipments: Shipping[] = []
  readonly #carrier: Carrier<Event, Effect>
  readonly #step: (state: State, event: Event) => Effect[]
  readonly #canary: Around<State, Event, Effect> | undefined

  constructor(
    state: State,
    port: Port,
    step: (state: State, event: Event) => Effect[],
    canary: Around<State, Event, Effect> | undefined,
  ) {
    this.state = state
    this.watch = port
    this.#step = step
    this.#canary = canary
    this.#carrier = new Carrier<Event, Effect>(this)
  }

  abstract carryOut(effect: Effect): void

  handle(event: Event): void {
    this.#carrier.dispatch(event)
  }

  decide(event: Event): readonly Effect[] {
    const { state, shipments } = this
    const effects = stepAround(this.#canary, this.#step, state, event)
    if (shipments.length > 0) this.shipments = shipments.filter(({ epoch }) => epoch === state.epoch)
    return effects
  }

  send(to: Place, epoch: Epoch, frame: Frame): void {
    this.watch.send(to, epoch, frame)
  }

  sendPages(to: Place, epoch: Epoch, make: (room?: Room) => Frame): void {
    this.watch.send(to, epoch, make())
  }

  ship(shipment: Shipment, contents: Contents): void {
    const { epoch } = shipment
    for (const to of receiversOf(shipment)) this.shipments.push({ epoch, to, frames: framesOf(contents) })
  }
}
