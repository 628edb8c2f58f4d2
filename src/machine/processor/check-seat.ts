import type { Epoch } from '../../base/index.ts'
import { type KernelModule, type PageBatch, ParityStore } from '../../parity/index.ts'
import {
  type CheckEffect,
  type CheckEvent,
  type CheckState,
  checkpointPlace,
  createBackup,
  createCheckpoint,
  describeEffect,
  describeEvent,
  type Frame,
  type Place,
  stepBackup,
  stepCheckpoint,
} from '../../protocol/index.ts'
import { EventLoop } from '../event-loop.ts'
import { pageSizeBytes, pagesPerBatch, type Seat, type Surroundings } from './seat.ts'
import { sendLast, shipPages } from './shipping.ts'

export interface CheckSeatOptions {
  readonly place: Place
  readonly epoch: Epoch
  readonly kernels: KernelModule
  readonly surroundings: Surroundings
}

type Ship = Extract<CheckEffect, { type: 'shipMerged' | 'shipParity' }>

/** The checkpoint processor or its backup: the state machine, and the parity that it speaks of. */
export class CheckSeat implements Seat {
  readonly place: Place
  readonly #state: CheckState
  readonly #store: ParityStore
  readonly #surroundings: Surroundings
  readonly #loop: EventLoop<CheckEvent, CheckEffect>

  constructor({ place, epoch, kernels, surroundings }: CheckSeatOptions) {
    const { processes } = surroundings.configuration
    const { state, step } = machineFor(place, epoch, processes)
    this.place = place
    this.#state = state
    this.#store = new ParityStore(kernels, { pageSizeBytes })
    this.#surroundings = surroundings
    const { trace } = surroundings
    this.#loop = new EventLoop(
      (event) => {
        trace?.({ place, epoch: state.epoch, kind: 'event', text: describeEvent(event) })
        return step(event)
      },
      (effect) => {
        trace?.({ place, epoch: state.epoch, kind: 'effect', text: describeEffect(effect) })
        this.#carryOut(effect)
      },
    )
  }

  get epoch(): Epoch {
    return this.#state.epoch
  }

  receive(epoch: Epoch, from: Place, frame: Frame): void {
    this.#loop.dispatch({ type: 'frame', epoch, from, frame })
  }

  fence(): void {
    this.#loop.dispatch({ type: 'fenced' })
  }

  #carryOut(effect: CheckEffect): void {
    switch (effect.type) {
      case 'send':
        this.#send(effect.epoch, effect.to, effect.frame)
        return
      case 'stage':
        this.#store.stage(effect.batch)
        return
      case 'applyStaged':
        this.#store.applyStaged()
        return
      case 'dropStaged':
        this.#store.dropStaged()
        return
      case 'clear':
        this.#store.clear()
        return
      case 'absorb':
        this.#store.absorb(effect.batch)
        return
      case 'shipMerged':
        this.#surroundings.run(this.#ship(effect, this.#store.staged(pagesPerBatch)))
        return
      case 'shipParity':
        this.#surroundings.run(this.#ship(effect, this.#store.image(pagesPerBatch)))
        return
    }
  }

  /** Parity and staged delta stay as they are while the epoch lasts and the commit is not decided. */
  async #ship(effect: Ship, batches: Iterable<PageBatch>): Promise<void> {
    const { to, epoch, checkpoint, checksums } = effect
    const isMerged = effect.type === 'shipMerged'
    const makeFrame = (batch: PageBatch, part: number): Frame =>
      isMerged ? { type: 'merged', checkpoint, part, batch } : { type: 'image', part, batch }
    const shipper = { place: this.place, surroundings: this.#surroundings, epoch: () => this.epoch }
    const shipped = await shipPages(shipper, { to, epoch, batches, makeFrame })
    if (shipped === null) return
    const parts = shipped.count
    const last: Frame =
      effect.type === 'shipMerged'
        ? { type: 'mergedEnd', checkpoint, parts, checksums: effect.checksums }
        : { type: 'imageEnd', parts, checksums }
    sendLast(shipper, to, epoch, last)
  }

  #send(epoch: Epoch, to: Place, frame: Frame): void {
    const { tell, peers } = this.#surroundings
    if (to === 'conductor') tell({ type: 'frame', epoch, from: this.place, frame })
    else peers.send({ epoch, from: this.place, to, frame })
  }
}

function machineFor(place: Place, epoch: Epoch, processes: number) {
  if (place === checkpointPlace) {
    const state = createCheckpoint(epoch, { processes })
    return { state, step: (event: CheckEvent) => stepCheckpoint(state, event) }
  }
  const state = createBackup(epoch, { processes })
  return { state, step: (event: CheckEvent) => stepBackup(state, event) }
}
