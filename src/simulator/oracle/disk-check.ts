/**
 * O12: what counts as stored survives a power cut at any moment. F1 to F5 of `protocol/conductor/storage.ts`, asked of the
 * disk itself:
 *
 * - A manifest is ordered only when every file that it names is durable, and its checkpoint counts only when it is.
 * - One checkpoint is written at a time.
 * - Whoever goes back to the disk goes back with everybody; nothing is passed over, and no run given up, without need.
 * - No number is given twice, whoever conducts.
 * - Where nothing else keeps checkpoints, a commit is told only of one that is whole on disk.
 */
import {
  type CandidateEffect,
  type ConductorEffect,
  type ConductorEvent,
  type ConductorState,
  rankOf,
} from '../../protocol/index.ts'
import type { SimulatedDisk } from '../disk/disk.ts'
import { manifestName, pagesName } from '../disk/folder.ts'
import { filesOf, wholeIn } from '../disk/manifests.ts'
import type { Violation, ViolationKind } from './oracle.ts'

type Effect<Type extends ConductorEffect['type']> = Extract<ConductorEffect, { type: Type }>

/** Counts of a whole run. */
export interface DiskDeeds {
  /** Checkpoints that became whole on disk. */
  readonly stored: number
  /** How often everybody went back to one, or began with one. */
  readonly returns: number
}

/** What of a conductor is asked for. */
export type Conducting = Pick<ConductorState, 'epoch' | 'options' | 'storage' | 'fromDisk'>

/** Where a run has come to. */
export interface DiskTally {
  /** Ordered, and neither sealed nor given up. */
  readonly ordered: number | null
  /** The newest that counted. */
  readonly counted: number | null
}

export class DiskCheck implements DiskDeeds {
  stored = 0
  returns = 0
  readonly #disk: Pick<SimulatedDisk, 'folder' | 'run'>
  readonly #report: (violation: Violation) => void
  /** Numbers of writings, and the epoch that each was given in. */
  readonly #given = new Map<number, number>()
  #ordered: number | null
  #counted: number | null

  constructor(
    disk: Pick<SimulatedDisk, 'folder' | 'run'>,
    report: (violation: Violation) => void,
    { ordered, counted }: DiskTally = { ordered: null, counted: null },
  ) {
    this.#disk = disk
    this.#report = report
    this.#ordered = ordered
    this.#counted = counted
  }

  get tally(): DiskTally {
    return { ordered: this.#ordered, counted: this.#counted }
  }

  /** The conductor has handled an event; its effects are not carried out yet. */
  conductorSaw(conductor: Conducting, event: ConductorEvent, effects: readonly ConductorEffect[]): void {
    this.#noteGivenUp(conductor, event)
    for (const effect of effects) {
      switch (effect.type) {
        case 'recoveryBegan':
        case 'notStored':
          this.#ordered = null
          break
        case 'send':
          this.#checkSent(conductor, effect)
          break
        case 'stored':
          this.stored += 1
          this.#ordered = null
          this.#checkCounted(conductor)
          break
        default:
          this.conductorDid(effect, conductor.options.processes)
      }
    }
  }

  /** Where several may conduct: an effect of one of them leaves it, which may be behind its decisions. */
  conductorDid(effect: ConductorEffect | CandidateEffect, processes: number): void {
    switch (effect.type) {
      case 'send':
        if (effect.frame.type === 'store') this.#checkNumber(effect.frame.sequence, effect.epoch)
        if (effect.frame.type === 'commit') this.#checkCommit(effect.frame.checkpoint)
        return
      case 'seal':
        this.#checkFiles(processes, effect)
        return
      case 'lineFound':
        if (effect.disk !== null) this.returns += 1
        return
      case 'stored':
        this.stored += 1
        this.#counted = wholeIn(this.#disk.folder).at(-1)?.sequence ?? null
        if (!this.#isOnDisk(effect.checkpoint)) {
          this.#say('NOT DURABLE', `checkpoint ${effect.checkpoint} counts before it is durable`)
        }
        return
      case 'passedOver':
      case 'damaged':
      case 'uncovered':
        this.#checkNeed(effect.type)
        return
      default:
    }
  }

  /** F5 */
  #checkNumber(sequence: number, epoch: number): void {
    const before = this.#given.get(sequence) ?? epoch
    if (before !== epoch) this.#say('DUPLICATE', `number ${sequence} is given in epochs ${before} and ${epoch}`)
    this.#given.set(sequence, epoch)
  }

