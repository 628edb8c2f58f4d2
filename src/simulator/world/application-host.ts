import { assert, type Epoch, type Rank, unreachable } from '../../base/index.ts'
import { createProtectedMemory, type ProtectedMemory } from '../../memory/index.ts'
import type { ErasureCode, KernelModule } from '../../parity/index.ts'
import {
  type ApplicationEffect,
  type ApplicationEvent,
  type ApplicationState,
  type Arrived,
  createApplication,
  type Frame,
  type Image,
  passedOn,
  type Rules,
  type StepEnded,
  stepApplication,
} from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import { Journal, journalBytes } from '../oracle/journal.ts'
import { memoryBytesMax, type Port, pagesPerBatch, type Shipment } from './host.ts'
import { imageFrames } from './image-frames.ts'

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
}

/** A step that has begun and not ended. */
export interface Step {
  readonly first: boolean
  readonly deliveries: readonly Arrived[]
}

type MemoryWork = Extract<ApplicationEffect, { type: 'restore' | 'clear' | 'absorb' | 'adopt' }>

/** An application processor: the state machine with real memory, carrying out its effects as the machine does. */
export class ApplicationHost {
  readonly kind = 'application'
  readonly state: ApplicationState
  readonly memory: ProtectedMemory
  readonly journal: Journal
  shipments: Shipment[] = []
  /** Begun and not ended; the memory is half changed then. */
  step: Step | null = null
  timerArmed = false
  /** Grows whenever the memory is replaced: what was known of its journal counts no more. */
  rebuilds = 0
  readonly #port: Port
  readonly #canary: Canary | undefined
  /** Done one after the other, each when the world says so, even when the epoch has changed meanwhile. */
  readonly #memoryWork: MemoryWork[] = []

  constructor(epoch: Epoch, options: ApplicationHostOptions, port: Port) {
    const { kernels, pageSizeBytes, rank, canary, ...rest } = options
    const { processes } = options
    this.state = createApplication(epoch, { ...rest, rank })
    this.#canary = canary
    // Unequal sizes: the parity is as long as the longest.
    const programBytes = journalBytes(processes) + rank * pageSizeBytes
    this.memory = createProtectedMemory({
      kernels,
      programBytes,
      pageSizeBytes,
      maximumBytes: memoryBytesMax,
    })
    this.journal = Journal.at(this.memory.buffer, this.memory.programOffset, processes)
    this.#port = port
  }

  get memoryWorks(): boolean {
    return this.#memoryWork.length > 0
  }

  handle(event: ApplicationEvent): void {
    this.#port.comes(event)
    const effects = this.#step(event)
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

  #step(event: ApplicationEvent): readonly ApplicationEffect[] {
    const around = this.#canary?.application
    if (!around) return stepApplication(this.state, event)
    return around((one) => stepApplication(this.state, one), this.state, event)
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
    const work = this.#memoryWork.shift()
    if (!work) return
    this.rebuilds += 1
    switch (work.type) {
      case 'clear':
        this.memory.clear()
        return
      case 'absorb':
        this.memory.absorb(work.batch)
        return
      case 'restore':
        this.memory.undo(work.checkpoint)
        this.#tellRestored(work.epoch, work.checkpoint)
        return
      case 'adopt': {
        const groups = this.memory.adopt(work.checkpoint, work.checksums)
        if (groups.length > 0) this.handle({ type: 'damaged', epoch: work.epoch, groups })
        else this.#tellRestored(work.epoch, work.checkpoint)
        return
      }
      default:
        unreachable(work)
    }
  }

  #imageAt(checkpoint: number): Image {
    const { memory } = this
    return {
      pageEnd: memory.pageEnd,
      add: (coefficient, incoming, first, end) => memory.addImage(checkpoint, coefficient, incoming, first, end),
    }
  }

  #tellRestored(epoch: Epoch, checkpoint: number): void {
    this.handle({ type: 'restored', epoch, checkpoint, blobs: this.memory.blobs() })
  }

  #carryOut(effect: ApplicationEffect): void {
    switch (effect.type) {
      case 'send':
        this.#port.send(effect.to, effect.epoch, effect.frame)
        return
      case 'capture':
        assert(!this.memoryWorks && this.step === null, 'a capture falls between steps, on a whole memory')
        this.memory.capture(effect.checkpoint, effect.blobs)
        return
      case 'shipDelta': {
        const { epoch, checkpoint } = effect
        for (const to of effect.to) this.shipments.push({ epoch, to, frames: deltaFrames(this.memory, checkpoint) })
        return
      }
      case 'shipImage': {
        const own = { rank: this.state.options.rank, sums: this.memory.checksums(effect.checkpoint) }
        const frames = imageFrames(effect, this.#imageAt(effect.checkpoint), [...effect.checksums, own])
        this.shipments.push({ epoch: effect.epoch, to: effect.to, frames })
        return
      }
      case 'passImage':
        this.#port.send(effect.to, effect.epoch, passedOn(effect, this.#imageAt(effect.checkpoint), pagesPerBatch))
        return
      case 'recycle':
        this.memory.recycle(effect.checkpoint)
        return
      case 'armTimeout':
        this.timerArmed = true
        return
      case 'freeze':
      case 'thaw':
        // The state machine begins no step in between, and there is no clock here to time it.
        return
      case 'runStep':
        this.step = { first: effect.first, deliveries: effect.deliveries }
        this.journal.scribble(0xdead)
        return
      case 'stopProgram':
        this.step = null
        this.timerArmed = false
        return
      case 'restore':
      case 'clear':
      case 'absorb':
      case 'adopt':
        this.#memoryWork.push(effect)
        return
      case 'store':
      case 'load':
        throw new Error('nothing is written to disk here')
      default:
        unreachable(effect)
    }
  }
}

function* deltaFrames(memory: ProtectedMemory, checkpoint: number): Generator<Frame> {
  let part = 0
  for (const batch of memory.delta(pagesPerBatch)) {
    yield { type: 'delta', checkpoint, part, batch }
    part += 1
  }
  yield { type: 'deltaEnd', checkpoint, parts: part, checksums: memory.checksums(checkpoint) }
}
