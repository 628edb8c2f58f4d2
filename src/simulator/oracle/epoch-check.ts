/**
 * O9: no frame of an old epoch takes effect. Whoever gets one is as it was afterwards, and does nothing; only the
 * conductor tells a sender that was replaced that it is fenced.
 */
import {
  type ApplicationState,
  type BackupState,
  type CheckpointState,
  type ConductorState,
  countMessages,
} from '../../protocol/index.ts'

/** What of a state machine a frame could have changed, as text that is equal where nothing was. */
export function traceOfApplication(state: ApplicationState): string {
  const { flow, process, mailbox } = state
  const { log } = process
  let [entries, unconsumed] = [0, 0]
  for (const sent of log.sent.values()) {
    entries += sent.length
    for (const { consumedIn } of sent) if (consumedIn === null) unconsumed += 1
  }
  let receipts = 0
  for (const received of log.received.values()) receipts += received.watermark + received.receipts.length
  return [
    ...[state.mode, state.captured, state.committed, state.due, state.asked, state.authorized, state.suspended],
    ...[state.planned, state.stepping, state.releasedTo, state.early.length, countMessages(mailbox)],
    ...[process.steps, process.outputs.length, entries, unconsumed, receipts, traceOfChains(state)],
    ...[flow.unconsumedBytes, flow.aheadBytes, flow.outputBytes],
    ...[flow.pressing, flow.pressedBy, flow.stuck, flow.answered].map(({ size }) => size),
  ].join(' ')
}

export function traceOfCheck(state: CheckpointState | BackupState): string {
  let [parts, ended] = [0, 0]
  for (const arrival of state.staging.senders.values()) {
    parts += arrival.nextPart
    if (arrival.ended) ended += 1
  }
  const deciding =
    'holders' in state ? [state.granted.size, state.waiting.size, state.holders.size, state.spread].join(' ') : ''
  return [
    ...[
      state.mode,
      state.planned,
      state.parityCheckpoint,
      state.early.length,
      state.staging.senders.size,
      parts,
      ended,
    ],
    ...[traceOfChains(state), deciding],
  ].join(' ')
}

function traceOfChains({ rebuilding, hops }: Pick<ApplicationState, 'rebuilding' | 'hops'>): string {
  const parts = hops?.map(({ nextPart }) => nextPart).join(',') ?? 'none'
  return `${rebuilding?.nextPart ?? 'none'} ${rebuilding?.ended ?? ''} ${parts}`
}

export function traceOfConductor(state: ConductorState): string {
  let outputs = 0
  for (const next of state.nextOutput.values()) outputs += next
  return [
    ...[state.epoch, state.phase, state.missing.size, state.spares.length, state.silent.size, state.reports.size],
    ...[state.restored.size, state.line, state.failures.length, outputs, state.finished.size],
  ].join(' ')
}
