/** Conductors that take hosts for less, or for more, than they are. */
import type { ProcessorId } from '../../base/index.ts'
import type { ConductorEffect, ConductorEvent, Place, Vacancies } from '../../protocol/index.ts'
import type { Canary } from './canary.ts'

export const hostCanaries = {
  /** The loss of a host is the loss of one processor after the other: spares of it are given places. */
  'host-lost-one-by-one': {
    hosts: 4,
    conductor: (step, _, event) => (event.type === 'lostTogether' ? each(step, event.losses, 'lost') : step(event)),
  },
  /** So is its silence. */
  'host-silent-one-by-one': {
    hosts: 4,
    conductor: (step, _, event) => (event.type === 'silentTogether' ? each(step, event.losses, 'silent') : step(event)),
  },
  /** The spare that was ready first takes the first place, wherever it is. */
  'places-whatever-the-host': {
    hosts: 4,
    conductor(step, state, event) {
      Object.assign(state.options, { arrange: inOrder })
      return step(event)
    },
  },
  /** Each spare takes a place as soon as it is ready. */
  'places-as-spares-come': {
    hosts: 4,
    conductor(step, state, event) {
      Object.assign(state.options, { arrange: undefined })
      return step(event)
    },
  },
  /** Whoever takes over does not know on which hosts places are. */
  'hosts-not-on-record': {
    hosts: 4,
    conductors: 2,
    candidate: (step, _, event) =>
      step(event).map((effect) =>
        effect.type === 'propose' ? { ...effect, record: { ...effect.record, hosts: [] } } : effect,
      ),
  },
} satisfies Record<string, Canary>

function each(
  step: (event: ConductorEvent) => ConductorEffect[],
  losses: Extract<ConductorEvent, { type: 'lostTogether' }>['losses'],
  type: 'lost' | 'silent',
): ConductorEffect[] {
  return losses.flatMap((loss) => step({ type, ...loss }))
}

function inOrder({ vacant, spares }: Vacancies): Map<Place, ProcessorId> {
  return new Map(vacant.map((place, index) => [place, spares[index]!.processor]))
}
