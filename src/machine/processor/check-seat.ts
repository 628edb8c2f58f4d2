import { assert, type Epoch } from '../../base/index.ts'
import { type ErasureCode, type KernelModule, type PageBatch, ParityStore, type Room } from '../../parity/index.ts'
import {
  type CheckEffect,
  type CheckEvent,
  type CheckState,
  createBackup,
  createCheckpoint,
  type Frame,
  type Image,
  isCheckpointPlace,
  mergeChecksums,
  type Place,
  rowOf,
  stepBackup,
  stepCheckpoint,
} from '../../protocol/index.ts'
import { EventLoop } from '../event-loop.ts'
import { effectLine, eventLine } from '../wire/trace-line.ts'
import { LentPages } from './lent-pages.ts'
import { pageSizeBytes, pagesPerBatch, type Seat, type Surroundings } from './seat.ts'
import { passImage, type Shipper, sendLast, shipImage, shipPages } from './shipping.ts'

export interface CheckSeatOptions {
  readonly place: Place
  readonly epoch: Epoch
  readonly code: ErasureCode
  readonly kernels: KernelModule
  readonly surroundings: Surroundings
}

/** A checkpoint processor or its backup: the state machine, and the parity that it speaks of. */
export class CheckSeat implements Seat {
  readonly place: Place
  readonly #state: CheckState
  readonly #store: ParityStore
  readonly #surroundings: Surroundings
  readonly #loop: EventLoop<CheckEvent, CheckEffect>
  #pages: LentPages | null = null

  constructor({ place, epoch, code, kernels, surroundings }: CheckSeatOptions) {
    const { state, step } = machineFor(place, epoch, code)
    this.place = place
    this.#state = state
    this.#store = new ParityStore(kernels, { pageSizeBytes })
    this.#surroundings = surroundings
    const { trace } = surroundings
    this.#loop = new EventLoop(
      (event) => {
        trace?.(eventLine(place, state.epoch, event))
        return step(event)
      },
      (effect) => {
        trace?.(effectLine(place, state.epoch, effect))
        this.#carryOut(effect)
      },
    )
  }

  get epoch(): Epoch {
    return this.#state.epoch
  }

  receive(epoch: Epoch, from: Place, frame: Frame): void {
    const pages = new LentPages(frame)
    this.#pages = pages
    this.#loop.dispatch({ type: 'frame', epoch, from, frame })
    pages.end()
  }

  rest(): null {
    return null
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
        this.#store.stage(effect.batch, effect.coefficient)
        this.#pages?.noteUsed(effect.batch)
        return
      case 'applyStaged':
        this.#surroundings.tell({ type: 'holding', bytes: this.#store.bytes })
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
        this.#pages?.noteUsed(effect.batch)
        return
      case 'shipMerged':
        this.#surroundings.run(this.#shipMerged(effect))
        return
      case 'shipImage': {
        const checksums = mergeChecksums(effect.checksums, this.#state.checksums)
        this.#surroundings.run(shipImage(this.#shipper(), this.#image, checksums, effect))
        return
      }
      case 'passImage':
        passImage(this.#shipper(), this.#image, effect)
        this.#pages?.noteUsed(effect.batch)
        return
    }
  }

  /** The staged delta stays as it is while the epoch lasts and the commit is not decided. */
  async #shipMerged(effect: Extract<CheckEffect, { type: 'shipMerged' }>): Promise<void> {
    const { epoch, checkpoint, checksums } = effect
    const to = [effect.to]
    const makeBatches = (room: Room): Iterable<PageBatch> => this.#store.staged(pagesPerBatch, room)
    const makeFrame = (batch: PageBatch, part: number): Frame => ({ type: 'merged', checkpoint, part, batch })
    const shipped = await shipPages(this.#shipper(), { to, epoch, makeBatches, makeFrame })
    if (shipped === null) return
    sendLast(this.#shipper(), { to, epoch }, { type: 'mergedEnd', checkpoint, parts: shipped.count, checksums })
  }

  get #image(): Image {
    const store = this.#store
    return {
      pageEnd: store.pageEnd,
      add: (coefficient, incoming, first, end, room) => store.addImage(coefficient, incoming, first, end, room),
    }
  }

  #shipper(): Shipper {
    return { place: this.place, surroundings: this.#surroundings, epoch: () => this.epoch }
  }

  #send(epoch: Epoch, to: Place, frame: Frame): void {
    const { tell, peers } = this.#surroundings
    if (to === 'conductor') tell({ type: 'frame', epoch, from: this.place, frame })
    else peers.send({ epoch, from: this.place, to, frame })
  }
}

function machineFor(place: Place, epoch: Epoch, code: ErasureCode) {
  const row = rowOf(place)
  assert(row !== null, 'a check processor holds a row')
  if (isCheckpointPlace(place)) {
    const state = createCheckpoint(epoch, { row, code })
    return { state, step: (event: CheckEvent) => stepCheckpoint(state, event) }
  }
  const state = createBackup(epoch, { row })
  return { state, step: (event: CheckEvent) => stepBackup(state, event) }
}