  /** To be called when the power was cut, and what is on the disk can be seen. */
  powerWasCut(): void {
    const { folder } = this.#disk
    const newest = wholeIn(folder).at(-1)?.sequence ?? 0
    if (this.#counted !== null && newest < this.#counted && !folder.hasBeenDamaged) {
      this.#say('NOT DURABLE', `the power cut took checkpoint file ${this.#counted}`)
    }
    this.#ordered = null
    this.#counted = newest > 0 ? newest : null
  }

  /** Somebody could not write the file that it was to write, or heard of the order too late. */
  #noteGivenUp({ epoch }: Conducting, event: ConductorEvent): void {
    if (event.type === 'notSealed') this.#ordered = null
    if (event.type !== 'frame' || event.epoch !== epoch || event.frame.type !== 'notStored') return
    if (event.frame.sequence === this.#ordered) this.#ordered = null
  }

  #checkSent(conductor: Conducting, { to, frame }: Effect<'send'>): void {
    if (frame.type === 'store' && frame.sequence !== this.#ordered) {
      if (this.#ordered !== null) {
        this.#say('UNBOUNDED', `writing ${frame.sequence} is ordered while ${this.#ordered} is under way`)
      }
      this.#ordered = frame.sequence
    }
    if (frame.type === 'commit') this.#checkCommit(frame.checkpoint)
    if (frame.type === 'plan' && conductor.fromDisk && rankOf(to) !== null) {
      const newest = conductor.storage?.whole.at(-1)?.sequence ?? null
      if (frame.disk !== newest) this.#say('LOST', `${to} does not go back to the disk, where everybody goes`)
    }
  }

  #checkCommit(checkpoint: number): void {
    if (this.#isOnDisk(checkpoint)) return
    this.#say('NOT DURABLE', `the commit of checkpoint ${checkpoint} is told, which is not whole on disk`)
  }

  #isOnDisk(checkpoint: number): boolean {
    const { folder } = this.#disk
    // What was damaged since then may have been whole.
    if (folder.hasBeenDamaged) return true
    return wholeIn(folder).some(
      (one) => one.checkpoint >= checkpoint && filesOf(one).every((name) => folder.isDurable(name)),
    )
  }

  /** Nothing is passed over, and no run given up, without need. */
  #checkNeed(type: 'passedOver' | 'damaged' | 'uncovered'): void {
    const { folder } = this.#disk
    if (type !== 'uncovered') {
      if (!folder.hasBeenDamaged) this.#say('NOT DURABLE', 'what counted as stored cannot be read')
    } else if (wholeIn(folder).length > 0 && this.#counted !== null) {
      this.#say('LOST', 'the run ends, though a whole checkpoint is on disk')
    }
  }

  #checkFiles(processes: number, { sequence }: Effect<'seal'>): void {
    const { folder, run } = this.#disk
    for (let rank = 0; rank < processes; rank += 1) {
      const name = pagesName(sequence, run, rank)
      if (!folder.isDurable(name)) this.#say('NOT DURABLE', `a manifest is ordered before ${name} is durable`)
    }
  }

  #checkCounted({ storage }: Conducting): void {
    const { sequence } = storage!.whole.at(-1)!
    this.#counted = sequence
    const name = manifestName(sequence)
    if (!this.#disk.folder.isDurable(name)) this.#say('NOT DURABLE', `a checkpoint counts before ${name} is durable`)
  }

  #say(kind: ViolationKind, detail: string): void {
    this.#report({ kind, detail })
  }
}
