/** Check processors that gather, authorize or commit wrongly. */
import { type CheckEffect, type CheckEvent, type CheckpointState, checkpointPlace } from '../../protocol/index.ts'
import type { Canary } from '../canary.ts'

const isFrame = (event: CheckEvent, type: string): event is CheckEvent & { type: 'frame' } =>
  event.type === 'frame' && event.frame.type === type

export const checkCanaries = {
  /** Trap 8: a delta that comes twice cancels itself. */
  'trap-08-duplicate-delta': { rules: { applyDeltasOnce: false } },
  /** XOR is its own undoing. */
  'xor-applied-twice': {
    check: (step, _, event) =>
      step(event).flatMap((effect): CheckEffect[] => (effect.type === 'stage' ? [effect, effect] : [effect])),
  },
  /** The backup processor says that it holds what has only begun to come. */
  'commit-before-the-backup-holds-it': {
    check(step, state, event) {
      const effects = step(event)
      if (state.place === checkpointPlace) return effects
      const sent = effects.filter((effect) => effect.type !== 'send' || effect.frame.type !== 'held')
      if (!isFrame(event, 'merged') || sent.length === 0 || event.frame.type !== 'merged') return sent
      const frame = { type: 'held', checkpoint: event.frame.checkpoint } as const
      return event.frame.part > 0 ? sent : [...sent, { type: 'send', to: checkpointPlace, epoch: state.epoch, frame }]
    },
  },
  /** Allows a checkpoint whose predecessor is not committed. */
  'grant-with-a-difference-of-two': {
    check(step, state, event) {
      if (!isFrame(event, 'request') || event.frame.type !== 'request') return step(event)
      if (event.epoch !== state.epoch || event.frame.checkpoint !== state.parity + 2) return step(event)
      const frame = { type: 'grant', checkpoint: event.frame.checkpoint } as const
      return [{ type: 'send', to: event.from, epoch: state.epoch, frame }]
    },
  },
  /** A request for a checkpoint that cannot be granted yet is forgotten. */
  'held-request-forgotten': {
    check(step, state, event) {
      const effects = step(event)
      if (state.place === checkpointPlace) (state as CheckpointState).waiting.clear()
      return effects
    },
  },
  /** Says in a recovery that it holds a delta of which only a part has come. */
  'reports-a-partial-delta': {
    check: (step, state, event) => step(event).map((effect) => reportingMore(effect, state.staging.senders.size > 0)),
  },
  /** Never says that it holds the delta: always goes back, though others may have been told of the commit. */
  'always-goes-back': {
    check: (step, _, event) => step(event).map(reportingLess),
  },
  /** The delta of the checkpoint under way counts as soon as it comes, decided or not. */
  'delta-applied-at-once': {
    check: (step, state, event) =>
      step(event).map((effect) =>
        effect.type === 'stage' && state.place !== checkpointPlace ? { type: 'absorb', batch: effect.batch } : effect,
      ),
  },
  /** What was gathered before a loss is gathered on after it. */
  'staged-delta-kept': {
    check: (step, _, event) => step(event).filter(({ type }) => type !== 'dropStaged'),
  },
  /** A check processor that is filled loses a page of every batch. */
  'last-page-of-images-lost': {
    check: (step, _, event) =>
      step(event).map((effect) => {
        if (effect.type !== 'absorb') return effect
        const { numbers, bytes } = effect.batch
        const kept = numbers.length - 1
        const size = bytes.length / numbers.length
        return { type: 'absorb', batch: { numbers: numbers.slice(0, kept), bytes: bytes.slice(0, kept * size) } }
      }),
  },
} satisfies Record<string, Canary>

function reportingMore(effect: CheckEffect, isPartial: boolean): CheckEffect {
  if (effect.type !== 'send' || effect.frame.type !== 'report' || !isPartial) return effect
  const [parity] = effect.frame.checkpoints
  return { ...effect, frame: { type: 'report', checkpoints: [parity!, parity! + 1] } }
}

function reportingLess(effect: CheckEffect): CheckEffect {
  if (effect.type !== 'send' || effect.frame.type !== 'report') return effect
  return { ...effect, frame: { type: 'report', checkpoints: effect.frame.checkpoints.slice(0, 1) } }
}
