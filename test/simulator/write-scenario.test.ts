import { expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import type { PackedState, StateMove } from '../../src/simulator/exhaustive/move.ts'
import { StateSpace } from '../../src/simulator/exhaustive/state-space.ts'
import {
  type Canary,
  canaries,
  type ExhaustiveWorld,
  exhaustiveWorlds,
  exploreExhaustively,
  runScenario,
  writeCounterExample,
} from '../../src/simulator/index.ts'

/** A schedule at random to the end of the run, in which faults are rare. */
function walk(world: ExhaustiveWorld, seed: number): StateMove[] {
  const random = seededRandom(seed)
  const space = new StateSpace(world, false)
  const moves: StateMove[] = []
  for (let state = space.initial(); ; ) {
    const possible = new Map<StateMove, PackedState>()
    space.forEach(state, (move, after) => possible.set(move, after.slice()))
    const progress = [...possible.keys()].filter((move) => space.isProgress(move))
    const faults = [...possible.keys()].filter((move) => !space.isProgress(move))
    if (progress.length === 0) return moves
    const isFault = faults.length > 0 && random.integer(1, 30) === 1
    const move = random.pick(isFault ? faults : progress)
    moves.push(move)
    state = possible.get(move)!
  }
}

it('schedules in which one that was given up goes on can be told as scenarios', () => {
  const world: ExhaustiveWorld = exhaustiveWorlds.suspicion
  // In 91 the conductor gets a frame of the one that was given up, and fences it only later.
  for (let seed = 81; seed <= 100; seed += 1) {
    const moves = walk(world, seed)
    for (const kind of ['STUCK', 'LOST'] as const) {
      const example = { moves, delays: 0, violation: { kind, detail: 'not at all' } }
      expect(writeCounterExample(world, example, []), `seed ${seed}`).toBeNull()
    }
  }
})

it.each([
  ['delta-not-shipped', 'recovery', 1, 'STUCK', 'STUCK: nothing can happen any more'],
  ['passed-on-without-adding', 'triangle', 0, 'WRONG MEMORY', '  a0 is damaged: page groups'],
  ['always-goes-back', 'triangle', 0, 'ASSERTION', 'ASSERTION: V2: survivors have a checkpoint in common'],
] as const)('what %s does is told as a scenario', (name, worldName, delays, kind, line) => {
  const canary: Canary = canaries[name]
  const world: ExhaustiveWorld = { ...exhaustiveWorlds[worldName], canary, rulesOption: `canary=${name}` }
  const { counterExample } = exploreExhaustively(world, { delays })
  expect(counterExample?.violation.kind).toBe(kind)
  const scenario = writeCounterExample(world, counterExample!, ['Found.'])
  expect(scenario).toContain(`\n${line}`)
  expect(runScenario(scenario!)).toBe(scenario)
})
