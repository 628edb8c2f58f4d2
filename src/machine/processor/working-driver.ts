import type { Epoch } from '../../base/index.ts'
import type { Contents, Shipment, TransportPort } from '../../carrier/index.ts'
import type { PageRanges } from '../../memory/index.ts'
import type { PageBatch, Room } from '../../parity/index.ts'
import type {
  ApplicationEffect,
  ApplicationEvent,
  CheckEffect,
  CheckEvent,
  Envelope,
  Frame,
  Place,
} from '../../protocol/index.ts'
import { effectLine, eventLine } from '../wire/trace-line.ts'
import { type Keep, LentPages } from './lent-pages.ts'
import { type PlaceDriver, type ProcessorContext, pagesPerBatch } from './place-driver.ts'
import { shipPaced } from './shipping.ts'

/**
 * What all place drivers have in common: what they do is traced, and their frames leave over the links to other
 * processors.
 */
export abstract class WorkingDriver implements PlaceDriver, TransportPort {
  abstract readonly state: {
    readonly place: Place
    readonly epoch: Epoch
    readonly hops: readonly unknown[] | null
    readonly early: readonly { readonly frame: Frame }[]
  }
  readonly transport = this
  readonly pagesPerPart = pagesPerBatch
  protected readonly surroundings: ProcessorContext
  readonly #pages = new LentPages((batch) =>
    this.state.early.some(({ frame }) => 'batch' in frame && frame.batch === batch),
  )
  /** Of the effect that is being carried out. */
  #batch: PageBatch | null = null
  /** How many events are being handled, each brought about by the one before. */
  #dispatches = 0
  /** What a chain passes on that waits for a slot, one after another; what is shipped next goes behind it. */
  #passing: Promise<void> = Promise.resolve()
  #passes = 0

  constructor(surroundings: ProcessorContext) {
    this.surroundings = surroundings
  }

  abstract rest(): ReturnType<PlaceDriver['rest']>
  /** Has the state machine's carrier handle an event. */
  protected abstract handle(event: CheckEvent | ApplicationEvent): void

  get place(): Place {
    return this.state.place
  }

  get epoch(): Epoch {
    return this.state.epoch
  }

  receive(epoch: Epoch, from: Place, frame: Frame, keep: Keep): void {
    const { epoch: before } = this.state
    this.#pages.handle(frame, keep, () => this.dispatch({ type: 'frame', epoch, from, frame }))
    if (this.state.epoch !== before) this.surroundings.peers.beginEpoch(this.state.epoch)
  }

  dispatch(event: CheckEvent | ApplicationEvent): void {
    this.#dispatches += 1
    this.handle(event)
    this.#dispatches -= 1
    if (this.#dispatches === 0) this.#pages.settle()
  }

  /** A process knows best what it uses itself. */
  expect(_pages: PageRanges): void {}

  /** Where there is no program, nothing is done but what others ask for. */
  standStill(): void {}

  goOn(_silentMs: number): void {}

  fence(): void {
    this.dispatch({ type: 'fenced' })
  }

  comes(event: ApplicationEvent | CheckEvent): void {
    this.surroundings.trace?.(eventLine(this.place, this.epoch, event))
  }

  begins(effect: ApplicationEffect | CheckEffect): void {
    this.surroundings.trace?.(effectLine(this.place, this.epoch, effect))
    this.#batch = 'batch' in effect ? effect.batch : null
  }

  /** The effect that is being carried out needs its pages until the function that this returns is called. */
  protected claimPages(): () => void {
    return this.#batch === null ? () => {} : this.#pages.claim(this.#batch)
  }

  send(to: Place, epoch: Epoch, frame: Frame): void {
    const { tell, peers } = this.surroundings
    if (to === 'conductor') tell({ type: 'frame', epoch, from: this.place, frame })
    else peers.send({ epoch, from: this.place, to, frame })
  }

  /**
   * Waits for a slot while none is free, and the part that came stays in that of its sender: so a chain goes as fast as its
   * slowest place. Several chains in opposite directions could wait for each other; what they pass on goes at once, if need
   * be in memory of its own, and what waits to be sent is one image of each at most.
   */
  sendPages(to: Place, epoch: Epoch, make: (room?: Room) => Frame): void {
    const { peers } = this.surroundings
    const makeEnvelope = (room: Room): Envelope => ({ epoch, from: this.place, to, frame: make(room) })
    if (this.#passes > 0 || this.#waitsFor(to, epoch)) this.#pass(to, epoch, makeEnvelope)
    else peers.sendPages(to, makeEnvelope)
  }

  #waitsFor(to: Place, epoch: Epoch): boolean {
    const isAlone = (this.state.hops?.length ?? 0) <= 1
    return isAlone && this.epoch === epoch && !this.surroundings.peers.isReadyFor(to)
  }

  #pass(to: Place, epoch: Epoch, makeEnvelope: (room: Room) => Envelope): void {
    const { peers, run } = this.surroundings
    const pagesAreRead = this.claimPages()
    this.#passes += 1
    this.#passing = this.#passing.then(async () => {
      while (this.#waitsFor(to, epoch)) await peers.whenReadyFor(to)
      if (this.epoch === epoch) peers.sendPages(to, makeEnvelope)
      this.#passes -= 1
      pagesAreRead()
    })
    run(this.#passing)
  }

  ship(shipment: Shipment, contents: Contents): void {
    const { surroundings } = this
    if (this.#passes === 0) surroundings.run(shipPaced(this, surroundings, shipment, contents))
    else surroundings.run(this.#passing.then(() => shipPaced(this, surroundings, shipment, contents)))
  }
}
