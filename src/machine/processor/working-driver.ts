import type { Epoch } from '../../base/index.ts'
import type { Contents, Shipment, TransportPort } from '../../carrier/index.ts'
import type { Room } from '../../parity/index.ts'
import type {
  ApplicationEffect,
  ApplicationEvent,
  CheckEffect,
  CheckEvent,
  Frame,
  Place,
} from '../../protocol/index.ts'
import { effectLine, eventLine } from '../wire/trace-line.ts'
import { LentPages } from './lent-pages.ts'
import { type PlaceDriver, type ProcessorContext, pagesPerBatch } from './place-driver.ts'
import { shipPaced } from './shipping.ts'

/**
 * What all place drivers have in common: what they do is traced, and their frames leave over the links to other
 * processors.
 */
export abstract class WorkingDriver implements PlaceDriver, TransportPort {
  abstract readonly state: { readonly place: Place; readonly epoch: Epoch }
  readonly transport = this
  readonly pagesPerPart = pagesPerBatch
  protected readonly surroundings: ProcessorContext
  /** Of the frame that is being handled. */
  #pages: LentPages | null = null

  constructor(surroundings: ProcessorContext) {
    this.surroundings = surroundings
  }

  abstract rest(): ReturnType<PlaceDriver['rest']>
  abstract dispatch(event: CheckEvent): void

  get place(): Place {
    return this.state.place
  }

  get epoch(): Epoch {
    return this.state.epoch
  }

  receive(epoch: Epoch, from: Place, frame: Frame): void {
    const pages = new LentPages(frame)
    this.#pages = pages
    this.dispatch({ type: 'frame', epoch, from, frame })
    pages.end()
  }

  fence(): void {
    this.dispatch({ type: 'fenced' })
  }

  comes(event: ApplicationEvent | CheckEvent): void {
    this.surroundings.trace?.(eventLine(this.place, this.epoch, event))
  }

  begins(effect: ApplicationEffect | CheckEffect): void {
    this.surroundings.trace?.(effectLine(this.place, this.epoch, effect))
  }

  did(effect: ApplicationEffect | CheckEffect): void {
    if ('batch' in effect) this.#pages?.noteUsed(effect.batch)
  }

  send(to: Place, epoch: Epoch, frame: Frame): void {
    const { tell, peers } = this.surroundings
    if (to === 'conductor') tell({ type: 'frame', epoch, from: this.place, frame })
    else peers.send({ epoch, from: this.place, to, frame })
  }

  /**
   * At once: waiting for room would hold up the part that came, and two chains that run in opposite directions could wait
   * for each other. So what waits to be sent is one image at most.
   */
  sendPages(to: Place, epoch: Epoch, make: (room?: Room) => Frame): void {
    this.surroundings.peers.sendPages(to, (room) => ({ epoch, from: this.place, to, frame: make(room) }))
  }

  ship(shipment: Shipment, contents: Contents): void {
    this.surroundings.run(shipPaced(this, this.surroundings, shipment, contents))
  }
}
