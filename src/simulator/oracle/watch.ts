import type { ErasureCode } from '../../parity/index.ts'
import {
  applicationPlace,
  type CandidateEffect,
  type ConductorEffect,
  type ConductorEvent,
  checkpointPlace,
  describeEvent,
  type Place,
} from '../../protocol/index.ts'
import type { SimulatedDisk } from '../disk/disk.ts'
import type { ApplicationHost } from '../world/application-host.ts'
import type { HostEffect, HostEvent } from '../world/host.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import { type Bounded, BoundsCheck } from './bounds-check.ts'
import { DiskCheck, type DiskDeeds } from './disk-check.ts'
import { traceOfApplication, traceOfCheck, traceOfConductor } from './epoch-check.ts'
import { FlowCheck } from './flow-check.ts'
import { idOf } from './journal.ts'
import { type LiveProcess, Oracle, type OracleOptions, type Violation } from './oracle.ts'
import { lacking } from './recycling-check.ts'
import { needlesslyWaitedFor } from './silence-check.ts'

/** What the watch sees of a world. */
export type Watched = Bounded

export interface WatchOptions extends OracleOptions {
  /** Null: nothing is written to disk. */
  readonly disk: SimulatedDisk | null
  /** The protocol is broken in a way that keeps more than it should, which is not what is looked for. */
  readonly isUnbounded: boolean
  /** Several may conduct: what is on its way to and from them is not looked at. */
  readonly hasCandidates: boolean
}

/** Shows the oracle what happens in a world. */
export class Watch {
  /** Commits that checkpoint processors have decided, in recoveries too. */
  commits = 0
  readonly #world: Watched
  readonly #processes: number
  readonly #code: ErasureCode | null
  readonly #oracle: Oracle
  readonly #bounds: BoundsCheck | null
  readonly #flow: FlowCheck | null
  readonly #disk: SimulatedDisk | null
  readonly #diskCheck: DiskCheck | null
  readonly #report: (violation: Violation) => void
  readonly #running: ApplicationHost[] = []
  /** By rank. Made once, since they are looked up after every action. */
  readonly #places: readonly Place[]
  /** What the receiver of a frame of an old epoch was like before; null: the frame is not of an old epoch. */
  #before: string | null = null

  constructor(world: Watched, options: WatchOptions) {
    this.#world = world
    this.#processes = options.processes
    this.#code = options.code
    this.#places = Array.from({ length: options.processes }, (_, rank) => applicationPlace(rank))
    this.#report = options.report
    this.#oracle = new Oracle(options)
    this.#disk = options.disk
    this.#diskCheck = options.disk && new DiskCheck(options.disk, options.report)
    const unbounded = (detail: string): void => this.#report({ kind: 'UNBOUNDED', detail })
    this.#bounds =
      options.isUnbounded || options.hasCandidates ? null : new BoundsCheck(world, options.rules, unbounded)
    this.#flow = options.isUnbounded ? null : new FlowCheck(unbounded)
  }

  /** An event comes to a processor. */
  comes({ host }: SimulatedProcessor, event: HostEvent): void {
    this.#before = null
    if (event.type !== 'frame' || !host || event.epoch >= host.state.epoch) return
    this.#before = host.kind === 'check' ? traceOfCheck(host.state) : traceOfApplication(host.state)
  }

  comesToConductor(event: ConductorEvent): void {
    const { conductor } = this.#world
    this.#before = event.type === 'frame' && event.epoch < conductor.epoch ? traceOfConductor(conductor) : null
  }

