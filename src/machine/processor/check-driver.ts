import type { Epoch } from '../../base/index.ts'
import { type CheckCarrier, type CheckPorts, carryCheck } from '../../carrier/index.ts'
import { countPages, MemoryLimitError, type PageRanges } from '../../memory/index.ts'
import { type ErasureCode, type KernelModule, ParityStore } from '../../parity/index.ts'
import { type CheckEffect, type CheckEvent, createCheck, type Place } from '../../protocol/index.ts'
import { type ProcessorContext, pageSizeBytes, slotsFor } from './place-driver.ts'
import { WorkingDriver } from './working-driver.ts'

export interface CheckSeatOptions {
  readonly place: Place
  readonly epoch: Epoch
  readonly code: ErasureCode
  readonly kernels: KernelModule
  readonly surroundings: ProcessorContext
}

/** A checkpoint processor or its backup: the state machine, and the parity that it speaks of. */
export class CheckDriver extends WorkingDriver implements CheckPorts {
  readonly state: CheckPorts['state']
  readonly parity: ParityStore
  readonly #carrier: CheckCarrier

  constructor({ place, epoch, code, kernels, surroundings }: CheckSeatOptions) {
    super(surroundings)
    this.state = createCheck(place, epoch, { code })
    this.parity = new ParityStore(kernels, { pageSizeBytes })
    this.#carrier = carryCheck(this, this)
  }

  override expect(pages: PageRanges): void {
    this.surroundings.peers.prepareSlots(slotsFor(countPages(pages)))
    try {
      for (const bytes of this.parity.reserve(countPages(pages))) {
        this.surroundings.touching.add(bytes, Uint32Array.of(0, bytes.length / pageSizeBytes))
      }
    } catch (error) {
      // What has no room now is asked for again when it is needed.
      if (!(error instanceof MemoryLimitError)) throw error
    }
  }

  override rest(): null {
    return null
  }

  protected override handle(event: CheckEvent): void {
    this.#carrier.dispatch(event)
  }

  override begins(effect: CheckEffect): void {
    super.begins(effect)
    if (effect.type !== 'applyStaged') return
    this.surroundings.tell({ type: 'holding', bytes: this.parity.bytes + this.surroundings.peers.slotBytes })
    this.surroundings.rehearse()
  }
}
