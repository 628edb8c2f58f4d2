/** Conductors that recover wrongly. */
import type { ErasureCode } from '../../parity/index.ts'
import { type ConductorEffect, rankOf, rowOf, type Source } from '../../protocol/index.ts'
import type { Canary } from './canary.ts'

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
  /** A recovery takes nobody back: survivors keep computing. */
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
  /** Two that share in a rebuild multiply with each other's coefficients. */
  'coefficients-swapped': {
    conductor: (step, _, event) =>
      sending(step(event), ({ frame }) => {
        if (frame.type !== 'plan') return frame
        const rebuild = frame.rebuild.map(({ target, sources }) => ({ target, sources: withSwapped(sources) }))
        return { ...frame, rebuild }
      }),
  },
  /** One of those who share in a rebuild is told of another order than the others. */
  'links-of-a-chain-swapped': {
    conductor: (step, _, event) =>
      sending(step(event), ({ to, frame }) => {
        if (frame.type !== 'plan') return frame
        const rebuild = frame.rebuild.map(({ target, sources }) => {
          const isTold = sources.length > 1 && sources[0]!.place === to
          return { target, sources: isTold ? [sources[1]!, sources[0]!, ...sources.slice(2)] : sources }
        })
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
      const { code } = state.options
      if (code && !boastful.has(code)) Object.assign(state.options, { code: boasting(code) })
      return step(event)
    },
  },
  /** A row counts as lost with its checkpoint processor, though the backup processor has it too. */
  'gives-up-too-early': {
    conductor(step, state, event) {
      const { code } = state.options
      if (code && code.copies === 2) Object.assign(state.options, { code: single(code) })
      return step(event)
    },
  },
  /** A silent processor that could not be done without is waited for even when all the others are there again. */
  'silence-forgotten-at-the-resume': {
    conductor(step, state, event) {
      if (event.type !== 'frame') return step(event)
      const silent = [...state.silent]
      state.silent.clear()
      const effects = step(event)
      for (const one of silent) state.silent.add(one)
      return effects
    },
  },
  /** The same even when another that was silent is heard again. */
  'silence-forgotten-at-a-return': {
    conductor: (step, state, event) =>
      event.type === 'heard' && state.silent.delete(event.processor) ? [] : step(event),
  },
  /** Does not wait for the reports of check processors, which may hold less than the others. */
  'does-not-ask-check-processors': {
    conductor(step, state, event) {
      const effects = step(event)
      for (const place of state.members.keys()) {
        if (rowOf(place) === null) continue
        if (state.phase === 'collecting' && state.reports.size > 0 && state.begun) {
          const [first] = state.reports.values()
          if (!state.missing.has(place) && !state.reports.has(place)) state.reports.set(place, first!)
        }
      }
      return effects
    },
  },
} satisfies Record<string, Canary>

/** The first two that differ have each other's coefficients. */
function withSwapped(sources: readonly Source[]): Source[] {
  const other = sources.find(({ coefficient }) => coefficient !== sources[0]?.coefficient)
  const [first] = sources
  return sources.map((source) => {
    if (source === first && other) return { ...source, coefficient: other.coefficient }
    return source === other ? { ...source, coefficient: first!.coefficient } : source
  })
}

/** As if each row were held once. */
function single(code: ErasureCode): ErasureCode {
  return {
    name: code.name,
    processes: code.processes,
    checks: code.checks,
    groups: code.groups,
    copies: 1,
    coefficient: (check, process) => code.coefficient(check, process),
    rebuildFrom: (lost) => code.rebuildFrom(lost),
  }
}

const boastful = new WeakSet<ErasureCode>()

/** Says of any loss that it can be made good: what it cannot rebuild is zeros. */
function boasting(code: ErasureCode): ErasureCode {
  const boasted: ErasureCode = {
    name: code.name,
    processes: code.processes,
    checks: code.checks,
    groups: code.groups,
    copies: code.copies,
    coefficient: (check, process) => code.coefficient(check, process),
    rebuildFrom: (lost) => code.rebuildFrom(lost) ?? new Map(lost.map((member) => [member, []])),
  }
  boastful.add(boasted)
  return boasted
}

/** Who survives is not told. */
const isNoNews = (effect: ConductorEffect): boolean => effect.type !== 'send' || effect.frame.type !== 'recover'
