import { describe, expect, it } from 'vitest'
import type { CheckEffect } from '../../src/protocol/index.ts'
import {
  type Canary,
  describeMoves,
  type ExhaustiveWorld,
  exhaustiveWorlds,
  exploreExhaustively,
  writeCounterExample,
} from '../../src/simulator/index.ts'
import { oneMessage } from './small-worlds.ts'

const { commit, suspicion, triangle }: Record<string, ExhaustiveWorld> = exhaustiveWorlds
const oneCommit: ExhaustiveWorld = { ...commit!, crashes: 1, symmetries: [[1, 0]] }

type AnyEvent = { readonly type: string; readonly epoch?: number; readonly frame?: { readonly type: string } }

/** As if it came in the epoch of its receiver. */
function asOfNow<Event extends AnyEvent>({ epoch }: { readonly epoch: number }, event: Event): Event {
  const isOld = event.type === 'frame' && event.frame?.type !== 'recover' && event.epoch! < epoch
  return isOld ? { ...event, epoch } : event
}

describe('the checkers of every interleaving find', { timeout: 120_000 }, () => {
  it('that a row counts as lost with the first of its two copies', () => {
    const canary: Canary = {
      conductor(step, state, event) {
        const effects = step(event)
        const { missing } = state
        if (!state.begun || missing.size < 2 || missing.has('c0') === missing.has('b0')) return effects
        state.phase = 'ended'
        return [{ type: 'uncovered', lost: [...missing], needed: 2 }]
      },
    }
    const { counterExample } = exploreExhaustively({ ...commit!, canary }, { delays: 0 })
    expect(counterExample?.violation).toEqual({
      kind: 'LOST',
      detail: 'the run ended, but the code covers what was missing',
    })
  })

  it('that what was rebuilt counts as missing for ever', () => {
    const canary: Canary = {
      conductor(step, state, event) {
        const wasMissing = [...state.missing]
        const effects = step(event)
        if (state.begun && state.epoch > 1) for (const place of wasMissing) state.missing.add(place)
        return effects
      },
    }
    const { counterExample } = exploreExhaustively({ ...commit!, canary }, { delays: 0 })
    expect(counterExample?.violation.kind).toBe('LOST')
  })

  it.each<[string, Canary]>([
    ['an application processor', { application: (step, state, event) => step(asOfNow(state, event)) }],
    ['a check processor', { check: (step, state, event) => step(asOfNow(state, event)) }],
    ['the conductor', { conductor: (step, state, event) => step(asOfNow(state, event)) }],
  ])('that old frames count at %s', (_, canary) => {
    const { counterExample, states } = exploreExhaustively({ ...oneCommit, canary })
    expect(counterExample?.violation.kind).toBe('OLD FRAME')
    expect(states).toBeLessThan(10_000)
  })

  it('what is no assertion of the protocol, and tells the schedule: a frame that is not for its receiver', () => {
    const canary: Canary = {
      check: (step, _, event) =>
        step(event).flatMap((effect): CheckEffect[] =>
          effect.type === 'send' && effect.frame.type === 'held' ? [effect, { ...effect, to: 'a0' }] : [effect],
        ),
    }
    const world: ExhaustiveWorld = { ...oneCommit, canary }
    const { counterExample } = exploreExhaustively(world)
    const detail = 'an application processor got a frame that is not for it: held from b0'
    expect(counterExample?.violation).toEqual({ kind: 'ASSERTION', detail })
    expect(describeMoves(world, counterExample!.moves).at(-1)).toBe(`ASSERTION: ${detail}`)
    expect(writeCounterExample(world, counterExample!, [])).toBeNull()
  })

  it('and so, that before the plan something is sent to a place that is missing', () => {
    const canary: Canary = {
      application(step, state, event) {
        const effects = step(event)
        if (event.type === 'frame' && event.frame.type === 'recover' && !state.rollingBack) state.suspended = false
        return effects
      },
    }
    const { counterExample } = exploreExhaustively({ ...oneCommit, canary })
    expect(counterExample?.violation.kind).toBe('ASSERTION')
    expect(counterExample?.violation.detail).toMatch(/^E5: /)
  })

  it.each([
    ['among schedules with few delays', triangle!, { delays: 0 }],
    ['among all', { ...oneMessage, crashes: 0 }, {}],
  ])('a message and its acknowledgement that go to and fro for ever, %s', (_, world, options) => {
    const canary: Canary = {
      application(step, { options: { rank }, epoch }, event) {
        const effects = step(event)
        if (rank !== 0 || event.type !== 'frame' || event.frame.type !== 'ack') return effects
        const frame = { type: 'message', sequence: 0, interval: 0, tag: 'm', payload: new Uint8Array(4) } as const
        return [...effects, { type: 'send', to: event.from, epoch, frame }]
      },
    }
    const { counterExample } = exploreExhaustively({ ...world, canary }, options)
    const detail = 'what is due leads round in a circle, for ever'
    expect(counterExample?.violation).toEqual({ kind: 'STUCK', detail })
  })

  it('that who is only silent is given up although no code covers it', () => {
    const canary: Canary = {
      conductor: (step, _, event) => step(event.type === 'silent' ? { ...event, type: 'lost' } : event),
    }
    const world: ExhaustiveWorld = { ...suspicion!, scripts: [[], []], crashes: 1, canary }
    const { counterExample } = exploreExhaustively(world, { delays: 0 })
    expect(counterExample?.violation).toEqual({ kind: 'LOST', detail: 'the run ended though nobody was lost' })
  })
})
