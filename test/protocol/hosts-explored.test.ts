/** Everything that can happen to a small machine on three hosts: it never hangs, and no host is taken for several losses. */
import { describe, expect, it } from 'vitest'
import {
  type ConductorEffect,
  type ConductorEvent,
  type ConductorState,
  stepConductor,
} from '../../src/protocol/index.ts'
import {
  type BrokenHosts,
  copyOfHosts,
  endOfHosts,
  firstHosts,
  type HostsState,
  hostMoves,
  keyOfHosts,
} from './hosts-world.ts'

interface Explored {
  readonly states: number
  /** What is wrong with the first end that is, and the moves that lead there. */
  readonly failure: { readonly problem: string; readonly path: readonly string[] } | null
}

const statesMax = 60_000

function explore(budget: { losses: number; silences: number }, broken: BrokenHosts = {}): Explored {
  const first = firstHosts(broken, budget)
  const seen = new Set([keyOfHosts(first)])
  const open: { state: HostsState; path: Path | null }[] = [{ state: first, path: null }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { state, path } = next
    const moves = state.conductor.phase === 'ended' || state.violation ? [] : hostMoves(state, broken)
    // A host that is away need never come back.
    const isEnd = moves.every(({ name }) => / (heard|returns)$/.test(name)) && state.conductor.silent.size === 0
    const problem = isEnd ? endOfHosts(state) : null
    if (problem) return { states: seen.size, failure: { problem, path: namesOf(path) } }
    for (const { name, play } of moves) {
      const after = copyOfHosts(state)
      play(after)
      const key = keyOfHosts(after)
      if (seen.has(key)) continue
      seen.add(key)
      expect(seen.size).toBeLessThan(statesMax)
      open.push({ state: after, path: { name, before: path } })
    }
  }
  return { states: seen.size, failure: null }
}

interface Path {
  readonly name: string
  readonly before: Path | null
}

function namesOf(path: Path | null): string[] {
  const names: string[] = []
  for (let one = path; one; one = one.before) names.unshift(one.name)
  return names
}

describe('everything that can happen on three hosts', () => {
  it.each([
    { losses: 2, silences: 0 },
    { losses: 1, silences: 1 },
  ])('ends well: %o', (budget) => {
    const { states, failure } = explore(budget)
    expect(failure).toBeNull()
    expect(states).toBeGreaterThan(100)
  })

  const oneByOne = (state: ConductorState, event: ConductorEvent): ConductorEffect[] =>
    event.type === 'lostTogether'
      ? event.losses.flatMap((loss) => stepConductor(state, { type: 'lost', ...loss }))
      : stepConductor(state, event)

  it.each([
    ['losses are told one by one', { step: oneByOne }, /several recoveries/],
    ['the crew counts who was replaced', { countsReplaced: true }, /hangs/],
  ] as const)('canary: %s', (_, broken, problem) => {
    expect(explore({ losses: 1, silences: 1 }, broken).failure?.problem).toMatch(problem)
  })
})
