import { setTimeout as pause } from 'node:timers/promises'
import { type Epoch, type ProcessorId, processorId, type Rank } from '../../../base/index.ts'
import { type ConductorCarrier, carryConductor, noManifests } from '../../../carrier/index.ts'
import { SlotPool, unixFabric } from '../../../fabric/index.ts'
import type { ProtectedMemory } from '../../../memory/index.ts'
import { openMemory, sharedMemory } from '../../../memory/native/index.ts'
import type { KernelModule } from '../../../parity/index.ts'
import { applicationPlace, createConductor, type Place, rankOf } from '../../../protocol/index.ts'
import { freeBytes, type Limits, readLimits } from '../../limits/limits.ts'
import { codeFor } from '../../protection.ts'
import type { Configuration, FromProcessor } from '../../wire/control.ts'
import { ApplicationDriver } from '../application-driver.ts'
import { CheckDriver } from '../check-driver.ts'
import { ownPages } from '../lent-pages.ts'
import { Peers } from '../peers.ts'
import { type ProcessorContext, pageSizeBytes, slotsOfProcessor } from '../place-driver.ts'
import { TouchAhead } from '../touch-ahead.ts'
import { ScratchRunner, scratchProgram } from './scratch-program.ts'

export interface RehearsalOptions {
  /** Of the run: the rehearsal has its tracker. */
  readonly configuration: Configuration
  readonly kernels: KernelModule
  /** Where the rehearsal's own socket lies while it goes on. */
  readonly folder: string
  /** No processor of the run has this number. */
  readonly own: ProcessorId
  /** Aborted when the run needs the processor. */
  readonly signal: AbortSignal
  /** What the system gives. */
  readonly limits?: () => Limits
}

/** One that begins a chain, one in its middle, and the one that is rebuilt. */
const processes = 3
const protection = { code: 'reed-solomon', tolerate: 1 } as const
/** After so many the engine has compiled what is long under way. */
const recoveries = 8
/** Between two of them all else has the core. */
const pauseMs = 20
const slots = 8
/** All memories, their checkpoints, parity and slots; and many times as much has to be free. */
const scratchBytes = 24 * 2 ** 20
const freeShareMin = 8
/** With fewer, the run itself may come near the end of them. */
const openFilesMin = 1024

type Driver = ApplicationDriver | CheckDriver

/**
 * A small machine of its own within this thread, whose recoveries have the engine see and compile the code before a real
 * loss does: conductor, drivers and links are those of a run, and only the program's thread is left out. It touches
 * nothing of the run. Whatever goes wrong in it ends it, and that is all.
 */
export class Rehearsal {
  readonly #options: RehearsalOptions
  readonly #peers: Peers
  readonly #conductor: ConductorCarrier
  readonly #drivers = new Map<Place, Driver>()
  readonly #holders = new Map<Place, ProcessorId>()
  /** Whoever follows a lost one has its memory again. */
  readonly #memories = new Map<Place, ProtectedMemory>()
  readonly #code = codeFor(processes, protection)
  readonly #state = createConductor({ processes, code: this.#code, storage: null })
  #processors = 0
  #isOver = false
  /** What is waited for, and how often it is still to come. */
  #awaited: { readonly what: string; times: number; readonly resolve: (isOver: boolean) => void } | null = null

