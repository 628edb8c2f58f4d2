import type { ConductorEvent } from '../../protocol/index.ts'
import type { Links } from '../world/links.ts'
import type { SimulatedCandidate } from './candidate.ts'

/** What the crew tells of processors: every candidate that hears it hears it now, the others as soon as they do. */
export class CrewNews {
  readonly #all: readonly SimulatedCandidate[]
  readonly #links: Links
  readonly #tell: (candidate: SimulatedCandidate, event: ConductorEvent) => void

  constructor(
    all: readonly SimulatedCandidate[],
    links: Links,
    tell: (candidate: SimulatedCandidate, event: ConductorEvent) => void,
  ) {
    this.#all = all
    this.#links = links
    this.#tell = tell
  }

  tellAll(event: ConductorEvent): void {
    for (const one of this.#all) {
      if (!one.alive) continue
      if (this.#hears(one)) this.#tell(one, event)
      else remember(one.backlog, event)
    }
  }

  /** To those who hear again. */
  tellRest(): void {
    for (const one of this.#all) {
      if (!one.alive || !this.#hears(one)) continue
      for (const event of one.backlog.splice(0)) this.#tell(one, event)
    }
  }

  #hears({ frozen, end }: SimulatedCandidate): boolean {
    return !frozen && !this.#links.isCut('conductor', end)
  }
}

/** The crew tells how it is now: who fell silent and is heard again was never silent for whoever heard nothing of it. */
function remember(backlog: ConductorEvent[], event: ConductorEvent): void {
  const before = backlog.findIndex((one) => isUndoneBy(one, event))
  if (before < 0) backlog.push(event)
  else backlog.splice(before, 1)
}

function isUndoneBy(silence: ConductorEvent, event: ConductorEvent): boolean {
  if (event.type === 'heard') return silence.type === 'silent' && silence.processor === event.processor
  if (event.type !== 'heardTogether' || silence.type !== 'silentTogether') return false
  const heard = new Set(event.processors)
  return silence.losses.length === heard.size && silence.losses.every(({ processor }) => heard.has(processor))
}
