import type { Epoch } from '../../base/index.ts'
import { type CheckCarrier, type CheckPorts, carryCheck } from '../../carrier/index.ts'
import { type ErasureCode, type KernelModule, ParityStore } from '../../parity/index.ts'
import { type CheckEvent, createCheck, type Place, type Rules, stepCheck } from '../../protocol/index.ts'
import { type Canary, stepAround } from '../canaries/canary.ts'
import { Host, memoryBytesMax, type Port } from './host.ts'

export interface CheckHostOptions {
  readonly code: ErasureCode
  readonly rules: Rules
  readonly kernels: KernelModule
  readonly pageSizeBytes: number
  readonly canary?: Canary | undefined
}

/** A checkpoint or backup processor with a real parity store. */
export class CheckHost extends Host implements CheckPorts {
  readonly kind = 'check'
  readonly state: CheckPorts['state']
  readonly parity: ParityStore
  readonly #carrier: CheckCarrier

  constructor(place: Place, epoch: Epoch, options: CheckHostOptions, port: Port) {
    super(port)
    const { kernels, pageSizeBytes, canary } = options
    this.state = createCheck(place, epoch, options)
    this.parity = new ParityStore(kernels, { pageSizeBytes, maximumBytes: memoryBytesMax })
    this.#carrier = carryCheck(this, port, this.ending(stepAround(canary?.check, stepCheck)))
  }

  handle(event: CheckEvent): void {
    this.#carrier.dispatch(event)
  }
}
