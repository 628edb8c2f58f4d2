/** Conductors that recover wrongly. */
import { type ConductorEffect, type Place, rankOf } from '../../protocol/index.ts'
import type { Canary } from '../canary.ts'

/** What stands in a `plan` or `recover` that the conductor sends. */
function sending(effects: readonly ConductorEffect[], change: (effect: Sent) => Sent['frame']): ConductorEffect[] {
  return effects.map((effect) => (effect.type === 'send' ? { ...effect, frame: change(effect) } : effect))
}

type Sent = Extract<ConductorEffect, { type: 'send' }>

export const conductorCanaries = {
  /** Trap 9: believes whoever says that it holds a place, in whatever epoch it believes to be. */
  'trap-09-believed-dead': {
    rules: { checkEpoch: false },
    conductor(step, state, event) {
      if (event.type !== 'frame') return step(event)
      const processor = state.members.get(event.from) ?? event.processor
      return step({ ...event, processor, epoch: state.epoch })
    },
  },
  /** A loss that nobody but its neighbours need to know of: the others keep computing. */
  'survivors-do-not-go-back': {
    conductor: (step, _, event) =>
      sending(step(event), ({ frame }) => (frame.type === 'recover' ? { ...frame, rollback: false } : frame)),
  },
  /** The newcomer is rebuilt without one of its sources. */
  'one-image-missing': {
    conductor: (step, _, event) =>
      sending(step(event), ({ frame }) => {
        if (frame.type !== 'plan') return frame
        const rebuild = frame.rebuild.map(({ target, sources }) => ({ target, sources: sources.slice(0, -1) }))
        return { ...frame, rebuild }
      }),
  },
  /** Goes on as soon as the first of several is restored. */
  'resumes-too-early': {
    conductor(step, state, event) {
      if (event.type === 'frame' && event.frame.type === 'restored' && state.begun) {
        for (const place of state.members.keys()) if (place !== event.from) state.restored.add(place)
      }
      return step(event)
    },
  },
  /** The epoch stays as it is: nothing tells old traffic from new. */
  'same-epoch-after-a-loss': {
    conductor(step, state, event) {
      const { epoch } = state
      const effects = step(event)
      return epoch === state.epoch || epoch === 1 ? effects : effects.filter(isNoNews)
    },
  },
  /** Output that comes again after a recovery is released again. */
  'output-released-twice': {
    conductor(step, state, event) {
      const rank = event.type === 'frame' ? rankOf(event.from) : null
      if (event.type === 'frame' && event.frame.type === 'output' && rank !== null && event.frame.index > 0) {
        const next = state.nextOutput.get(rank)
        if (event.frame.index === (next ?? 0) - 1) state.nextOutput.set(rank, event.frame.index)
      }
      return step(event)
    },
  },
  /** Goes on after losses that no code covers. */
  'uncovered-loss-not-told': {
    conductor(step, state, event) {
      Object.assign(state.options, { tolerate: state.members.size })
      return step(event)
    },
  },
  /** Does not wait for the reports of check processors, which may hold less than the others. */
  'does-not-ask-check-processors': {
    conductor(step, state, event) {
      const effects = step(event)
      for (const place of ['b0', 'c0'] as Place[]) {
        if (state.phase === 'collecting' && state.reports.size > 0 && state.begun) {
          const [first] = state.reports.values()
          if (!state.missing.has(place) && !state.reports.has(place)) state.reports.set(place, first!)
        }
      }
      return effects
    },
  },
} satisfies Record<string, Canary>

/** Who survives is not told. */
const isNoNews = (effect: ConductorEffect): boolean => effect.type !== 'send' || effect.frame.type !== 'recover'
