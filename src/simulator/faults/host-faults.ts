/** What befalls hosts in a random run: only what the code covers is lost, and what is frozen may be more than that. */
import type { Random } from '../../base/index.ts'
import type { SimulatedHost } from '../hosts/hosts.ts'
import type { World } from '../world/world.ts'
import type { SimulatedFault } from './moves.ts'
import { isLossCovered, membersIfWell } from './victims.ts'

/** Frozen hosts go on, and those that were lost come back, after a while. */
export function hostsComeBack(random: Random, { hosts }: World): SimulatedFault[] {
  if (!hosts) return []
  return hosts.all.flatMap(({ name: host, isFrozen, isOff, untold }): SimulatedFault[] => {
    if (isFrozen) return random.integer(1, 60) === 1 ? [{ type: 'thawHost', host }] : []
    return isOff && untold.length === 0 && random.integer(1, 80) === 1 ? [{ type: 'returnHost', host }] : []
  })
}

/** The loss of one whose places are covered, together with all that is lost already. Another one is left. */
export function loseHost(random: Random, world: World): SimulatedFault[] {
  const usable = world.hosts?.usable ?? []
  if (usable.length < 2) return []
  const candidates = usable.filter(({ name }) => isLossCovered(world, world.hosts!.on(name)))
  if (candidates.length === 0) return []
  const { name: host } = random.pick(candidates)
  const links = world.hosts!.on(host).flatMap(({ id }) => world.links.from(id))
  return [{ type: 'loseHost', host, arriving: links.map(({ packets }) => random.integer(0, packets.length)) }]
}

export function freezeHost(random: Random, world: World): SimulatedFault[] {
  const usable: readonly SimulatedHost[] = world.hosts?.usable ?? []
  if (usable.length < 2 || !membersIfWell(world)) return []
  return [{ type: 'freezeHost', host: random.pick(usable).name }]
}
