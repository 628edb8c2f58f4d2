/** Application processors that capture, acknowledge, recycle or go back wrongly. */
import { logRules } from '../../log/index.ts'
import {
  type ApplicationEffect,
  type ApplicationState,
  type Arrived,
  type Frame,
  messagesIn,
  putInMailbox,
  rankOf,
} from '../../protocol/index.ts'
import type { Canary } from './canary.ts'

const isSent = (effect: ApplicationEffect, type: Frame['type']): boolean =>
  effect.type === 'send' && effect.frame.type === type

function acknowledgement(state: ApplicationState, to: `a${number}`, sequence: number): ApplicationEffect {
  const frame = { type: 'ack', sequence, interval: state.captured } as const
  return { type: 'send', to, epoch: state.epoch, frame }
}

export const applicationCanaries = {
  /** Trap 6: delivers a message of a later interval at once. */
  'trap-06-orphan': { rules: { captureBeforeLaterInterval: false } },
  /** Trap 6 with a good intention: captures, but only after the delivery. */
  'capture-after-delivery': {
    rules: { captureBeforeLaterInterval: false },
    application(step, state, event) {
      const effects = step(event)
      const isLater = effects.some(
        (one) => one.type === 'runStep' && one.deliveries.some(({ interval }) => interval > state.captured),
      )
      if (isLater && state.captured === state.committed && !state.suspended) state.authorized = true
      return effects
    },
  },
  /** Trap 7: frames of an older epoch count. */
  'trap-07-old-frames': { rules: { checkEpoch: false } },
  /** Trap 10: output leaves at once. */
  'trap-10-output': { rules: { holdOutput: false } },
  /** All of the paper. */
  'literal-paper': {
    rules: {
      log: 'literal',
      captureBeforeLaterInterval: false,
      checkEpoch: false,
      applyDeltasOnce: false,
      holdOutput: false,
    },
  },
  /** What is in transit when it goes back does not count any more. */
  'transit-not-counted-after-recovery': {
    application(step, state, event) {
      const effects = step(event)
      if (event.type === 'restored') state.flow.unconsumedBytes = 0
      return effects
    },
  },
  /** Sends as much as it likes, once a receiver has said that it waits. */
  'never-held-back-again': {
    application(step, state, event) {
      const before = [...state.flow.stuck]
      const effects = step(event)
      for (const rank of before) state.flow.stuck.add(rank)
      return effects
    },
  },
  /** What was consumed ahead counts as done with. */
  'consumed-ahead-not-counted': {
    application(step, state, event) {
      const effects = step(event)
      state.flow.aheadBytes = 0
      return effects
    },
  },
  /** Output may wait for its commit in any amount. */
  'output-not-counted': {
    application(step, state, event) {
      state.flow.outputBytes = 0
      return step(event)
    },
  },
  /** Who waits for a commit says to its senders that nothing can be done here. */
  'stuck-without-a-commit': {
    application(step, state, event) {
      const effects = step(event)
      const { flow, options, stepping, mode } = state
      if (stepping || mode !== 'running' || flow.unconsumedBytes > options.logBytesMax) return effects
      const answers = [...flow.pressedBy].map(
        (rank): ApplicationEffect => ({ type: 'send', to: `a${rank}`, epoch: state.epoch, frame: { type: 'stuck' } }),
      )
      flow.pressedBy.clear()
      return [...effects, ...answers]
    },
  },
  /** Who is held up by its receivers says so again and again. */
  'stuck-again-and-again': {
    application(step, state, event) {
      state.flow.answered.clear()
      return step(event)
    },
  },
  /** Forgets the checkpoint before as soon as the next is captured. */
  'recycle-at-the-capture': {
    application(step, state, event) {
      const effects = step(event)
      if (!effects.some(({ type }) => type === 'capture')) return effects
      state.committed = state.captured
      return [...effects, { type: 'recycle', checkpoint: state.captured }]
    },
  },
  /** Releases output when it is captured, not when that is committed. */
  'output-at-the-capture': {
    application(step, state, event) {
      const effects = step(event)
      if (!effects.some(({ type }) => type === 'capture')) return effects
      const released = state.process.outputs
        .filter(({ index }) => index >= state.releasedTo)
        .map(({ index, kind, payload }): ApplicationEffect => {
          state.releasedTo = index + 1
          return { type: 'send', to: 'conductor', epoch: state.epoch, frame: { type: 'output', index, kind, payload } }
        })
      return [...effects, ...released]
    },
  },
  /** Acknowledges what has only arrived. */
  'ack-at-the-arrival': {
    application(step, state, event) {
      const effects = step(event)
      if (event.type !== 'frame' || event.frame.type !== 'message' || event.epoch !== state.epoch) return effects
      return [...effects, acknowledgement(state, event.from as `a${number}`, event.frame.sequence)]
    },
  },
  /** A survivor keeps the messages that came before it went back. */
  'mailbox-survives': {
    application(step, state, event) {
      const { mailbox } = state
      const effects = step(event)
      if (event.type === 'restored' && state.epoch > 1)
        for (const one of kept.get(state) ?? []) putInMailbox(state.mailbox, one)
      if (mailbox !== state.mailbox && mailbox.messages.length > 0) kept.set(state, [...messagesIn(mailbox)])
      return effects
    },
  },
  /** Frames of an epoch that it has not heard of yet are dropped, not held. */
  'early-frames-dropped': {
    application(step, state, event) {
      if (event.type === 'frame' && event.epoch > state.epoch && event.frame.type !== 'recover') return []
      return step(event)
    },
  },
  /** A message that comes again is not acknowledged again, so its sender's log keeps it forever. */
  'repetition-not-acknowledged': {
    application(step, state, event) {
      const isRepetition =
        event.type === 'frame' &&
        event.frame.type === 'message' &&
        logRules('default').wasConsumed(state.process.log, rankOf(event.from)!, event.frame.sequence)
      return step(event).filter((effect) => !isRepetition || !isSent(effect, 'ack'))
    },
  },
  /** Forgets the checkpoint before only when the next one is captured: three intervals are kept until then. */
  'recycles-too-late': {
    application(step, state, event) {
      return step(event).flatMap((effect): ApplicationEffect[] => {
        if (effect.type === 'recycle') return []
        const settled: ApplicationEffect = { type: 'recycle', checkpoint: state.captured - 1 }
        return effect.type === 'capture' ? [settled, effect] : [effect]
      })
    },
  },
  /** Output that was taken stays in every checkpoint, though without its bytes. */
  'taken-output-kept': {
    application(step, { process }, event) {
      const before = [...process.outputs]
      const effects = step(event)
      if (event.type !== 'frame' || event.frame.type !== 'outputAck') return effects
      const taken = before.filter((one) => !process.outputs.includes(one))
      process.outputs = [...taken.map((one) => ({ ...one, payload: new Uint8Array(0) })), ...process.outputs]
      return effects
    },
  },
  /** The delta goes to the first of the rows that protect the process, and to no other. */
  'delta-to-the-home-row-only': {
    application: (step, _, event) =>
      step(event).map((effect) => (effect.type === 'shipDelta' ? { ...effect, to: effect.to.slice(0, 1) } : effect)),
  },
  /** Every second delta is never shipped. */
  'delta-not-shipped': {
    application(step, state, event) {
      return step(event).filter(({ type }) => type !== 'shipDelta' || state.captured % 2 === 1)
    },
  },
  /**
   * Nobody asks whether anything is in transit: a process that rests while a message is on its way to it is said to
   * wait for ever.
   */
  'rest-without-what-is-in-transit': { rest: (answer) => ({ ...answer, sent: 0, arrived: 0 }) },
  /** A sender that waits for its receivers is left waiting. */
  'pressed-never-answered': {
    application: (step, _, event) => step(event).filter((effect) => !isSent(effect, 'stuck')),
  },
} satisfies Record<string, Canary>

const kept = new WeakMap<ApplicationState, Arrived[]>()
