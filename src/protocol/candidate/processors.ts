/** What every candidate keeps of the processors, whether it conducts or not: who has ended, and who is not heard. */
import { type ProcessorId, unreachable } from '../../base/index.ts'
import type { ConductorEvent, Misfortune, ProcessorLoss } from '../conductor/index.ts'
import type { CandidateState } from './state.ts'

export type ProcessorEvent = Extract<
  ConductorEvent,
  { type: 'ready' | 'lost' | 'silent' | 'heard' | 'lostTogether' | 'silentTogether' | 'heardTogether' }
>

export function noteProcessors({ gone, silent }: CandidateState, event: ProcessorEvent): void {
  switch (event.type) {
    case 'ready':
      return
    case 'heard':
      silent.delete(event.processor)
      return
    case 'heardTogether':
      for (const processor of event.processors) silent.delete(processor)
      return
    case 'silent':
      noteLosses(silent, [event], false)
      return
    case 'silentTogether':
      noteLosses(silent, event.losses, true)
      return
    case 'lost':
    case 'lostTogether': {
      const losses = event.type === 'lost' ? [event] : event.losses
      for (const { processor } of losses) silent.delete(processor)
      noteLosses(gone, losses, event.type === 'lostTogether')
      return
    }
    default:
      unreachable(event)
  }
}

function noteLosses(
  noted: Map<ProcessorId, Misfortune | null>,
  losses: readonly ProcessorLoss[],
  withHost: boolean,
): void {
  for (const { processor, accident } of losses) noted.set(processor, accident ? { accident, withHost } : null)
}

/** To whoever takes over: these are silent. `processors`: one, or all of a host. */
export function silenceOf({ silent }: CandidateState, processors: readonly ProcessorId[]): ConductorEvent {
  const losses = processors.map((processor): ProcessorLoss => {
    const { accident } = silent.get(processor) ?? {}
    return { processor, ...(accident && { accident }) }
  })
  const isAlone = losses.length === 1 && !processors.some((one) => silent.get(one)?.withHost)
  return isAlone ? { type: 'silent', ...losses[0]! } : { type: 'silentTogether', losses }
}

/** Those who are silent: all of one host together, but each by itself that fell silent so, or of which no host is known. */
export function silentByHost({ silent }: CandidateState, hosts: ReadonlyMap<ProcessorId, string>): ProcessorId[][] {
  const groups = new Map<string | ProcessorId, ProcessorId[]>()
  for (const [processor, misfortune] of silent) {
    // It counts otherwise than one of a host (W2). Nothing is known of one that somebody asked for.
    const wasAlone = misfortune?.withHost === false
    const key = (wasAlone ? undefined : hosts.get(processor)) ?? processor
    groups.set(key, [...(groups.get(key) ?? []), processor])
  }
  return [...groups.values()]
}
