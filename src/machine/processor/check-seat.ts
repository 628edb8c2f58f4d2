import type { Epoch } from '../../base/index.ts'
import { type CheckPorts, carryOutCheck } from '../../carrier/index.ts'
import { type ErasureCode, type KernelModule, ParityStore } from '../../parity/index.ts'
import {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  createCheck,
  type Place,
  stepCheck,
} from '../../protocol/index.ts'
import { pageSizeBytes, type Surroundings } from './seat.ts'
import { WorkingSeat } from './working-seat.ts'

export interface CheckSeatOptions {
  readonly place: Place
  readonly epoch: Epoch
  readonly code: ErasureCode
  readonly kernels: KernelModule
  readonly surroundings: Surroundings
}

/** A checkpoint processor or its backup: the state machine, and the parity that it speaks of. */
export class CheckSeat
  extends WorkingSeat<CheckpointState | BackupState, CheckEvent, CheckEffect>
  implements CheckPorts
{
  readonly transport = this
  readonly parity: ParityStore

  constructor({ place, epoch, code, kernels, surroundings }: CheckSeatOptions) {
    super(createCheck(place, epoch, { code }), surroundings)
    this.parity = new ParityStore(kernels, { pageSizeBytes })
  }

  override rest(): null {
    return null
  }

  override decide(event: CheckEvent): CheckEffect[] {
    return stepCheck(this.state, event)
  }

  override carryOut(effect: CheckEffect): void {
    if (effect.type === 'applyStaged') this.surroundings.tell({ type: 'holding', bytes: this.parity.bytes })
    carryOutCheck(effect, this)
  }
}
