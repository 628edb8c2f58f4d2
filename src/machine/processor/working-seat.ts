import type { Epoch } from '../../base/index.ts'
import {
  type Carried,
  Carrier,
  type Contents,
  type Onlooker,
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
  Rest,
} from '../../protocol/index.ts'
import { effectLine, eventLine } from '../wire/trace-line.ts'
import { LentPages } from './lent-pages.ts'
import { pagesPerBatch, type Seat, type Surroundings } from './seat.ts'
import { shipPaced } from './shipping.ts'

/** What all seats have in common: the state machine is driven, and its frames leave over the links to the other processors. */
export abstract class WorkingSeat<
  State extends { readonly place: Place; readonly epoch: Epoch },
  Event extends ApplicationEvent | CheckEvent,
  Effect extends ApplicationEffect | CheckEffect,
> implements Carried<Event | CheckEvent, Effect>, Seat, TransportPort, Onlooker<Event | CheckEvent, Effect>
{
  readonly pagesPerPart = pagesPerBatch
  readonly watch = this
  readonly state: State
  protected readonly surroundings: Surroundings
  readonly #carrier: Carrier<Event | CheckEvent, Effect>
  /** Of the frame that is being handled. */
  #pages: LentPages | null = null

  constructor(state: State, surroundings: Surroundings) {
    this.state = state
    this.surroundings = surroundings
    this.#carrier = new Carrier<Event | CheckEvent, Effect>(this)
  }

  abstract decide(event: Event | CheckEvent): readonly Effect[]
  abstract carryOut(effect: Effect): void
  abstract rest(): ReturnType<Seat['rest']>

  comes(event: Event | CheckEvent): void {
    this.surroundings.trace?.(eventLine(this.place, this.epoch, event))
  }

  begins(effect: Effect): void {
    this.surroundings.trace?.(effectLine(this.place, this.epoch, effect))
  }

  did(effect: Effect): void {
    const one: ApplicationEffect | CheckEffect = effect
    if ('batch' in one && !this.isPutBy(effect)) this.#pages?.noteUsed(one.batch)
  }

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

  protected dispatch(event: Event | CheckEvent): void {
    this.#carrier.dispatch(event)
  }

  /** Whether what the effect is about waits, so that its pages are still needed. */
  protected isPutBy(_effect: Effect): boolean {
    return false
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
