import { assert, type Epoch, type Rank } from '../../base/index.ts'
import {
  type ApplicationCarrier,
  type ApplicationPorts,
  carryApplication,
  noStore,
  type ProgramPort,
  type StorePort,
  type TimerPort,
} from '../../carrier/index.ts'
import { createProtectedMemory } from '../../memory/index.ts'
import type { ErasureCode, KernelModule } from '../../parity/index.ts'
import {
  type ApplicationEvent,
  type ApplicationState,
  type Arrived,
  createApplication,
  type Rules,
  type StepEnded,
  stepApplication,
} from '../../protocol/index.ts'
import { type Canary, stepAround } from '../canaries/canary.ts'
import type { SimulatedDisk } from '../disk/disk.ts'
import type { SimulatedShare } from '../disk/share.ts'
import { Journal, journalBytes } from '../oracle/journal.ts'
import { Host, memoryBytesMax, type Port } from './host.ts'
import { HostMemory } from './host-memory.ts'

export interface ApplicationHostOptions {
  readonly rank: Rank
  readonly processes: number
  /** Null under the scheme `none`. */
  readonly code: ErasureCode | null
  readonly rules: Rules
  readonly logBytesMax: number
  readonly kernels: KernelModule
  readonly pageSizeBytes: number
  readonly canary?: Canary | undefined
  /** Null: nothing is written to disk. */
  readonly disk: SimulatedDisk | null
}

/** A step that has begun and not ended. */
export interface SimulatedStep {
  readonly first: boolean
  readonly deliveries: readonly Arrived[]
}

/** An application processor with real memory. */
export class ApplicationHost extends Host implements ApplicationPorts, ProgramPort, TimerPort {
  readonly kind = 'application'
  readonly state: ApplicationState
  readonly timer = this
  readonly program = this
  readonly memory: HostMemory
  /** Null: nothing is written to disk. */
  readonly share: SimulatedShare | null
  readonly store: StorePort
  readonly journal: Journal
  /** Begun and not ended; the memory is half changed then. */
  step: SimulatedStep | null = null
  timerArmed = false
  readonly #carrier: ApplicationCarrier

  constructor(epoch: Epoch, options: ApplicationHostOptions, port: Port) {
    super(port)
    const { kernels, pageSizeBytes, canary, disk, ...rest } = options
    const { processes, rank } = options
    // Unequal sizes: the parity is as long as the longest.
    const programBytes = journalBytes(processes) + rank * pageSizeBytes
    const real = createProtectedMemory({ kernels, programBytes, pageSizeBytes, maximumBytes: memoryBytesMax })
    this.state = createApplication(epoch, { ...rest, isStored: disk !== null })
    this.memory = new HostMemory(real, () => this.step !== null)
    this.share = disk?.shareOf(rank, real) ?? null
    this.store = this.share ?? noStore
    this.journal = Journal.at(real.buffer, real.programOffset, processes)
    this.#carrier = carryApplication(this, port, this.ending(stepAround(canary?.application, stepApplication)))
  }

  protected override keepOnly(epoch: Epoch): void {
    super.keepOnly(epoch)
    this.share?.keepOnly(epoch)
  }

  handle(event: ApplicationEvent): void {
    this.#carrier.dispatch(event)
  }

  /** Ends the step under way with what it did. */
  endStep(result: StepEnded): void {
    assert(this.step !== null, 'a step that ends has begun')
    this.journal.scribble(0)
    this.step = null
    this.handle({ type: 'stepEnded', result })
  }

  failStep(site: string): void {
    assert(this.step !== null, 'a step that fails has begun')
    this.step = null
    this.handle({ type: 'stepFailed', site, error: `failed at ${site}` })
  }

  passTimeout(): void {
    this.timerArmed = false
    this.handle({ type: 'timeoutPassed' })
  }

  /** Does the next piece of work on the memory. */
  workOnMemory(): void {
    const answer = this.memory.work()
    if (answer) this.handle(answer)
  }

  writeFile(): void {
    const answer = this.share?.write()
    if (answer) this.handle(answer)
  }

  /** All work that was put to the memory before is done. */
  readFile(): void {
    const answer = this.share?.readOn()
    if (!answer) return
    this.memory.noteReplaced()
    this.handle(answer)
  }

  arm(): void {
    this.timerArmed = true
  }

  disarm(): void {
    this.timerArmed = false
  }

  run(first: boolean, deliveries: readonly Arrived[]): void {
    this.step = { first, deliveries }
    this.journal.scribble(0xdead)
  }

  stop(): void {
    this.step = null
  }

  /** There is no clock here to time it. */
  freeze(): void {}

  thaw(): void {}
}
