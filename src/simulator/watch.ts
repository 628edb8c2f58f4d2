import {
  applicationPlace,
  type ConductorEffect,
  type ConductorState,
  checkpointPlace,
  type Place,
} from '../protocol/index.ts'
import type { ApplicationHost } from './application-host.ts'
import type { HostEffect, HostEvent } from './host.ts'
import { idOf } from './journal.ts'
import { type LiveProcess, Oracle, type OracleOptions } from './oracle.ts'
import type { Processor } from './processor.ts'

/** What the watch sees of a world. */
export interface Watched {
  readonly conductor: ConductorState
  holder(place: Place): Processor | null
}

/** Shows the oracle what happens in a world. */
export class Watch {
  /** Commits that checkpoint processors have decided, in recoveries too. */
  commits = 0
  readonly #world: Watched
  readonly #processes: number
  readonly #oracle: Oracle
  readonly #running: ApplicationHost[] = []

  constructor(world: Watched, options: OracleOptions) {
    this.#world = world
    this.#processes = options.processes
    this.#oracle = new Oracle(options)
  }

  saw(processor: Processor, event: HostEvent): void {
    const { host } = processor
    if (event.type !== 'restored' || host?.kind !== 'application' || event.epoch !== host.state.epoch) return
    if (!this.#isMember(processor)) return
    this.#oracle.noteRestored(host.state.options.rank, event.checkpoint, host.memory)
  }

  did(processor: Processor, effect: HostEffect): void {
    const { host } = processor
    if (host?.kind === 'application' && effect.type === 'capture') this.#oracle.noteCapture(host, effect.checkpoint)
    if (host?.kind !== 'check' || !this.#isMember(processor)) return
    const { place, parity } = host.state
    if (effect.type === 'applyStaged') {
      this.#oracle.noteCommit(effect.checkpoint)
      if (place === checkpointPlace) this.commits += 1
    }
    const isRebuilt = effect.type === 'send' && effect.frame.type === 'restored'
    if (effect.type === 'applyStaged' || isRebuilt) this.#oracle.noteParity(place, parity, host.store)
  }

  /** What others do that were replaced already counts for nobody. */
  #isMember(processor: Processor): boolean {
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
      const processor = this.#world.holder(applicationPlace(rank))
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
      return { rank, journal: journal.read(), consuming }
    })
  }

  /** What must hold at every moment. */
  checkNow(): void {
    const hosts = this.#hosts()
    if (hosts) this.#oracle.checkNow(hosts)
  }

  checkFinished(): void {
    const processes = this.live()
    if (processes) this.#oracle.checkFinished(processes)
  }
}
