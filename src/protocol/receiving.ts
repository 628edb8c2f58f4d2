/**
 * What epochs and recoveries ask of a processor, whatever its place: frames of an older epoch are dropped and those of a
 * newer one held, a plan is followed once, and whom it rebuilds is filled by a chain.
 */
import type { Epoch } from '../base/index.ts'
import { type ChainEffect, type Chained, freshRebuilding, isEarly, noteImage, type Rebuilding } from './chain.ts'
import type { Frame, RecoveryFrame } from './frames.ts'
import type { Place } from './places.ts'
import type { Rules } from './rules.ts'

export interface ReceivedFrame {
  readonly epoch: Epoch
  readonly from: Place
  readonly frame: Frame
}

/** The part of a processor's state that receiving needs. */
export interface Receiver extends Chained {
  readonly options: { readonly rules: Rules }
  /**
   * newcomer: holds nothing yet; running; recovering: goes back or waits for the others, an application processor with
   * its program stopped; fenced: was replaced while it was silent, takes part no more.
   */
  mode: 'newcomer' | 'running' | 'recovering' | 'fenced'
  /** The plan of this epoch is known: it is followed once, however often it comes. */
  planned: boolean
  /** Frames that came too early: of a later epoch, or of a later stage of this recovery. */
  early: ReceivedFrame[]
}

/** Effects that every processor has. */
export type CommonEffect =
  | { readonly type: 'send'; readonly to: Place; readonly epoch: Epoch; readonly frame: Frame }
  /** Rebuild: memory to zeros, then `absorb`. */
  | { readonly type: 'clear' }
  | ChainEffect

/** A list of effects that these can be among. */
export interface CommonSink {
  push(effect: CommonEffect): unknown
}

export type Plan = Extract<RecoveryFrame, { type: 'plan' }>
export type Recover = Extract<RecoveryFrame, { type: 'recover' }>

/** What one kind of processor does about each. */
export interface ReceivingPart<State, Effects> {
  /** A loss was seen and a new epoch has begun: the conductor learns what is held here. */
  recover(state: State, effects: Effects, recover: Recover): void
  /** The conductor has found the recovery line, and this processor is not rebuilt. */
  plan(state: State, effects: Effects, plan: Plan): void
  /** It is: what it held counts no more. */
  forget?(state: State): void
  /** All of the sum that rebuilds it has come. */
  complete(state: State, effects: Effects, rebuilding: Rebuilding): void
  /** The machine is whole again. */
  resume(state: State, effects: Effects): void
  /** The checkpoint that chains get from here. */
  line(state: State): number
  /** Every other frame, in its time. */
  handle(state: State, effects: Effects, from: Place, frame: Frame): void
}

/** Trap 7: a frame of an older epoch is dropped, one of a newer epoch held until the conductor has told of it. */
export function receive<State extends Receiver, Effects extends CommonSink>(
  part: ReceivingPart<State, Effects>,
  state: State,
  effects: Effects,
  received: ReceivedFrame,
): void {
  const { epoch, from, frame } = received
  if (frame.type === 'recover') {
    if (epoch <= state.epoch) return
    beginEpoch(state, epoch)
    part.recover(state, effects, frame)
    takeHeld(part, state, effects)
    return
  }
  if (state.options.rules.checkEpoch && epoch < state.epoch) return
  if (epoch > state.epoch || mustWait(state, frame)) {
    state.early.push(received)
    return
  }
  switch (frame.type) {
    case 'plan':
      if (!state.planned) follow(part, state, effects, frame)
      takeHeld(part, state, effects)
      return
    case 'resume':
      part.resume(state, effects)
      takeHeld(part, state, effects)
      return
    case 'image':
    case 'imageEnd':
      if (noteImage(state, effects, from, frame, part.line(state))) finish(part, state, effects)
      return
    default:
      part.handle(state, effects, from, frame)
  }
}

function beginEpoch(state: Receiver, epoch: Epoch): void {
  state.epoch = epoch
  state.rebuilding = null
  state.hops = null
  state.planned = false
}

/** Others may be ahead in this recovery: images come before the plan, messages and deltas before `resume`. */
function mustWait(state: Receiver, frame: Frame): boolean {
  if (frame.type === 'plan' || frame.type === 'resume' || frame.type === 'outputAck') return false
  if (frame.type === 'image' || frame.type === 'imageEnd') return isEarly(state, frame)
  return state.mode !== 'running'
}

export function takeHeld<State extends Receiver, Effects extends CommonSink>(
  part: ReceivingPart<State, Effects>,
  state: State,
  effects: Effects,
): void {
  const { early: held } = state
  state.early = []
  for (const one of held) receive(part, state, effects, one)
}

function follow<State extends Receiver, Effects extends CommonSink>(
  part: ReceivingPart<State, Effects>,
  state: State,
  effects: Effects,
  plan: Plan,
): void {
  state.planned = true
  const own = plan.rebuild.find((one) => one.target === state.place)
  if (!own) {
    part.plan(state, effects, plan)
    return
  }
  state.mode = 'newcomer'
  state.rebuilding = freshRebuilding(plan.line, own)
  part.forget?.(state)
  effects.push({ type: 'clear' })
  finish(part, state, effects)
}

function finish<State extends Receiver, Effects extends CommonSink>(
  part: ReceivingPart<State, Effects>,
  state: State,
  effects: Effects,
): void {
  if (state.rebuilding?.ended) part.complete(state, effects, state.rebuilding)
}

/** C4: a newcomer that is not restored holds nothing, which nobody asks but a conductor that takes over. */
export function reportNothing(state: Receiver, effects: CommonSink, { takeOver }: Recover): void {
  if (takeOver) tellConductor(state, effects, { type: 'report', checkpoints: [] })
}

export function tellConductor({ epoch }: Receiver, effects: CommonSink, frame: Frame): void {
  effects.push({ type: 'send', to: 'conductor', epoch, frame })
}
