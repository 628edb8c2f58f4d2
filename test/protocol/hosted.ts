import { type ProcessorId, processorId } from '../../src/base/index.ts'
import { type ErasureCode, reedSolomonCode } from '../../src/parity/index.ts'
import { arrangeSpares } from '../../src/placement/index.ts'
import {
  type Accident,
  type ConductorEffect,
  type ConductorEvent,
  createConductor,
  describeEffect,
  type Frame,
  type Place,
  type ProcessorLoss,
  stepConductor,
  uncoveredHosts,
} from '../../src/protocol/index.ts'

/** The conductor of a machine on hosts; nothing is told of a host that its processors were not lost with. */
export class Hosted {
  readonly code: ErasureCode
  readonly state
  /** The host of every processor so far. */
  readonly hosts = new Map<ProcessorId, string>()
  readonly effects: ConductorEffect[] = []
  #started = 0

  /** One process after the other is ready on each of these hosts. */
  constructor(processes: number, hosts: readonly string[], tolerate = 1) {
    this.code = reedSolomonCode(processes, tolerate)
    this.state = createConductor({ processes, code: this.code, arrange: arrangeSpares })
    for (const host of hosts) this.ready(host)
  }

  tell(event: ConductorEvent): string[] {
    const effects = stepConductor(this.state, event)
    this.effects.push(...effects)
    return effects.map(describeEffect)
  }

  ready(host: string): string[] {
    this.#started += 1
    const processor = processorId(this.#started)
    this.hosts.set(processor, host)
    return this.tell({ type: 'ready', processor, host })
  }

  hear(from: Place, frame: Frame): string[] {
    const processor = this.state.members.get(from)!
    return this.tell({ type: 'frame', processor, epoch: this.state.epoch, from, frame })
  }

  /** All members and spares of a host. */
  on(host: string): ProcessorId[] {
    const known = new Set([...this.state.members.values(), ...this.state.spares])
    return [...this.hosts].filter(([id, one]) => one === host && known.has(id)).map(([id]) => id)
  }

  lossesOn(host: string, accident?: Accident): ProcessorLoss[] {
    return this.on(host).map((processor) => ({ processor, ...(accident && { accident }) }))
  }

  loseHost(host: string, accident?: Accident): string[] {
    return this.tell({ type: 'lostTogether', losses: this.lossesOn(host, accident) })
  }

  /** Everybody who has its memory reports, and all are restored. */
  recover(line = 0): void {
    for (const place of this.state.members.keys()) {
      if (!this.state.missing.has(place)) this.hear(place, { type: 'report', checkpoints: [line] })
    }
    for (const place of this.state.members.keys()) this.hear(place, { type: 'restored' })
  }

  hostOf(place: Place): string | null {
    const holder = this.state.members.get(place) ?? null
    return holder === null ? null : this.hosts.get(holder)!
  }

  /** Hosts whose loss would not be covered now. */
  get uncovered(): string[] {
    const places = [...this.state.members.keys()].flatMap((place) => {
      const host = this.hostOf(place)
      return host === null ? [] : [[place, host] as const]
    })
    return [...uncoveredHosts(this.code, new Map(places), this.state.missing).keys()]
  }
}
