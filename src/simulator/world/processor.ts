import { assert, type Epoch, type ProcessorId } from '../../base/index.ts'
import type { Accident, ConductorEvent, Place } from '../../protocol/index.ts'
import type { ApplicationHost } from './application-host.ts'
import type { CheckHost } from './check-host.ts'
import type { End, Packet } from './links.ts'

/** One started processor: a spare until it is given a place. */
export interface SimulatedProcessor {
  readonly id: ProcessorId
  host: ApplicationHost | CheckHost | null
  alive: boolean
  frozen: boolean
  /** A partition keeps the conductor from hearing it. */
  cutOff: boolean
  /** The conductor was told that it is silent. */
  isSilent: boolean
  /** The host that it is on; null on one computer. */
  readonly on: string | null
  /** It stands still, or is silent, with all of its host: what the crew tells is told of all of them at once. */
  withHost: boolean
  /** Who holds which place, as far as this processor was told. */
  readonly members: Map<Place, ProcessorId>
  /** Whom it obeys, and the highest epoch that it was ordered in. */
  follows: End
  obeyed: Epoch
  /** Came before the place did. */
  readonly early: Extract<Packet, { type: 'frame' }>[]
  /** Crashes when this many more effects have been carried out; null: does not. */
  effectsLeft: number | null
  /** Alive, and given up by the machine since one of its connections broke: it will be ended. */
  givenUp: boolean
  /** Its end is nobody's wish, as far as the conductor is told; null: somebody asked for it. */
  accident: Accident | null
}

export function createSpare(id: ProcessorId, on: string | null): SimulatedProcessor {
  return {
    id,
    host: null,
    alive: true,
    frozen: false,
    cutOff: false,
    isSilent: false,
    on,
    withHost: false,
    members: new Map(),
    follows: 'conductor',
    obeyed: 0,
    early: [],
    effectsLeft: null,
    givenUp: false,
    accident: null,
  }
}

/** What a conductor hears of its end. */
export function lossOf({ id, accident }: Pick<SimulatedProcessor, 'id' | 'accident'>): ConductorEvent {
  return { type: 'lost', processor: id, ...(accident && { accident }) }
}

export function applicationOf({ host }: SimulatedProcessor): ApplicationHost {
  assert(host?.kind === 'application', 'it is an application processor')
  return host
}
