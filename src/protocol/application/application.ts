import { unreachable } from '../../base/index.ts'
import type { Frame } from '../frames.ts'
import { type Place, rankOfSender } from '../places.ts'
import { type ReceivingPart, receive, takeHeld, tellConductor } from '../receiving.ts'
import { advance } from './advance.ts'
import { learnCommit, learnCommitBefore, noteGrant, releaseOutput, requestCheckpoint } from './checkpointing.ts'
import type { ApplicationEffect, ApplicationEvent, StepEnded } from './events.ts'
import { noteStuck } from './flow.ts'
import { noteMarker, noteOtherCapture } from './freeze.ts'
import { arrive, costOf, noteAck, sendMessage } from './messages.ts'
import { adopt, notePlan, noteRecover, noteRestored, noteResume } from './recovering.ts'
import { type ApplicationState, isSynchronous } from './state.ts'
import { noteStore, noteWritten } from './storing.ts'

/**
 * One event of an application processor: changes its state and returns what is to be done, in order. The driver
 * carries out the effects in that order and never calls back in between.
 */
export function stepApplication(state: ApplicationState, event: ApplicationEvent): ApplicationEffect[] {
  const effects: ApplicationEffect[] = []
  if (state.mode === 'fenced') return effects
  switch (event.type) {
    case 'frame':
      receive(part, state, effects, event)
      break
    case 'stepEnded':
      if (state.stepping) endStep(state, effects, event.result)
      break
    case 'stepFailed':
      if (state.stepping) failStep(state, effects, event.site, event.error)
      break
    case 'timeoutPassed':
    case 'bufferFull':
      if (state.mode === 'running') requestCheckpoint(state, effects, 'due')
      break
    case 'restored':
      if (event.epoch !== state.epoch) break
      noteRestored(state, effects, event.checkpoint, event.blobs)
      takeHeld(part, state, effects)
      break
    case 'damaged':
      if (event.epoch === state.epoch) {
        tellConductor(state, effects, { type: 'damaged', reason: event.problem ?? wrongGroups(event.groups) })
      }
      break
    case 'stored':
      if (event.epoch === state.epoch) noteWritten(state, effects, event.sequence, event.file)
      break
    case 'notStored':
      if (event.epoch === state.epoch) noteWritten(state, effects, event.sequence, event.reason)
      break
    case 'fenced':
      if (state.mode === 'running') effects.push({ type: 'stopProgram' })
      state.mode = 'fenced'
      return effects
    default:
      return unreachable(event)
  }
  advance(state, effects)
  return effects
}

function wrongGroups(groups: readonly number[]): string {
  const some = `${groups.slice(0, 8).join(', ')}${groups.length > 8 ? ', …' : ''}`
  return `page groups ${some} do not have the checksums that were taken at the checkpoint`
}

const part: ReceivingPart<ApplicationState, ApplicationEffect[]> = {
  recover: noteRecover,
  plan: notePlan,
  complete: adopt,
  resume: noteResume,
  line: ({ committed }) => committed,
  handle,
}

function handle(state: ApplicationState, effects: ApplicationEffect[], from: Place, frame: Frame): void {
  switch (frame.type) {
    case 'message': {
      const { sequence, interval, tag, payload } = frame
      arrive(state, effects, { from: rankOfSender(from), sequence, interval, tag, payload })
      return
    }
    case 'ack':
      noteAck(state, rankOfSender(from), frame.sequence, frame.interval)
      return
    case 'pressed':
      state.flow.pressedBy.add(rankOfSender(from))
      return
    case 'stuck':
      noteStuck(state.flow, rankOfSender(from))
      return
    case 'grant':
      callOn(state, effects, frame.checkpoint)
      return
    case 'marker':
      // Its sender was called, so everybody is.
      callOn(state, effects, frame.checkpoint)
      noteMarker(state, rankOfSender(from), frame)
      return
    case 'captured':
      noteOtherCapture(state, effects, rankOfSender(from), frame.checkpoint)
      return
    case 'commit':
      learnCommit(state, effects, frame.checkpoint)
      return
    case 'store':
      noteStore(state, effects, frame)
      return
    case 'outputAck':
      dropOutputs(state, frame.index)
      return
    default:
      throw new Error(`an application processor got a frame that is not for it: ${frame.type} from ${from}`)
  }
}

/** S4: whoever learns only now that a freeze is over goes on before it is called to the next. */
function callOn(state: ApplicationState, effects: ApplicationEffect[], checkpoint: number): void {
  learnCommitBefore(state, effects, checkpoint)
  // Elsewhere it captures first: the sooner all have, the sooner the checkpoint commits.
  if (isSynchronous(state)) advance(state, effects)
  noteGrant(state, checkpoint)
}

/** Dropping outputs moves all that follow, so where they are more than this, half of them or more go at a time. */
const movedMax = 1024

/** Outputs are sent in order, so what lies before one that was taken was taken too. */
function dropOutputs(state: ApplicationState, taken: number): void {
  const { outputs } = state.process
  const first = outputs[0]
  if (!first || taken < first.index) return
  const dropped = taken - first.index + 1
  const rest = outputs.length - dropped
  if (rest > Math.max(dropped, movedMax)) return
  for (const output of outputs.splice(0, dropped)) state.flow.outputBytes -= costOf(state, output)
}

function endStep(state: ApplicationState, effects: ApplicationEffect[], result: StepEnded): void {
  const { process } = state
  state.stepping = false
  process.steps += 1
  process.waiting = result.waiting
  process.vars = result.vars
  for (const send of result.sends) sendMessage(state, effects, send)
  for (const { kind, payload } of result.outputs) {
    const output = { index: process.nextOutput, kind, interval: state.captured, payload }
    process.outputs.push(output)
    process.nextOutput += 1
    state.flow.outputBytes += costOf(state, output)
  }
  if (result.outputs.length > 0) releaseOutput(state, effects)
  // Nothing is left to do but to be committed: no need to wait for the timeout.
  if (result.waiting.kind === 'finished') requestCheckpoint(state, effects, 'urgent')
}

/** The step stays unfinished, so nothing more happens here until the conductor takes everybody back. */
function failStep(state: ApplicationState, effects: ApplicationEffect[], site: string, error: string): void {
  state.failure = { type: 'failure', step: state.process.steps, site, error }
  tellConductor(state, effects, state.failure)
}