  constructor(options: RehearsalOptions) {
    const { folder, own, signal } = options
    const pool = new SlotPool({ ...slotsOfProcessor, slots, reservedSlots: slots / 2, sharing: sharedMemory() })
    this.#options = options
    this.#peers = new Peers({
      ...{ fabric: unixFabric({ slots: pool }), slots: pool, folder, own },
      onEnvelope: ({ epoch, from, to, frame }, keep) =>
        this.#guard(() => this.#drivers.get(to)?.receive(epoch, from, frame, keep)),
      onUnreachable: () => this.stop(),
      onReachable() {},
      onRejected: () => this.stop(),
    })
    this.#conductor = carryConductor({
      state: this.#state,
      transport: {
        send: (to, epoch, frame) =>
          this.#later(() => this.#drivers.get(to)?.receive(epoch, 'conductor', frame, ownPages)),
      },
      crew: { assign: (place, processor, epoch) => this.#assign(place, processor, epoch), fence() {} },
      recovery: { began() {}, lineFound() {}, resumed() {} },
      outside: { output() {}, end: () => this.stop() },
      store: noManifests,
    })
    signal.addEventListener('abort', () => this.stop())
  }

  /** Resolves when it is over: true if it went through. */
  async run(): Promise<boolean> {
    try {
      const { signal, limits = readLimits } = this.#options
      if (signal.aborted || !leaveRoom(limits())) return false
      await this.#peers.listen()
      return await this.#perform()
    } catch {
      return false
    } finally {
      this.stop()
    }
  }

  /** Lets go of all that it has. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#awaited?.resolve(false)
    this.#drivers.clear()
    this.#peers.close()
    for (const memory of this.#memories.values()) memory.close()
  }

  async #perform(): Promise<boolean> {
    const computing = this.#until('computing', processes)
    for (let place = 0; place < this.#state.members.size; place += 1) this.#addProcessor()
    if (!(await computing)) return false
    const committed = this.#until('committed', processes)
    this.#drivers.get('a0')?.dispatch({ type: 'timeoutPassed' })
    if (!(await committed)) return false
    for (let round = 0; round < recoveries; round += 1) {
      await pause(pauseMs)
      const again = this.#until('computing', processes)
      this.#lose(round % processes)
      if (!(await again)) return false
    }
    return true
  }

  #addProcessor(): void {
    this.#processors += 1
    this.#conductor.dispatch({ type: 'ready', processor: processorId(this.#processors), host: null })
  }

  #lose(rank: Rank): void {
    const place = applicationPlace(rank)
    const processor = this.#holders.get(place)
    this.#drivers.delete(place)
    if (this.#isOver || processor === undefined) return
    this.#conductor.dispatch({ type: 'lost', processor })
    this.#addProcessor()
  }

  #assign(place: Place, processor: ProcessorId, epoch: Epoch): void {
    this.#holders.set(place, processor)
    this.#drivers.set(place, this.#makeDriver(place, epoch))
    const own = { processor: this.#options.own, host: null, address: null }
    this.#peers.update([...this.#drivers.keys()].map((one) => ({ place: one, ...own })))
  }

  #makeDriver(place: Place, epoch: Epoch): Driver {
    const { kernels } = this.#options
    const [rank, code, surroundings] = [rankOf(place), this.#code, this.#surroundings(place)]
    if (rank === null) return new CheckDriver({ place, epoch, code, kernels, surroundings })
    const host = new ScratchRunner((work) => this.#later(work))
    const memory = { take: (programBytes: number) => this.#memoryOf(place, programBytes) }
    const input = Promise.resolve(null)
    return new ApplicationDriver({ rank, epoch, code, program: scratchProgram, memory, host, input, surroundings })
  }

  #memoryOf(place: Place, programBytes: number): ProtectedMemory {
    const { kernels, configuration } = this.#options
    const { tracker } = configuration.machine
    const known = this.#memories.get(place)
    const memory = known ?? openMemory({ tracker, kernels, programBytes, pageSizeBytes }).memory
    this.#memories.set(place, memory)
    return memory
  }

  #surroundings(place: Place): ProcessorContext {
    const { configuration } = this.#options
    const { machine } = configuration
    return {
      configuration: {
        ...configuration,
        ...{ sizes: {}, storeFolder: null, traced: false },
        machine: { ...machine, processes, protection, coordination: 'independent', timeoutMs: null },
      },
      peers: this.#peers,
      // Of so little memory nothing has to be touched ahead.
      touching: new TouchAhead({ sharers: 1, soonMs: null, toucher: null }),
      tell: (message) => this.#hear(place, message),
      run: (work) => void work.catch(() => this.stop()),
      rehearse() {},
      trace: null,
    }
  }

  #hear(place: Place, message: FromProcessor): void {
    if (message.type === 'frame') {
      const processor = this.#holders.get(place)!
      const { epoch, from, frame } = message
      this.#later(() => this.#conductor.dispatch({ type: 'frame', processor, epoch, from, frame }))
      return
    }
    const awaited = this.#awaited
    if (awaited?.what !== message.type) return
    awaited.times -= 1
    if (awaited.times === 0) awaited.resolve(true)
  }

  /** Resolves to true when a message of this type has come so often, and to false when all is over. */
  #until(what: FromProcessor['type'], times: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#awaited = { what, times, resolve }
      if (this.#isOver) resolve(false)
    })
  }

  /** In a turn of its own: what the run has to do comes between. */
  #later(work: () => void): void {
    setImmediate(() => this.#guard(work))
  }

  #guard(work: () => void): void {
    if (this.#isOver) return
    try {
      work()
    } catch {
      this.stop()
    }
  }
}

/** Whether the run does not miss what the rehearsal takes: where addresses or written memory are limited, it needs them all. */
function leaveRoom({ limits, memory }: Limits): boolean {
  const { addressSpaceBytes, dataBytes, openFiles } = limits
  const unlimited = Number.POSITIVE_INFINITY
  const isUnlimited = (addressSpaceBytes ?? unlimited) === unlimited && (dataBytes ?? unlimited) === unlimited
  return isUnlimited && (openFiles ?? unlimited) >= openFilesMin && freeBytes(memory) >= freeShareMin * scratchBytes
}
