import { expect, it } from 'vitest'
import { ownEvents } from '../../src/simulator/exhaustive/entries.ts'
import type { PackedState, StateMove } from '../../src/simulator/exhaustive/move.ts'
import { Scheduler } from '../../src/simulator/exhaustive/scheduler.ts'
import { StateSpace } from '../../src/simulator/exhaustive/state-space.ts'
import { type ExhaustiveWorld, exhaustiveWorlds } from '../../src/simulator/index.ts'

const world: ExhaustiveWorld = { ...exhaustiveWorlds.commit, scripts: [[], []] }
const space = new StateSpace(world, false)
const scheduler = new Scheduler(space)

interface Due {
  readonly move: StateMove
  readonly after: PackedState
}

function dueIn(state: PackedState): Due | null {
  let due: Due | null = null
  scheduler.forEach(state, (move, after) => {
    if (space.isProgress(move)) due = { move, after: after.slice() }
  })
  return due
}

/** What is due after both check processors were lost, until a processor has an image to ship to each of them. */
function withTwoShipments(): { readonly state: PackedState; readonly processor: number } {
  let state = space.initial()
  for (const processor of [3, 4]) {
    const surviving = new Array<number>(space.layout.ends).fill(0)
    space.apply(state, { type: 'crash', processor, surviving }, (_, after) => {
      state = after.slice()
    })
  }
  for (;;) {
    const shipsTo = (one: number) => space.universe.nodes.entry(state[space.layout.nodeSlot(one)]!).shipsTo
    const processor = [1, 2].find((one) => new Set(shipsTo(one)).size > 1)
    if (processor !== undefined) return { state, processor }
    state = dueIn(state)!.after
  }
}

it('what is to be shipped stays held up when something else is shipped', () => {
  const start = withTwoShipments()
  let state = start.state
  for (const _ of space.progress(state)) state = scheduler.delay(state)!
  const held = space.held(state)
  expect(held).toHaveLength(space.progress(state).length)
  for (const _ of held) {
    const { move, after } = dueIn(state)!
    if (move.type === 'own' && move.processor === start.processor && move.event === ownEvents.firstShipment) {
      expect(space.held(after)).toEqual(space.held(state).slice(1))
      return
    }
    state = scheduler.delay(state)!
  }
  expect.unreachable('the first shipment is due at some time')
})
