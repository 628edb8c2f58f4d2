import { type ConductorEffect, type ConductorState, checkpointPlace, type Place } from '../protocol/index.ts'
import type { HostEffect, HostEvent } from './host.ts'
import { idOf } from './journal.ts'
import { type LiveProcess, Oracle, type OracleOptions } from './oracle.ts'
import { applicationOf, type Processor } from './processor.ts'

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

  /** The processes as they are now, or null while not all of them compute in the conductor's epoch. */
  live(): LiveProcess[] | null {
    const { epoch, phase } = this.#world.conductor
    if (phase !== 'running' && phase !== 'ended') return null
    const processes: LiveProcess[] = []
    for (let rank = 0; rank < this.#processes; rank += 1) {
      const processor = this.#world.holder(`a${rank}`)
      const host = processor?.host
      if (!processor?.alive || host?.kind !== 'application') return null
      if (host.state.mode !== 'running' || host.state.epoch !== epoch) return null
      const consuming = (host.step?.deliveries ?? []).map(({ from, payload }) => ({ peer: from, id: idOf(payload) }))
      processes.push({ rank, journal: host.journal.read(), consuming })
    }
    return processes
  }

  /** What must hold at every moment. */
  checkNow(): void {
    const processes = this.live()
    if (!processes) return
    this.#oracle.checkLive(processes)
    for (const process of processes) this.#oracle.checkReleased(process)
    const captured = processes.map(({ rank }) => applicationOf(this.#world.holder(`a${rank}`)!).state.captured)
    this.#oracle.checkCaptured(captured)
  }

  checkFinished(): void {
    const processes = this.live()
    if (processes) this.#oracle.checkFinished(processes)
  }
}
