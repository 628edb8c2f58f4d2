/** Synchronous checkpoints that are taken wrongly: not drained, thawed too early, without the mailbox. */
import type { ApplicationEffect, ApplicationEvent, ApplicationState, Frame } from '../../protocol/index.ts'
import type { Canary } from './canary.ts'

type Sent<Type extends Frame['type']> = Extract<ApplicationEffect, { type: 'send' }> & {
  readonly frame: Extract<Frame, { type: Type }>
}

function isSent<Type extends Frame['type']>(effect: ApplicationEffect, type: Type): effect is Sent<Type> {
  return effect.type === 'send' && effect.frame.type === type
}

function others({ options }: ApplicationState): number[] {
  return Array.from({ length: options.processes }, (_, rank) => rank).filter((rank) => rank !== options.rank)
}

/** Whether an event calls to a checkpoint. */
function isCall(
  event: ApplicationEvent,
  epoch: number,
  checkpoint: number,
): event is ApplicationEvent & { type: 'frame' } {
  if (event.type !== 'frame' || event.epoch !== epoch) return false
  const { frame } = event
  return (frame.type === 'grant' || frame.type === 'marker') && frame.checkpoint === checkpoint
}

/** What it sends again when a check processor was lost and nobody goes back, but for frames of one type. */
const withoutRepeated = (type: Frame['type']): NonNullable<Canary['application']> => {
  return (step, _, event) => {
    const isRecovery = event.type === 'frame' && event.frame.type === 'recover' && !event.frame.rollback
    return step(event).filter((effect) => !isRecovery || !isSent(effect, type))
  }
}

export const synchronousCanaries = {
  /** Captures as soon as it is frozen, whatever is in transit. */
  'sync-no-drain': {
    coordination: 'resume-after-commit',
    application(step, state, event) {
      const effects = step(event)
      if (state.freeze) for (const rank of others(state)) state.freeze.drainedFrom.add(rank)
      return effects
    },
  },
  /** The markers leave before the messages that they should follow, and count none of them. */
  'sync-marker-overtakes': {
    coordination: 'resume-after-commit',
    application(step, _, event) {
      const effects = step(event)
      const markers = effects.filter((effect) => isSent(effect, 'marker'))
      const early = markers.map((effect) => ({ ...effect, frame: { ...effect.frame, messages: 0 } }))
      return [...early, ...effects.filter((effect) => !isSent(effect, 'marker'))]
    },
  },
  /** Goes on as soon as it has captured itself. */
  'sync-thaw-at-the-own-capture': {
    coordination: 'resume-after-commit',
    application(step, state, event) {
      const effects = step(event)
      if (state.freeze?.phase === 'captured') state.freeze = null
      return effects
    },
  },
  /** The same where all should wait for the captures of all. */
  'sync-thaw-before-all-have-captured': {
    coordination: 'resume-after-capture',
    application(step, state, event) {
      if (state.freeze) for (const rank of others(state)) state.freeze.capturedBy.add(rank)
      return step(event)
    },
  },
  /** What has arrived and was not consumed is no part of the checkpoint. */
  'sync-mailbox-left-out': {
    coordination: 'resume-after-commit',
    application: (step, _, event) =>
      step(event).map((effect) => {
        if (effect.type !== 'capture') return effect
        const blobs = [...effect.blobs].filter(([name]) => !name.startsWith('mailbox'))
        return { ...effect, blobs: new Map(blobs) }
      }),
  },
  /** What arrives while it is frozen is taken at once, and whatever the program sends then follows its marker. */
  'sync-steps-while-frozen': {
    coordination: 'resume-after-commit',
    application(step, state, event) {
      const { freeze } = state
      const isHidden = freeze?.phase === 'draining' && event.type === 'frame' && event.frame.type === 'message'
      if (!isHidden) return step(event)
      state.freeze = null
      const effects = step(event)
      state.freeze = freeze
      return effects
    },
  },
  /**
   * A processor that learns only from the next call that a freeze is over is frozen again before it has taken a step.
   */
  'sync-called-on-without-a-step': {
    coordination: 'resume-after-commit',
    application(step, state, event) {
      const { freeze } = state
      if (freeze?.phase !== 'captured' || !isCall(event, state.epoch, freeze.checkpoint + 1)) return step(event)
      // No step begins while one is under way.
      state.stepping = true
      const thawed = step({ ...event, frame: { type: 'commit', checkpoint: freeze.checkpoint } })
      state.stepping = false
      const next = { markers: new Map(), drainedFrom: new Set<number>(), capturedBy: new Set<number>() }
      state.freeze = { checkpoint: freeze.checkpoint + 1, phase: 'called', ...next }
      return [...thawed, ...step(event)]
    },
  },
  /** A lost check processor changes the epoch in the middle of a freeze: markers that were under way are gone. */
  'sync-markers-not-repeated': { coordination: 'resume-after-commit', application: withoutRepeated('marker') },
  /** The same for messages: without a log there is still something to send again. */
  'sync-messages-not-repeated': { coordination: 'resume-after-commit', application: withoutRepeated('message') },
} satisfies Record<string, Canary>
