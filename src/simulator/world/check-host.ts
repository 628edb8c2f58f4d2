import { assert, type Epoch, unreachable } from '../../base/index.ts'
import { type ErasureCode, type KernelModule, ParityStore } from '../../parity/index.ts'
import {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  createBackup,
  createCheckpoint,
  type Frame,
  type Image,
  isCheckpointPlace,
  mergeChecksums,
  type Place,
  passedOn,
  type Rules,
  rowOf,
  stepBackup,
  stepCheckpoint,
} from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import { memoryBytesMax, type Port, pagesPerBatch, type Shipment } from './host.ts'
import { imageFrames } from './image-frames.ts'

export interface CheckHostOptions {
  readonly code: ErasureCode
  readonly rules: Rules
  readonly kernels: KernelModule
  readonly pageSizeBytes: number
  readonly canary?: Canary | undefined
}

/** A checkpoint or backup processor: the state machine with a real parity store. */
export class CheckHost {
  readonly kind = 'check'
  readonly store: ParityStore
  shipments: Shipment[] = []
  readonly #machine:
    | { readonly place: 'checkpoint'; readonly state: CheckpointState }
    | { readonly place: 'backup'; readonly state: BackupState }
  readonly #port: Port
  readonly #canary: Canary | undefined

  constructor(place: Place, epoch: Epoch, options: CheckHostOptions, port: Port) {
    const { code, rules } = options
    const row = rowOf(place)
    assert(row !== null, 'a check processor holds a row')
    this.#machine = isCheckpointPlace(place)
      ? { place: 'checkpoint', state: createCheckpoint(epoch, { row, code, rules }) }
      : { place: 'backup', state: createBackup(epoch, { row, rules }) }
    this.store = new ParityStore(options.kernels, {
      pageSizeBytes: options.pageSizeBytes,
      maximumBytes: memoryBytesMax,
    })
    this.#port = port
    this.#canary = options.canary
  }

  get state(): CheckpointState | BackupState {
    return this.#machine.state
  }

  handle(event: CheckEvent): void {
    this.#port.comes(event)
    const around = this.#canary?.check
    const effects = around ? around((one) => this.#step(one), this.state, event) : this.#step(event)
    if (this.shipments.length > 0) {
      this.shipments = this.shipments.filter(({ epoch }) => epoch === this.state.epoch)
    }
    this.#port.saw(event, effects)
    for (const effect of effects) {
      if (!this.#port.survives()) return
      this.#carryOut(effect)
      this.#port.did(effect)
    }
  }

  get #image(): Image {
    const { store } = this
    return {
      pageEnd: store.pageEnd,
      add: (coefficient, incoming, first, end) => store.addImage(coefficient, incoming, first, end),
    }
  }

  #step(event: CheckEvent): CheckEffect[] {
    const machine = this.#machine
    return machine.place === 'checkpoint' ? stepCheckpoint(machine.state, event) : stepBackup(machine.state, event)
  }

  #carryOut(effect: CheckEffect): void {
    switch (effect.type) {
      case 'send':
        this.#port.send(effect.to, effect.epoch, effect.frame)
        return
      case 'stage':
        this.store.stage(effect.batch, effect.coefficient)
        return
      case 'applyStaged':
        this.store.applyStaged()
        return
      case 'dropStaged':
        this.store.dropStaged()
        return
      case 'shipMerged':
        this.shipments.push({ epoch: effect.epoch, to: effect.to, frames: mergedFrames(this.store, effect) })
        return
      case 'shipImage': {
        const checksums = mergeChecksums(effect.checksums, this.state.checksums)
        this.shipments.push({ epoch: effect.epoch, to: effect.to, frames: imageFrames(effect, this.#image, checksums) })
        return
      }
      case 'passImage':
        this.#port.send(effect.to, effect.epoch, passedOn(effect, this.#image, pagesPerBatch))
        return
      case 'clear':
        this.store.clear()
        return
      case 'absorb':
        this.store.absorb(effect.batch)
        return
      default:
        unreachable(effect)
    }
  }
}

function* mergedFrames(
  store: ParityStore,
  { checkpoint, checksums }: Extract<CheckEffect, { type: 'shipMerged' }>,
): Generator<Frame> {
  let part = 0
  for (const batch of store.staged(pagesPerBatch)) {
    yield { type: 'merged', checkpoint, part, batch }
    part += 1
  }
  yield { type: 'mergedEnd', checkpoint, parts: part, checksums }
}
