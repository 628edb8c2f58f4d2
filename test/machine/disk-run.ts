import { type Epoch, processorId } from '../../src/base/index.ts'
import { type Folder, findNewest } from '../../src/checkpoint-files/index.ts'
import { DiskStore } from '../../src/machine/local/disk-store.ts'
import { pageSizeBytes } from '../../src/machine/page-size.ts'
import { DiskShare } from '../../src/machine/processor/disk-share.ts'
import { createProtectedMemory, type ProtectedMemory } from '../../src/memory/index.ts'
import { type PageBatch, portableKernels } from '../../src/parity/index.ts'
import {
  type ApplicationEvent,
  applicationPlace,
  type ConductorEvent,
  type ConductorState,
  createConductor,
  type Frame,
  stepConductor,
} from '../../src/protocol/index.ts'

const processes = 2
const programBytes = 5 * pageSizeBytes

interface Share {
  readonly memory: ProtectedMemory
  readonly disk: DiskShare
}

/** A run under the scheme disk, in this process: all that writes and reads checkpoints is that of the machine. */
export class DiskRun {
  /** By checkpoint: the pages of each process, as `pagesText` has them. */
  readonly captured: Map<number, readonly string[]>
  readonly #conductor: ConductorState
  readonly #store: DiskStore
  readonly #shares: readonly Share[]
  #epoch: Epoch = 0
  #onWhole = (): void => {}
  #onResumed = (): void => {}

  private constructor(
    folder: Folder,
    run: string,
    found: Awaited<ReturnType<typeof findNewest>>,
    captured: DiskRun['captured'],
  ) {
    this.captured = captured
    const { newest: from, older, lastSequence } = found
    const store = { path: 'folder', run, every: 1, isIncremental: true, from, older, lastSequence, about: {} }
    const fail = (error: unknown): never => {
      throw error as Error
    }
    this.#store = new DiskStore(store, folder, {
      ...{ dispatch: (event) => this.#tell(event), onStored: () => {}, warn: fail, fail },
    })
    this.#conductor = createConductor({ processes, code: null, storage: this.#store.options })
    this.#shares = Array.from({ length: processes }, (_, rank) => {
      const memory = createProtectedMemory({ kernels: portableKernels, programBytes, pageSizeBytes })
      const dispatch = (event: ApplicationEvent): void => this.#hear(rank, event)
      const own = { rank, folder, run, memory, epoch: () => this.#epoch, tell: () => {}, dispatch }
      return { memory, disk: new DiskShare(own) }
    })
  }

  /** Begins, or goes on from what is in the folder. `captured`: what the runs before have captured. */
  static async open(folder: Folder, run: string, captured: DiskRun['captured'] = new Map()): Promise<DiskRun> {
    const one = new DiskRun(folder, run, await findNewest(folder), captured)
    await one.#store.released()
    const resumed = new Promise<void>((resolve) => {
      one.#onResumed = resolve
    })
    for (let rank = 0; rank < processes; rank += 1)
      one.#tell({ type: 'ready', processor: processorId(rank + 1), host: null })
    await resumed
    return one
  }

  /** What a process holds now, as it was captured last. */
  heldBy(rank: number): string {
    const { memory } = this.#shares[rank]!
    return pagesText(memory.pages(memory.captured, 4))
  }

  /** Computes a little, captures, and writes; resolves when the checkpoint is whole. Some pages never change again. */
  async checkpoint(): Promise<void> {
    const number = this.#shares[0]!.memory.captured + 1
    for (const [rank, { memory }] of this.#shares.entries()) {
      const program = new Uint8Array(memory.buffer, memory.programOffset, programBytes)
      program.fill(number, 0, 3)
      const page = (number + rank) % 5
      program.fill(number % 3, page * pageSizeBytes, (page + 1) * pageSizeBytes)
      memory.capture(number, new Map([['vars', Uint8Array.of(number, rank)]]))
    }
    this.captured.set(
      number,
      this.#shares.map((_, rank) => this.heldBy(rank)),
    )
    this.#store.note({ rank: 0, index: number - 1, kind: 'emit', payload: Uint8Array.of(number) })
    const whole = new Promise<void>((resolve) => {
      this.#onWhole = resolve
    })
    this.#send(0, { type: 'request', checkpoint: number, urgent: true })
    await whole
  }

  async close(): Promise<void> {
    await this.#store.close()
    for (const { memory } of this.#shares) memory.close()
  }

  #send(rank: number, frame: Frame): void {
    const processor = this.#conductor.members.get(applicationPlace(rank))!
    this.#tell({ type: 'frame', processor, epoch: this.#epoch, from: applicationPlace(rank), frame })
  }

  /** What a processor's protocol makes of it, as far as disks are concerned. */
  #hear(rank: number, event: ApplicationEvent): void {
    if (event.type === 'restored') this.#send(rank, { type: 'restored' })
    else if (event.type === 'stored') {
      const { captured: committed } = this.#shares[rank]!.memory
      const { sequence, file } = event
      this.#send(rank, { type: 'stored', sequence, committed, released: committed, isFinished: false, file })
    } else throw new Error(`a processor said: ${JSON.stringify(event)}`)
  }

  #tell(event: ConductorEvent): void {
    for (const effect of stepConductor(this.#conductor, event)) {
      if (effect.type === 'send') this.#receive(Number(effect.to.slice(1)), effect.epoch, effect.frame)
      else if (effect.type === 'seal') this.#store.seal(effect)
      else if (effect.type === 'stored') this.#store.tell(effect)
      if (effect.type === 'stored') this.#onWhole()
      if (effect.type === 'resumed') this.#onResumed()
    }
  }

  #receive(rank: number, epoch: Epoch, frame: Frame): void {
    this.#epoch = epoch
    const { memory, disk } = this.#shares[rank]!
    const failed = (error: unknown): void => {
      queueMicrotask(() => {
        throw error as Error
      })
    }
    if (frame.type === 'store') disk.store({ ...frame, epoch }).catch(failed)
    if (frame.type !== 'plan') return
    if (frame.disk === null)
      queueMicrotask(() => this.#hear(rank, { type: 'restored', epoch, checkpoint: 0, blobs: memory.blobs() }))
    else disk.load({ type: 'load', epoch, checkpoint: frame.line, sequence: frame.disk }).catch(failed)
  }
}

/** Pages that are not zero, in order, as one text. */
export function pagesText(batches: Iterable<PageBatch>): string {
  const pages: [number, string][] = []
  for (const { numbers, bytes } of batches) {
    const size = bytes.length / numbers.length
    for (const [index, number] of numbers.entries()) {
      pages.push([number, Buffer.from(bytes.subarray(index * size, (index + 1) * size)).toString('hex')])
    }
  }
  const filled = pages.filter(([, text]) => /[^0]/.test(text))
  return JSON.stringify(filled.sort(([one], [other]) => one - other))
}
