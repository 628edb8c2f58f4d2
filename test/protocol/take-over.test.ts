/** Everything that can happen to a conductor in a machine that is small enough, and what each rule is there for. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CandidateEvent } from '../../src/protocol/index.ts'
import { type Budget, keyOf } from './take-over-state.ts'
import { firstState, isStuck, successors, type TakeOverWorld } from './take-over-world.ts'

const none: Budget = { delays: 0, crashes: 0, suspicions: 0, lapses: 0, losses: 0 }

interface Explored {
  readonly states: number
  /** The first thing that went wrong, in the fewest moves. */
  readonly violation: string | null
}

function explore(world: TakeOverWorld): Explored {
  const known = new Set<string>()
  let layer = [firstState(world)]
  while (layer.length > 0 && known.size < 60_000) {
    const next = []
    for (const state of layer) {
      const violation = state.violation ?? (isStuck(world, state) ? 'STUCK' : null)
      if (violation) return { states: known.size, violation }
      for (const { after } of successors(world, state)) {
        const key = createHash('md5').update(keyOf(after)).digest('base64')
        if (known.has(key)) continue
        known.add(key)
        next.push(after)
      }
    }
    layer = next
  }
  return { states: known.size, violation: null }
}

const isRight = (states: number): Explored => ({ states, violation: null })

describe('a run with a standby conductor', () => {
  it.each([
    ['the conductor is lost at any moment, whatever it has done then', { crashes: 1 }, 578],
    ['it is lost, and one answer of the store', { crashes: 1, lapses: 1 }, 1749],
    ['it is lost, and a processor with it, before or after', { crashes: 1, losses: 1 }, 2486],
    ['it is believed lost and goes on, and one link stands still', { suspicions: 1, delays: 1 }, 1793],
  ] as const)('ends right, with all output released once: %s', (_, budget, states) => {
    expect(explore({ budget: { ...none, ...budget } })).toEqual(isRight(states))
  })
})

/** Changes what a taker reads of the record. */
const forgetting = (event: CandidateEvent, change: Partial<{ begun: boolean; rollback: boolean }>): CandidateEvent => {
  if ((event.type !== 'unanswered' && event.type !== 'recordChanged') || event.found.record === null) return event
  return { ...event, found: { ...event.found, record: { ...event.found.record, ...change } } }
}

type Broken = Omit<TakeOverWorld, 'budget'> & { readonly budget: Partial<Budget>; readonly finds: RegExp }

const broken: Record<string, Broken> = {
  'C1: begun is forgotten': {
    budget: { crashes: 1, losses: 1 },
    mutation: (step, _, event) => step(forgetting(event, { begun: false })),
    finds: /ZEROS/,
  },
  'C2: told before agreed': {
    budget: {},
    mutation(step, state, event) {
      const effects = step(event)
      const held = state.tenure?.held.splice(0) ?? []
      return [...effects, ...held.map(({ effect }) => effect)]
    },
    finds: /TOLD BEFORE AGREED/,
  },
  'C3: a stale order is obeyed': { budget: { suspicions: 1, delays: 3 }, obeysStale: true, finds: /STALE ORDER/ },
  'C4: a newcomer says nothing': { budget: { crashes: 1 }, newcomersSayNothing: true, finds: /STUCK/ },
  'C4: that everybody goes back is forgotten': {
    budget: { crashes: 1, losses: 1 },
    mutation(step, _, event) {
      if (event.type !== 'frame' || event.frame.type !== 'report') return step(forgetting(event, { rollback: false }))
      return step({ ...event, frame: { type: 'report', checkpoints: event.frame.checkpoints } })
    },
    finds: /STAYS STOPPED/,
  },
  'C5: a replica that has taken over goes on promising to the one before': {
    budget: { suspicions: 1, delays: 2 },
    mutation(step, { options }, event) {
      const isOld = event.type === 'fromCandidate' && event.message.type === 'append' && event.message.revision === 1
      if (!isOld || event.message.type !== 'append') return step(event)
      const { revision, number: upTo } = event.message
      const message = { type: 'logged', revision, upTo } as const
      return options.id === 2 ? [{ type: 'tellCandidate', to: event.from, message }] : step(event)
    },
    finds: /LOST|DUPLICATE|STUCK/,
  },
  'C6: the outcome is told before it is in the record': {
    budget: {},
    mutation(step, _, event) {
      const effects = step(event)
      const isOver = effects.some((effect) => effect.type === 'propose' && effect.record.outcome !== null)
      return isOver ? [...effects, { type: 'finished' }] : effects
    },
    finds: /TOLD BEFORE AGREED: the outcome/,
  },
  'O1: released before the replicas have it': {
    budget: { crashes: 1 },
    mutation(step, state, event) {
      const effects = step(event)
      const released = (state.tenure?.held ?? []).filter(({ effect }) => effect.type === 'release')
      const acknowledged = (state.tenure?.held ?? []).filter(
        ({ effect }) => effect.type === 'send' && effect.frame.type === 'outputAck',
      )
      return [...effects, ...[...acknowledged, ...released].map(({ effect }) => effect)].filter(
        (effect) => effect.type !== 'tellCandidate' || effect.message.type !== 'append',
      )
    },
    finds: /LOST|DUPLICATE|STUCK/,
  },
  'O1: a replica forgets what it has promised': {
    budget: { crashes: 1 },
    mutation(step, state, event) {
      const effects = step(event)
      if (event.type === 'fromCandidate' && event.message.type === 'append') state.log.entries.pop()
      return effects
    },
    finds: /LOST|STUCK/,
  },
  'O1: what was released is numbered anew': {
    budget: { crashes: 1 },
    mutation: (step, { options }, event) =>
      step(event).map((effect) =>
        effect.type === 'release' && options.id === 2 ? { ...effect, number: effect.number + 1 } : effect,
      ),
    finds: /DUPLICATE|LOST/,
  },
}

describe('without a rule', () => {
  it.each(Object.entries(broken))('%s', (_, { finds, budget, ...world }) => {
    expect(explore({ ...world, budget: { ...none, ...budget } }).violation).toMatch(finds)
  })
})
