/** Machines that keep checkpoints on disk wrongly: F1 to F4 of `protocol/conductor/storage.ts`, one rule each. */
import { type ConductorEffect, type ConductorEvent, type ConductorState, rankOf } from '../../protocol/index.ts'
import type { Canary } from './canary.ts'

/** The file that the conductor is told of, or null. */
function storedFrame(event: ConductorEvent) {
  return event.type === 'frame' && event.frame.type === 'stored' ? event.frame : null
}

/** The order to write the manifest, which comes when all files are durable. */
const sealing = (effects: readonly ConductorEffect[]) => effects.find(({ type }) => type === 'seal')

export const diskCanaries = {
  /** F1: the manifest is ordered as soon as the first file is durable. */
  'manifest-before-all-files': {
    storage: 'beside',
    conductor(step, state, event) {
      const order = state.storage?.order
      const frame = storedFrame(event)
      if (frame && order?.sequence === frame.sequence && !order.sealing) {
        const { released, isFinished, file } = frame
        for (let rank = 0; rank < state.options.processes; rank += 1) {
          if (!order.shares.has(rank)) order.shares.set(rank, { released, isFinished, file })
        }
      }
      return step(event)
    },
  },
  /** F1: a checkpoint counts when its manifest is ordered. */
  'counts-before-its-manifest': {
    storage: 'beside',
    conductor(step, _, event) {
      // It counts already.
      if (event.type === 'sealed' || event.type === 'notSealed') return []
      const effects = step(event)
      const seal = sealing(effects)
      return seal?.type === 'seal' ? [...effects, ...step({ type: 'sealed', sequence: seal.sequence })] : effects
    },
  },
  /** F2: the next checkpoint is ordered as soon as somebody has written a file of the one before. */
  'two-checkpoints-at-once': {
    storage: 'beside',
    conductor(step, state, event) {
      const effects = step(event)
      const { storage } = state
      if (!storedFrame(event) || !storage?.order || storage.order.sealing) return effects
      const { checkpoint, sequence } = storage.order
      storage.order = null
      storage.lastSequence = sequence + 1
      return [...effects, ...ordered(state, checkpoint + storage.every, sequence + 1)]
    },
  },
  /** F3: outputs count as they were released, not as the checkpoint says. */
  'outputs-not-taken-back': {
    storage: 'beside',
    conductor(step, { nextOutput, finished }, event) {
      const before = { outputs: [...nextOutput], finished: [...finished] }
      const effects = step(event)
      if (!effects.some((one) => one.type === 'lineFound' && one.disk !== null)) return effects
      for (const [rank, next] of before.outputs) nextOutput.set(rank, next)
      for (const rank of before.finished) finished.add(rank)
      return effects
    },
  },
  /** F3: the first process stays as it is when the others go back to the disk. */
  'one-does-not-go-back-to-the-disk': {
    storage: 'beside',
    conductor: (step, _, event) =>
      step(event).filter(
        (one) => one.type !== 'send' || one.frame.type !== 'plan' || one.frame.disk === null || one.to !== 'a0',
      ),
  },
  /** F3: a checkpoint says of output what was released when it is written, not when it was captured. */
  'outputs-marked-too-late': {
    storage: 'beside',
    application(step, state, event) {
      const effects = step(event)
      const { storing, process } = state
      if (!storing || !effects.some(({ type }) => type === 'store')) return effects
      storing.mark = { released: process.nextOutput, isFinished: process.waiting.kind === 'finished' }
      return effects
    },
  },
  /** F4: where nothing else keeps checkpoints, a commit is told when all files are durable, and their manifest is not. */
  'commit-before-its-manifest': {
    storage: 'alone',
    conductor(step, state, event) {
      const effects = step(event)
      const seal = sealing(effects)
      if (seal?.type !== 'seal' || state.phase !== 'running') return effects
      const { checkpoint } = seal
      const told = [...state.members.keys()].filter((place) => rankOf(place) !== null)
      const commits = told.map((to): ConductorEffect => {
        return { type: 'send', to, epoch: state.epoch, frame: { type: 'commit', checkpoint } }
      })
      return [...effects, ...commits]
    },
  },
  /** F4: output leaves when it is captured, and nothing else keeps checkpoints. */
  'output-before-it-is-on-disk': { storage: 'alone', rules: { holdOutput: false } },
} satisfies Record<string, Canary>

function ordered({ options, epoch }: ConductorState, checkpoint: number, sequence: number): ConductorEffect[] {
  return Array.from({ length: options.processes }, (_, rank) => {
    return { type: 'send', to: `a${rank}`, epoch, frame: { type: 'store', checkpoint, sequence, since: null } }
  })
}