  conductorSaw(event: ConductorEvent, effects: readonly ConductorEffect[]): void {
    const waiting = needlesslyWaitedFor(this.#world, this.#code)
    if (waiting.length > 0) {
      const detail = `the conductor waits for ${waiting.join(' and ')}, whose loss is covered`
      this.#report({ kind: 'STUCK', detail })
    }
    this.#checkDisk(event, effects)
    if (this.#before === null) return
    const hasEffect = effects.some(({ type }) => type !== 'fence')
    if (hasEffect || traceOfConductor(this.#world.conductor) !== this.#before) this.#sayOldFrame('conductor', event)
  }

  #checkDisk(event: ConductorEvent, effects: readonly ConductorEffect[]): void {
    if (!this.#disk) return
    const { conductor } = this.#world
    this.#diskCheck?.conductorSaw(conductor, event, effects)
    for (const effect of effects) this.#noteOnDisk(effect, this.#disk)
  }

  #noteOnDisk(effect: ConductorEffect | CandidateEffect, { folder }: SimulatedDisk): void {
    // Where nothing but files keeps checkpoints, that is the commit.
    if (effect.type === 'stored' && this.#code === null) {
      this.#oracle.noteCommit(effect.checkpoint)
      this.#noteDecision()
    }
    if (effect.type !== 'lineFound' || effect.disk === null) return
    this.#oracle.noteLineOnDisk(effect.disk, this.#code === null && !folder.hasBeenDamaged)
  }

  /** Where several may conduct: an effect of the one on record leaves it. */
  conductorDid(effect: CandidateEffect): void {
    if (!this.#disk) return
    this.#diskCheck?.conductorDid(effect, this.#processes)
    this.#noteOnDisk(effect, this.#disk)
  }

  get onDisk(): DiskDeeds {
    return this.#diskCheck ?? { stored: 0, returns: 0 }
  }

  /** The conductor is another one, and goes on from what the disk holds. */
  powerWasCut(): void {
    this.#before = null
    this.#diskCheck?.powerWasCut()
    // Where nothing but files keeps checkpoints, nothing can have been released without one.
    this.#oracle.powerWasCut(this.#code !== null && this.#world.conductor.storage?.whole.length === 0)
  }

  #sayOldFrame(who: string, event: HostEvent | ConductorEvent): void {
    this.#report({ kind: 'OLD FRAME', detail: `${who}: ${describeEvent(event)}` })
  }

  saw(processor: SimulatedProcessor, event: HostEvent, effects: readonly HostEffect[]): void {
    const { host } = processor
    if (this.#before !== null && host) {
      const after = host.kind === 'check' ? traceOfCheck(host.state) : traceOfApplication(host.state)
      if (effects.length > 0 || after !== this.#before) this.#sayOldFrame(host.state.place, event)
    }
    if (host?.kind === 'application') this.#flow?.saw(host, event, effects)
    if (event.type !== 'restored' || host?.kind !== 'application' || event.epoch !== host.state.epoch) return
    if (!this.#isMember(processor)) return
    this.#oracle.noteRestored(host.state.options.rank, event.checkpoint, host.memory.real)
  }

  did(processor: SimulatedProcessor, effect: HostEffect): void {
    const { host } = processor
    if (host?.kind === 'application' && effect.type === 'capture') this.#oracle.noteCapture(host, effect.checkpoint)
    if (effect.type === 'recycle' && this.#isMember(processor)) this.#checkRecycled(processor, effect.checkpoint)
    if (host?.kind !== 'check' || !this.#isMember(processor)) return
    const { place, parityCheckpoint: parity } = host.state
    if (effect.type === 'applyStaged') {
      this.#oracle.noteCommit(effect.checkpoint)
      if (place === checkpointPlace(0)) this.#noteDecision()
    }
    const isRebuilt = effect.type === 'send' && effect.frame.type === 'restored'
    if (isRebuilt) this.#bounds?.checkStaged(host)
    if (effect.type === 'applyStaged' || isRebuilt) this.#oracle.noteParity(place, parity, host.parity)
  }

  #noteDecision(): void {
    this.commits += 1
    if (!this.#bounds) return
    const hosts = this.#hosts()
    if (hosts) this.#bounds.checkLogs(hosts)
  }

  #checkRecycled({ host }: SimulatedProcessor, checkpoint: number): void {
    const places = lacking(this.#world, checkpoint)
    if (places.length === 0) return
    const detail = `${host!.state.place} forgets what is older than ${checkpoint}, which ${places.join(' and ')} lacks`
    this.#report({ kind: 'RECYCLED TOO EARLY', detail })
  }

  /** What a processor does that was replaced already does not count. */
  #isMember(processor: SimulatedProcessor): boolean {
    return processor.host !== null && this.#world.holder(processor.host.state.place) === processor
  }

  released({ rank, index, payload }: Extract<ConductorEffect, { type: 'output' }>): void {
    this.#oracle.noteReleased(rank, index, payload)
  }

  /** The hosts of all processes by rank, or null while not all of them compute in the conductor's epoch. */
  #hosts(): ApplicationHost[] | null {
    const { epoch, phase } = this.#world.conductor
    if (phase !== 'running' && phase !== 'ended') return null
    const hosts = this.#running
    for (let rank = 0; rank < this.#processes; rank += 1) {
      const processor = this.#world.holder(this.#places[rank]!)
      const host = processor?.host
      if (!processor?.alive || host?.kind !== 'application') return null
      if (host.state.mode !== 'running' || host.state.epoch !== epoch) return null
      hosts[rank] = host
    }
    return hosts
  }

  /** The processes as they are now, or null while not all of them compute in the conductor's epoch. */
  live(): LiveProcess[] | null {
    const hosts = this.#hosts()
    if (!hosts) return null
    return hosts.map(({ journal, step }, rank) => {
      const consuming = (step?.deliveries ?? []).map(({ from, payload }) => ({ peer: from, id: idOf(payload) }))
      return { rank, journal, consuming }
    })
  }

  /** What must hold at every moment. */
  checkNow(): void {
    const hosts = this.#hosts()
    if (!hosts) return
    this.#oracle.checkNow(hosts)
    this.#bounds?.checkMemories(hosts)
  }

  checkFinished(): void {
    const processes = this.live()
    if (processes) this.#oracle.checkFinished(processes)
  }
}
