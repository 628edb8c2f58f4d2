/** Check processors that gather, authorize or commit wrongly. */
import {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  isCheckpointPlace,
  type Place,
  rowOf,
} from '../../protocol/index.ts'
import type { Canary } from './canary.ts'

const isSentTo = (effect: CheckEffect, types: readonly string[], isMeant: (to: Place) => boolean): boolean =>
  effect.type === 'send' && types.includes(effect.frame.type) && isMeant(effect.to)

const isCheckpointBelow = ({ options }: CheckpointState | BackupState, to: Place): boolean =>
  'children' in options && options.children.includes(to)

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
      if (isCheckpointPlace(state.place)) return effects
      const sent = effects.filter((effect) => effect.type !== 'send' || effect.frame.type !== 'held')
      if (!isFrame(event, 'merged') || sent.length === 0 || event.frame.type !== 'merged') return sent
      const frame = { type: 'held', checkpoint: event.frame.checkpoint } as const
      return event.frame.part > 0 ? sent : [...sent, { type: 'send', to: event.from, epoch: state.epoch, frame }]
    },
  },
  /** Every row holds plain parity. */
  'coefficients-forgotten': {
    check: (step, _, event) =>
      step(event).map((effect) => (effect.type === 'stage' ? { ...effect, coefficient: 1 } : effect)),
  },
  /** The first row decides for all: it does not wait until the others hold the checkpoint too. */
  'commit-before-the-other-rows-hold-it': {
    check(step, state, event) {
      if (isFrame(event, 'held') && 'holders' in state) {
        for (const child of state.options.children) state.holders.add(child)
      }
      return step(event)
    },
  },
  /**
   * Nothing is passed down the tree of checkpoint processors: neither commits nor that a checkpoint has begun or somebody
   * waits for it. One of these is enough, since each brings the news of the others.
   */
  'nothing-passed-down-the-tree': {
    check: (step, state, event) =>
      step(event).filter(
        (effect) => !isSentTo(effect, ['commit', 'begun', 'hurry'], (to) => isCheckpointBelow(state, to)),
      ),
  },
  /** Only the first row waits for its backup processor: in the others, all that is gathered counts as held. */
  'backups-of-other-rows-not-waited-for': {
    check(step, state, event) {
      const effects = step(event)
      const merged = effects.find((effect) => effect.type === 'shipMerged')
      if (!merged || rowOf(state.place) === 0 || !('holders' in state)) return effects
      state.holders.add(merged.to)
      if (state.options.children.length > 0 || state.options.parent === null) return effects
      const frame = { type: 'held', checkpoint: merged.checkpoint } as const
      return [...effects, { type: 'send', to: state.options.parent, epoch: state.epoch, frame }]
    },
  },
  /** Their backup processors get nothing at all, and are told of the commit all the same. */
  'backups-of-other-rows-not-asked': {
    check(step, state, event) {
      const effects = step(event)
      const merged = effects.find((effect) => effect.type === 'shipMerged')
      if (!merged || rowOf(state.place) === 0 || !('holders' in state)) return effects
      state.holders.add(merged.to)
      const others = effects.filter((effect) => effect !== merged)
      if (state.options.children.length > 0 || state.options.parent === null) return others
      const frame = { type: 'held', checkpoint: merged.checkpoint } as const
      return [...others, { type: 'send', to: state.options.parent, epoch: state.epoch, frame }]
    },
  },
  /** A part of an image is passed on as it came: who passes it on adds nothing. */
  'passed-on-without-adding': {
    check: (step, _, event) =>
      step(event).map((effect) => {
        if (effect.type !== 'passImage') return effect
        const { to, epoch, target, part, batch } = effect
        return { type: 'send', to, epoch, frame: { type: 'image', target, part, batch } }
      }),
  },
  /** Allows a checkpoint whose predecessor is not committed. */
  'grant-with-a-difference-of-two': {
    check(step, state, event) {
      if (!isFrame(event, 'request') || event.frame.type !== 'request') return step(event)
      if (event.epoch !== state.epoch || event.frame.checkpoint !== state.parityCheckpoint + 2) return step(event)
      const frame = { type: 'grant', checkpoint: event.frame.checkpoint } as const
      return [{ type: 'send', to: event.from, epoch: state.epoch, frame }]
    },
  },
  /** A request for a checkpoint that cannot be granted yet is forgotten. */
  'held-request-forgotten': {
    check(step, state, event) {
      const effects = step(event)
      if (isCheckpointPlace(state.place)) (state as CheckpointState).waiting.clear()
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
        effect.type === 'stage' && !isCheckpointPlace(state.place) ? { type: 'absorb', batch: effect.batch } : effect,
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
