/** Conductors that take over wrongly, and processors and replicas that let them. */
import type { CandidateEvent, ConductorEffect, StoredRecord } from '../../protocol/index.ts'
import type { Canary } from './canary.ts'

type Forgotten = Partial<
  Pick<NonNullable<StoredRecord['record']>, 'begun' | 'rollback' | 'repeated' | 'replicas' | 'outcome' | 'sequence'>
>

/** What is read of the record, without some of it. */
function reading(event: CandidateEvent, forgotten: Forgotten): CandidateEvent {
  if (event.type !== 'unanswered' && event.type !== 'recordChanged') return event
  const { record } = event.found
  return record ? { ...event, found: { ...event.found, record: { ...record, ...forgotten } } } : event
}

const isNothing = (effect: { readonly type: string }): boolean => {
  const { type, frame } = effect as ConductorEffect & { type: 'send' }
  return type === 'send' && frame.type === 'report' && frame.checkpoints.length === 0
}

const broken = {
  /** C1: takes it that nothing was computed yet, so what is lost is made of zeros. */
  'begun-forgotten': { candidate: (step, _, event) => step(reading(event, { begun: false })) },
  /** C1: begins to count losses of one place anew. */
  'counts-forgotten': { isDeadly: true, candidate: (step, _, event) => step(reading(event, { repeated: [] })) },
  /** C2: tells what it has decided, and asks the store as well. */
  'told-before-agreed': {
    candidate(step, state, event) {
      const effects = step(event)
      return [...effects, ...(state.tenure?.held.splice(0).map(({ effect }) => effect) ?? [])]
    },
  },
  /** C3: processors obey who conducted before. */
  'stale-order-obeyed': { obeysStale: true },
  /** C4: whoever is not restored does not say so. */
  'newcomer-says-nothing': {
    application: (step, _, event) => step(event).filter((effect) => !isNothing(effect)),
    check: (step, _, event) => step(event).filter((effect) => !isNothing(effect)),
  },
  /** C4: who was stopped is left so, since the others compute on. */
  'rollback-forgotten': {
    candidate(step, _, event) {
      if (event.type !== 'frame' || event.frame.type !== 'report') return step(reading(event, { rollback: false }))
      return step({ ...event, frame: { type: 'report', checkpoints: event.frame.checkpoints } })
    },
  },
  /** C5: whoever has taken over goes on promising to the one before, and so to nobody. */
  'promise-not-kept': {
    candidate(step, state, event) {
      if (event.type !== 'fromCandidate' || event.message.type !== 'append' || !state.tenure) return step(event)
      const { revision, number: upTo } = event.message
      return [{ type: 'tellCandidate', to: event.from, message: { type: 'logged', revision, upTo } }]
    },
  },
  /** C5: whoever is no replica takes over, too. */
  'no-replica-takes-over': {
    candidate(step, { options }, event) {
      const record = event.type === 'unanswered' || event.type === 'recordChanged' ? event.found.record : null
      const replicas = record && !record.replicas.includes(options.id) ? [...record.replicas, options.id] : null
      return step(replicas ? reading(event, { replicas }) : event)
    },
  },
  /** C5: whoever does not hear the conductor takes over, and does not ask for it. */
  'takes-over-unasked': {
    candidate: (step, { found }, event) =>
      step(event.type === 'conductorUnheard' && found.record ? { type: 'unanswered', found } : event),
  },
  /** C6: who takes over when the run has ended conducts it on. */
  'outcome-forgotten': { candidate: (step, _, event) => step(reading(event, { outcome: null })) },
  /** C6: the end is told while it is put on record. */
  'outcome-before-the-record': {
    candidate: (step, _, event) =>
      step(event).flatMap((effect) =>
        effect.type === 'propose' && effect.record.outcome ? [effect, effect.record.outcome] : [effect],
      ),
  },
  /** C7: begins anew to give numbers to what is written. */
  'number-given-twice': { storage: 'beside', candidate: (step, _, event) => step(reading(event, { sequence: 0 })) },
  /** C7: takes it that the disk holds nothing. */
  'disk-not-waited-for': {
    storage: 'beside',
    candidate(step, state, event) {
      const effects = step(event)
      const storage = state.tenure?.core.storage
      if (storage) storage.isUnheard = false
      return effects
    },
  },
  /** O1: what was released before a take-over is numbered anew behind it. */
  'released-anew': {
    candidate: (step, state, event) =>
      step(event).map((effect) =>
        effect.type === 'release' && (state.tenure?.revision ?? 1) > 1
          ? { ...effect, number: effect.number + 1 }
          : effect,
      ),
  },
  /** O1: what a taker releases comes twice, under two numbers. */
  'released-twice': {
    candidate: (step, state, event) =>
      step(event).flatMap((effect) =>
        effect.type === 'release' && (state.tenure?.revision ?? 1) > 1
          ? [effect, { ...effect, number: effect.number + 1 }]
          : [effect],
      ),
  },
  /** O1: what is released is taken for fetched. */
  'unfetched-forgotten': {
    candidate(step, _, event) {
      const effects = step(event)
      const last = effects.findLast(({ type }) => type === 'release')
      return last?.type === 'release' ? [...effects, ...step({ type: 'fetched', upTo: last.number })] : effects
    },
  },
  /** O2: a process is told that its output was taken as soon as somebody has decided so. */
  'output-let-go-early': {
    candidate(step, state, event) {
      const effects = step(event)
      const held = state.tenure?.isAgreed ? state.tenure.held : []
      const early = held.filter(({ effect }) => effect.type === 'send' && effect.frame.type === 'outputAck')
      for (const one of early) held.splice(held.indexOf(one), 1)
      return [...effects, ...early.map(({ effect }) => effect)]
    },
  },
  /** O3: output is released however much was not fetched. */
  'unfetched-without-bound': {
    candidate(step, { options }, event) {
      Object.assign(options, { unfetchedBytesMax: Number.POSITIVE_INFINITY })
      return step(event)
    },
  },
  /** O1: a replica tells that it has what it has not kept. */
  'replica-forgets': {
    candidate(step, state, event) {
      const effects = step(event)
      if (event.type === 'fromCandidate' && event.message.type === 'append') state.log.entries.pop()
      return effects
    },
  },
  /** O1: no replica is waited for. */
  'replicas-not-waited-for': {
    candidate(step, state, event) {
      for (const one of state.tenure?.held ?? []) Object.assign(one, { entries: 0 })
      return step(event)
    },
  },
} satisfies Record<string, Canary>

/** Each where two may conduct. */
export const candidateCanaries = Object.fromEntries(
  Object.entries(broken).map(([name, canary]) => [name, { ...canary, conductors: 2 }]),
) as Record<keyof typeof broken, Canary>
