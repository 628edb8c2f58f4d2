import { assert } from '../../base/index.ts'
import type { SimulatedLink } from './links.ts'
import type { World } from './world.ts'

/**
 * A connection breaks, and what was in flight on it is lost. With sessions it is opened again and that is sent again;
 * without, it stays broken, and the machine gives up the processor at its far end, or the one that the conductor has
 * lost touch with; until that is ended, it knows of nothing and goes on.
 */
export function severLink(world: World, link: SimulatedLink): void {
  const { links } = world
  if (links.lose(link)) return
  const end = link.to === 'conductor' ? link.from : link.to
  assert(typeof end === 'number', 'connections to processors break')
  world.processor(end).givenUp = true
  const touchesConductor = link.from === 'conductor' || link.to === 'conductor'
  const broken = touchesConductor ? [links.between(end, 'conductor'), links.between('conductor', end)] : [link]
  if (touchesConductor) links.put(end, 'conductor', { type: 'closed' })
  for (const one of broken) links.break(one)
}
