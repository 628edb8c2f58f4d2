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
  type Rules,
  stepCheck,
} from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import { Host, memoryBytesMax, type Port } from './host.ts'

export interface CheckHostOptions {
  readonly code: ErasureCode
  readonly rules: Rules
  readonly kernels: KernelModule
  readonly pageSizeBytes: number
  readonly canary?: Canary | undefined
}

/** A checkpoint or backup processor with a real parity store. */
export class CheckHost extends Host<CheckpointState | BackupState, CheckEvent, CheckEffect> implements CheckPorts {
  readonly kind = 'check'
  readonly transport = this
  readonly parity: ParityStore

  constructor(place: Place, epoch: Epoch, options: CheckHostOptions, port: Port) {
    const { kernels, pageSizeBytes, canary } = options
    super(createCheck(place, epoch, options), port, stepCheck, canary?.check)
    this.parity = new ParityStore(kernels, { pageSizeBytes, maximumBytes: memoryBytesMax })
  }

  override carryOut(effect: CheckEffect): void {
    carryOutCheck(effect, this)
  }
}
