/** Whom a fault may strike, so that what is lost or silent together stays covered. */
import type { Random } from '../../base/index.ts'
import type { Place } from '../../protocol/index.ts'
import { isRecoverable } from '../oracle/recoverable.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import type { World } from '../world/world.ts'

/** Neither frozen, nor cut off, nor believed to be, nor about to end. */
function isWell({ frozen, cutOff, isSilent, effectsLeft, givenUp }: SimulatedProcessor): boolean {
  return !frozen && !cutOff && !isSilent && effectsLeft === null && !givenUp
}

/** On the way back to the disk, or where nothing else keeps checkpoints, nothing that anybody holds is needed. */
export function isCovered({ code, conductor, disk }: World, lost: ReadonlySet<Place>): boolean {
  if (disk && (code === null || conductor.fromDisk)) return true
  return code !== null && isRecoverable(code, lost)
}

export function sparesOf({ processors }: World): SimulatedProcessor[] {
  return processors.filter(({ alive, host }) => alive && !host)
}

/** All members, or null unless all are well. */
export function membersIfWell(world: World): SimulatedProcessor[] | null {
  const members: SimulatedProcessor[] = []
  for (const place of world.conductor.members.keys()) {
    const member = world.holder(place)
    if (!member?.alive || !member.host || !isWell(member)) return null
    members.push(member)
  }
  return members
}

/** Somebody whose loss is covered together with all that is lost already, known or not. */
export function victim(
  random: Random,
  world: World,
  isWanted: (processor: SimulatedProcessor) => boolean = () => true,
): SimulatedProcessor | null {
  const { lost, candidates } = theWell(world)
  const covered = candidates.filter(
    ([place, processor]) => isWanted(processor) && isCovered(world, new Set([...lost, place])),
  )
  return covered.length > 0 ? random.pick(covered)[1] : null
}

/** Whether all of these are well, and what they hold is covered together with all that is lost already, known or not. */
export function isLossCovered(world: World, processors: readonly SimulatedProcessor[]): boolean {
  const { lost, candidates } = theWell(world)
  const well = new Map(candidates.map(([place, processor]) => [processor, place]))
  for (const processor of processors) {
    if (!isWell(processor)) return false
    const place = well.get(processor)
    if (place !== undefined) lost.add(place)
  }
  return isCovered(world, lost)
}

/** As many as are covered together, in random order; at most `most`. */
export function victimsTogether(random: Random, world: World, most: number): SimulatedProcessor[] {
  const { lost, candidates } = theWell(world)
  const victims: SimulatedProcessor[] = []
  while (candidates.length > 0 && victims.length < most) {
    const [[place, processor]] = candidates.splice(random.integer(0, candidates.length - 1), 1) as [
      [Place, SimulatedProcessor],
    ]
    if (!isCovered(world, new Set([...lost, place]))) continue
    lost.add(place)
    victims.push(processor)
  }
  return victims
}

function theWell(world: World): { lost: Set<Place>; candidates: [Place, SimulatedProcessor][] } {
  const lost = new Set<Place>(world.conductor.missing)
  // Whoever claims has decided by itself, and only later tells.
  for (const { alive, state } of world.candidates?.all ?? []) {
    if (alive) for (const place of state.tenure?.core.missing ?? []) lost.add(place)
  }
  const candidates: [Place, SimulatedProcessor][] = []
  for (const place of world.conductor.members.keys()) {
    const processor = world.holder(place)
    if (processor?.alive && processor.host && isWell(processor)) candidates.push([place, processor])
    else lost.add(place)
  }
  return { lost, candidates }
}
