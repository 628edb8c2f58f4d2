import { assert, type ProcessorId } from '../base/index.ts'
import type { ErasureCode } from '../parity/index.ts'
import type { Place, Vacancies } from '../protocol/index.ts'
import type { PlannedHost } from './hosts.ts'
import { improvedStepwise, isHopeless, leastUncovered, loadsOf, spreadOver } from './place.ts'
import type { Placement } from './survival.ts'

/** So many ways to give places to hosts are all looked at; of more the search is by chance. */
const waysMax = 256
/** Of a machine with more places none is looked at where the hosts are too few anyway: everybody waits meanwhile. */
const placesMax = 40

/**
 * Which spare takes which vacant place: so that the loss of any one host is covered where that can be, then of any two, up
 * to as many as the code bears; then with as few places on one host as can be. Of the spares on a host the oldest is taken.
 */
export function arrangeSpares(vacancies: Vacancies): Map<Place, ProcessorId> {
  const { vacant, spares } = vacancies
  assert(spares.length >= vacant.length, 'placement: there is a spare for every vacant place')
  const { hosts, kept } = numbered(vacancies)
  const placement = bestPlacement(hosts, vacancies.code, kept)
  const queues = hosts.map(({ name }) => spares.filter(({ host }) => host === name))
  return new Map(vacant.map((place) => [place, queues[placement.get(place)!]!.shift()!.processor]))
}

/** Hosts take as many processors as they hold places and have spares. */
function numbered({ kept, spares }: Pick<Vacancies, 'kept' | 'spares'>): { hosts: PlannedHost[]; kept: Placement } {
  const names = [...new Set([...kept.values(), ...spares.map(({ host }) => host)])]
  const room = (name: string): number =>
    [...kept.values()].filter((one) => one === name).length + spares.filter(({ host }) => host === name).length
  const hosts = names.map((name): PlannedHost => ({ name, rack: null, processorsMax: room(name) }))
  return { hosts, kept: new Map([...kept].map(([place, name]) => [place, names.indexOf(name)])) }
}

/**
 * Where all places of a machine would best be, with those of `kept` where they are: so that the loss of any one host is
 * covered where that can be, and so on as above. The hosts have room for all.
 */
export function bestPlacement(hosts: readonly PlannedHost[], code: ErasureCode, kept: Placement): Placement {
  const options = { hosts, code, domain: 'host', losses: Math.max(1, code.checks / code.groups) } as const
  const spread = spreadOver(options, kept)
  if (isHopeless(code, hosts.length, 1) && spread.size > placesMax) return spread
  if (leastUncovered([spread], options).isCovered) return spread
  const vacant = [...spread.keys()].filter((place) => !kept.has(place))
  if (hosts.length ** vacant.length > waysMax) return improvedStepwise(spread, options, kept)
  return leastUncovered([spread, ...everyPlacement(hosts, kept, vacant)], options).placement
}

/** All ways to give the vacant places to hosts that have room for them. */
function* everyPlacement(
  hosts: readonly PlannedHost[],
  kept: Placement,
  [first, ...others]: readonly Place[],
): Generator<Placement> {
  if (first === undefined) {
    yield kept
    return
  }
  const loads = loadsOf(hosts, kept)
  for (const [host, { processorsMax }] of hosts.entries()) {
    if (processorsMax === null || loads[host]! < processorsMax)
      yield* everyPlacement(hosts, new Map(kept).set(first, host), others)
  }
}
