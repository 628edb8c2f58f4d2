/**
 * Processors without memories: the state machines of the protocol, and of what their memories would hold only how much
 * it is. What is captured, staged and shipped is counted in pages, and the pages are zeros.
 */
import { assert, type Epoch, unreachable } from '../../base/index.ts'
import type { ErasureCode, PageBatch } from '../../parity/index.ts'
import {
  type ApplicationEffect,
  type ApplicationEvent,
  type ApplicationState,
  type BackupState,
  type ChainEffect,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  createApplication,
  createBackup,
  createCheckpoint,
  defaultRules,
  type Frame,
  isCheckpointPlace,
  type Place,
  rankOf,
  rowOf,
  stepApplication,
  stepBackup,
  stepCheckpoint,
} from '../../protocol/index.ts'

const pageSizeBytes = 4096
/** Pages that a program changes in each interval. */
const programPages = 2
const checksums = new Uint8Array(8)
const nothing: PageBatch = { numbers: [], bytes: new Uint8Array(0) }

export type Send = (to: Place, epoch: Epoch, frame: Frame) => void

type Blobs = ReadonlyMap<string, Uint8Array>

/** What was captured of each rank, by checkpoint: in place of the bytes that a rebuild would bring back. */
export class Captures {
  readonly #captures: Map<number, Blobs>[]

  constructor(processes: number) {
    this.#captures = Array.from({ length: processes }, () => new Map([[0, new Map()]]))
  }

  note(rank: number, checkpoint: number, blobs: Blobs): void {
    const captures = this.#captures[rank]!
    captures.set(checkpoint, blobs)
    captures.delete(checkpoint - 3)
  }

  at(rank: number, checkpoint: number): Blobs {
    const blobs = this.#captures[rank]!.get(checkpoint)
    assert(blobs !== undefined, 'scale: what is restored was captured not long ago')
    return blobs
  }
}

export class ApplicationNode {
  readonly kind = 'application'
  readonly state: ApplicationState
  timerArmed = false
  isStepping = false
  #deltaPages = 0
  readonly #captures: Captures
  readonly #send: Send

  constructor(place: Place, epoch: Epoch, code: ErasureCode, captures: Captures, send: Send) {
    const rank = rankOf(place)!
    this.state = createApplication(epoch, { rank, processes: code.processes, code, logBytesMax: 2 ** 20 })
    this.#captures = captures
    this.#send = send
  }

  handle(event: ApplicationEvent): void {
    for (const effect of stepApplication(this.state, event)) this.#carryOut(effect)
  }

  #carryOut(effect: ApplicationEffect): void {
    const { state } = this
    switch (effect.type) {
      case 'send':
        this.#send(effect.to, effect.epoch, effect.frame)
        return
      case 'capture':
        this.#captures.note(state.options.rank, effect.checkpoint, effect.blobs)
        this.#deltaPages = programPages + pagesOf(effect.blobs)
        return
      case 'shipDelta':
        for (const to of effect.to) {
          const { epoch, checkpoint } = effect
          this.#send(to, epoch, { type: 'delta', checkpoint, part: 0, batch: zeros(this.#deltaPages) })
          this.#send(to, epoch, { type: 'deltaEnd', checkpoint, parts: 1, checksums })
        }
        return
      case 'shipImage': {
        const own = { rank: state.options.rank, sums: checksums }
        const pages = programPages + pagesOf(this.#captures.at(state.options.rank, effect.checkpoint))
        shipImage(this.#send, effect, pages, [...effect.checksums, own])
        return
      }
      case 'passImage':
        passImage(this.#send, effect)
        return
      case 'restore':
      case 'adopt': {
        const { epoch, checkpoint } = effect
        const blobs = this.#captures.at(state.options.rank, checkpoint)
        this.handle({ type: 'restored', epoch, checkpoint, blobs })
        return
      }
      case 'armTimeout':
        this.timerArmed = true
        return
      case 'runStep':
        this.isStepping = true
        return
      case 'stopProgram':
        this.isStepping = false
        this.timerArmed = false
        return
      case 'recycle':
      case 'freeze':
      case 'thaw':
      case 'clear':
      case 'absorb':
        return
      case 'store':
      case 'load':
        throw new Error('nothing is written to disk here')
      default:
        unreachable(effect)
    }
  }
}

export class CheckNode {
  readonly kind = 'check'
  readonly #machine:
    | { readonly place: 'checkpoint'; readonly state: CheckpointState }
    | { readonly place: 'backup'; readonly state: BackupState }
  #parityPages = 0
  #stagedPages = 0
  readonly #send: Send

  constructor(place: Place, epoch: Epoch, code: ErasureCode, send: Send) {
    const row = rowOf(place)!
    this.#machine = isCheckpointPlace(place)
      ? { place: 'checkpoint', state: createCheckpoint(epoch, { row, code }) }
      : { place: 'backup', state: createBackup(epoch, { row, rules: defaultRules }) }
    this.#send = send
  }

  get state(): CheckpointState | BackupState {
    return this.#machine.state
  }

  handle(event: CheckEvent): void {
    const machine = this.#machine
    const effects =
      machine.place === 'checkpoint' ? stepCheckpoint(machine.state, event) : stepBackup(machine.state, event)
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: CheckEffect): void {
    switch (effect.type) {
      case 'send':
        this.#send(effect.to, effect.epoch, effect.frame)
        return
      case 'stage':
        // All change the same pages, from the first on.
        this.#stagedPages = Math.max(this.#stagedPages, effect.batch.numbers.length)
        return
      case 'shipMerged': {
        const { to, epoch, checkpoint } = effect
        this.#send(to, epoch, { type: 'merged', checkpoint, part: 0, batch: zeros(this.#stagedPages) })
        this.#send(to, epoch, { type: 'mergedEnd', checkpoint, parts: 1, checksums: effect.checksums })
        return
      }
      case 'applyStaged':
        this.#parityPages = Math.max(this.#parityPages, this.#stagedPages)
        this.#stagedPages = 0
        return
      case 'dropStaged':
        this.#stagedPages = 0
        return
      case 'shipImage':
        shipImage(this.#send, effect, this.#parityPages, [...effect.checksums, ...this.state.checksums])
        return
      case 'passImage':
        passImage(this.#send, effect)
        return
      case 'clear':
      case 'absorb':
        return
      default:
        unreachable(effect)
    }
  }
}

type Ship = Extract<ChainEffect, { type: 'shipImage' }>
type Pass = Extract<ChainEffect, { type: 'passImage' }>

/** One part holds all, so whoever has got it has only the end to send. */
function shipImage(send: Send, { to, epoch, target, part }: Ship, pages: number, known: Ship['checksums']): void {
  if (part === 0) send(to, epoch, { type: 'image', target, part, batch: zeros(pages) })
  send(to, epoch, { type: 'imageEnd', target, parts: 1, checksums: known })
}

function passImage(send: Send, { to, epoch, target, part, batch }: Pass): void {
  send(to, epoch, { type: 'image', target, part, batch })
}

function pagesOf(blobs: Blobs): number {
  let pages = 0
  for (const bytes of blobs.values()) pages += Math.ceil(bytes.byteLength / pageSizeBytes)
  return pages
}

const batches: PageBatch[] = [nothing]

/** The first `pages` pages, as zeros. */
function zeros(pages: number): PageBatch {
  batches[pages] ??= {
    numbers: Array.from({ length: pages }, (_, page) => page),
    bytes: new Uint8Array(pages * pageSizeBytes),
  }
  return batches[pages]
}
