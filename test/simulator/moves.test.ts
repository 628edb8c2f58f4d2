/** Moves that are not possible in the world as it is: of a run that is played again without some of what happened in it. */
import { expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { type Move, playMove } from '../../src/simulator/faults/moves.ts'
import { runSeed } from '../../src/simulator/index.ts'
import { createWorld } from '../../src/simulator/world/machine.ts'

const [known, unknown] = [processorId(1), processorId(99)]
const { machine } = runSeed(1, { conductors: 2 })

it.each<Move>([
  { type: 'deliver', from: 'candidate 1', to: unknown },
  { type: 'deliver', from: unknown, to: 'store' },
  { type: 'deliver', from: 'candidate 2', to: 'candidate 9' },
  { type: 'duplicate', from: known, to: unknown, which: 0, at: 0 },
  { type: 'repeatLate', from: unknown, to: known, which: 0 },
  { type: 'sever', from: known, to: unknown },
])('%j changes nothing where that was never started', (move) => {
  const world = createWorld(machine)
  const links = world.links.all.length
  expect(playMove(world, move)).toBe(false)
  expect(world.links.all.length).toBe(links)
})
