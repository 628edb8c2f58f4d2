/** A counter-example as text: what happens, one line for every move, event and effect. */
import { unreachable } from '../../base/index.ts'
import { firstPacket } from './entries.ts'
import { conductorSlot } from './layout.ts'
import type { PackedState, StateMove } from './move.ts'
import { stepNode } from './processor-node.ts'
import { StateSpace } from './state-space.ts'
import { violationOf } from './universe.ts'
import type { ExhaustiveWorld } from './worlds.ts'

/** The states before each of the moves, and the last. */
export function replay(space: StateSpace, moves: readonly StateMove[]): PackedState[] {
  const states = [space.initial()]
  for (const move of moves) {
    space.apply(states.at(-1)!, move, (_, after) => states.push(after.slice()))
  }
  return states
}

export function describeMoves(world: ExhaustiveWorld, moves: readonly StateMove[]): string[] {
  const space = new StateSpace(world, false)
  const states = replay(space, moves)
  return moves.flatMap((move, index) => tryToDescribe(space, states[index]!, move))
}

/** A counter-example may end with something that breaks. */
function tryToDescribe(space: StateSpace, state: PackedState, move: StateMove): string[] {
  try {
    return describeMove(space, state, move)
  } catch (error) {
    const { kind, detail } = violationOf(error)
    return [`${kind}: ${detail}`]
  }
}

/** The place that an end holds as the conductor sees it, or the number of a processor that holds none. */
export function nameOfEnd(space: StateSpace, state: PackedState, end: number): string {
  if (end === 0) return 'conductor'
  const { members } = space.universe.conductors.entry(state[conductorSlot]!).value.state
  for (const [place, holder] of members) if (holder === end) return place
  return `p${end}`
}

function describeMove(space: StateSpace, state: PackedState, move: StateMove): string[] {
  const { universe } = space
  switch (move.type) {
    case 'deliver': {
      const first = universe.first(state[space.layout.linkSlot(move.from, move.to)]!)
      const packet = move.from === move.to ? space.disks.answer(state, first) : first
      if (move.to !== 0) return describeEventAt(space, state, move.to, firstPacket + packet)
      return describeNews(space, state, move.from, packet)
    }
    case 'own':
      return describeEventAt(space, state, move.processor, move.event)
    case 'crash': {
      const name = nameOfEnd(space, state, move.processor)
      const arriving = move.surviving.flatMap((count, end) =>
        count > 0 ? [`${count} to ${nameOfEnd(space, state, end)}`] : [],
      )
      return [`${name} crashes; of what it has sent still arrive: ${arriving.join(', ') || 'nothing'}`]
    }
    case 'cutPower': {
      const files = space.disks.filesOf(space.disks.afterPowerCuts(state)[move.outcome]!)
      return [`the power is cut; on disk is then: ${files.join(', ') || 'nothing'}`]
    }
    case 'suspect':
      return describeNews(space, state, move.processor, universe.packet({ type: 'silent' }))
    case 'hear':
      return describeNews(space, state, move.processor, universe.packet({ type: 'heard' }))
    default:
      return unreachable(move)
  }
}

/** What the conductor makes of news, in the number of a packet. */
function describeNews({ universe }: StateSpace, state: PackedState, processor: number, packet: number): string[] {
  const { value } = universe.conductors.entry(state[conductorSlot]!)
  return told('conductor', universe.stepConductor(value, processor, packet, true).reaction.lines)
}

function describeEventAt(space: StateSpace, state: PackedState, processor: number, event: number): string[] {
  const { universe } = space
  const { value } = universe.nodes.entry(state[space.layout.nodeSlot(processor)]!)
  const name = nameOfEnd(space, state, processor)
  const { lines } = stepNode(universe.surroundings, value, universe.nodeEvent(event), true).reaction
  return lines?.length === 0 ? [`${name}: sends its pages`] : told(name, lines)
}

function told(name: string, lines: readonly string[] | null): string[] {
  return (lines ?? []).map((line) => (line.startsWith(' ') ? line : `${name}: ${line}`))
}
