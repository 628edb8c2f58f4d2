/**
 * Processors without memories: the state machines of the protocol, and of what their memories would hold only how much
 * it is. What is captured, staged and shipped is counted in pages, and the pages are zeros.
 */
import type { Epoch } from '../../src/base/index.ts'
import {
  type ApplicationPorts,
  type CheckPorts,
  type Contents,
  carryApplication,
  carryCheck,
  doMemoryWork,
  framesOf,
  noStore,
  type ProgramPort,
  receiversOf,
  type Shipment,
  type TimerPort,
  type TransportPort,
} from '../../src/carrier/index.ts'
import type { ErasureCode } from '../../src/parity/index.ts'
import {
  type ApplicationEvent,
  type ApplicationState,
  type CheckEvent,
  createApplication,
  createCheck,
  type Frame,
  type Place,
  rankOf,
} from '../../src/protocol/index.ts'
import { type Captures, CountedMemory, CountedParity } from './counted-memory.ts'

export type Send = (to: Place, epoch: Epoch, frame: Frame) => void

/** Everything leaves at once. */
function atOnce(send: Send): TransportPort {
  return {
    // One part holds all.
    pagesPerPart: 2 ** 30,
    send,
    sendPages: (to, epoch, make) => send(to, epoch, make()),
    ship(shipment: Shipment, contents: Contents) {
      for (const to of receiversOf(shipment)) {
        for (const frame of framesOf(contents)) send(to, shipment.epoch, frame)
      }
    },
  }
}

export class CountedApplication implements ApplicationPorts, ProgramPort, TimerPort {
  readonly kind = 'application'
  readonly state: ApplicationState
  readonly transport: TransportPort
  readonly timer = this
  readonly program = this
  readonly memory: CountedMemory
  readonly store = noStore
  timerArmed = false
  isStepping = false
  readonly #carrier = carryApplication(this)

  constructor(place: Place, epoch: Epoch, code: ErasureCode, captures: Captures, send: Send) {
    const rank = rankOf(place)!
    this.state = createApplication(epoch, { rank, processes: code.processes, code, logBytesMax: 2 ** 20 })
    this.transport = atOnce(send)
    this.memory = new CountedMemory(rank, captures, (work) => {
      const answer = doMemoryWork(work, this.memory)
      if (answer) this.handle(answer)
    })
  }

  handle(event: ApplicationEvent): void {
    this.#carrier.dispatch(event)
  }

  arm(): void {
    this.timerArmed = true
  }

  disarm(): void {
    this.timerArmed = false
  }

  run(): void {
    this.isStepping = true
  }

  stop(): void {
    this.isStepping = false
  }

  freeze(): void {}

  thaw(): void {}
}

export class CountedCheck implements CheckPorts {
  readonly kind = 'check'
  readonly state: CheckPorts['state']
  readonly transport: TransportPort
  readonly parity = new CountedParity()
  readonly #carrier = carryCheck(this)

  constructor(place: Place, epoch: Epoch, code: ErasureCode, send: Send) {
    this.state = createCheck(place, epoch, { code })
    this.transport = atOnce(send)
  }

  handle(event: CheckEvent): void {
    this.#carrier.dispatch(event)
  }
}
