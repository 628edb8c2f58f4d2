import { describe, expect, it } from 'vitest'
import { type Canary, type ExhaustiveWorld, exhaustiveWorlds, exploreExhaustively } from '../../src/simulator/index.ts'

const { commit, suspicion }: Record<string, ExhaustiveWorld> = exhaustiveWorlds

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

  it('that who is only silent is given up although no code covers it', () => {
    const canary: Canary = {
      conductor: (step, _, event) => step(event.type === 'silent' ? { ...event, type: 'lost' } : event),
    }
    const world: ExhaustiveWorld = { ...suspicion!, scripts: [[], []], crashes: 1, canary }
    const { counterExample } = exploreExhaustively(world, { delays: 0 })
    expect(counterExample?.violation).toEqual({ kind: 'LOST', detail: 'the run ended though nobody was lost' })
  })
})
