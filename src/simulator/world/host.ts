import type { Epoch } from '../../base/index.ts'
import {
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
export abstract class Host implements TransportPort {
  readonly transport = this
  readonly pagesPerPart = pagesPerPart
  readonly #port: Port
  shipments: Shipping[] = []

  constructor(port: Port) {
    this.#port = port
  }

  /** What was begun in another epoch ends. */
  protected keepOnly(epoch: Epoch): void {
    if (this.shipments.length > 0) this.shipments = this.shipments.filter((one) => one.epoch === epoch)
  }

  /** The step, and `keepOnly` after it. */
  protected ending<State extends { readonly epoch: Epoch }, Event, Effect>(
    step: (state: State, event: Event) => readonly Effect[],
  ): (state: State, event: Event) => readonly Effect[] {
    return (state, event) => {
      const effects = step(state, event)
      this.keepOnly(state.epoch)
      return effects
    }
  }

  send(to: Place, epoch: Epoch, frame: Frame): void {
    this.#port.send(to, epoch, frame)
  }

  sendPages(to: Place, epoch: Epoch, make: (room?: Room) => Frame): void {
    this.#port.send(to, epoch, make())
  }

  ship(shipment: Shipment, contents: Contents): void {
    const { epoch } = shipment
    for (const to of receiversOf(shipment)) this.shipments.push({ epoch, to, frames: framesOf(contents) })
  }
}
