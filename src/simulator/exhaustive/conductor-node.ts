import type { ProcessorId } from '../../base/index.ts'
import {
  type ConductorEffect,
  type ConductorEvent,
  createConductor,
  describeEffect,
  describeEvent,
  type Place,
  stepConductor,
} from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import { idOf } from '../oracle/journal.ts'
import { codeOf } from './code.ts'
import { copy } from './copy.ts'
import { type ConductorValue, freshReaction, type News, type Reaction } from './node.ts'

export function createConductorValue(processes: number): ConductorValue {
  const state = createConductor(Object.freeze({ processes, code: codeOf(processes) }))
  return { state, released: new Map(), outcome: null }
}

export interface ConductorSurroundings {
  readonly processors: readonly ProcessorId[]
  readonly canary: Canary | undefined
}

/** What news of `processor` makes of the conductor. */
export function stepConductorValue(
  before: ConductorValue,
  processor: ProcessorId,
  news: News,
  { processors, canary }: ConductorSurroundings,
  traced: boolean,
): { readonly value: ConductorValue; readonly reaction: Reaction } {
  const value = copy(before)
  const reaction = freshReaction(traced)
  const holders = new Map<Place, ProcessorId>()
  for (const [place, holder] of value.state.members) if (holder !== null) holders.set(place, holder)
  const event = eventOf(processor, news)
  const around = canary?.conductor
  const step = (one: ConductorEvent): ConductorEffect[] => stepConductor(value.state, one)
  const effects = around ? around(step, value.state, event) : step(event)
  reaction.lines?.push(describeEvent(event), ...effects.map((effect) => `  ${describeEffect(effect)}`))
  for (const effect of effects) carryOut(value, reaction, effect, { holders, processors })
  return { value, reaction }
}

function eventOf(processor: ProcessorId, news: News): ConductorEvent {
  switch (news.type) {
    case 'frame':
      return { ...news, processor }
    case 'ready':
    case 'silent':
    case 'heard':
      return { type: news.type, processor }
    case 'closed':
      return { type: 'lost', processor }
    default:
      throw new Error(`the conductor got what is for a processor: ${news.type}`)
  }
}

interface Crew {
  readonly holders: Map<Place, ProcessorId>
  readonly processors: readonly ProcessorId[]
}

function carryOut(value: ConductorValue, { sent, violations }: Reaction, effect: ConductorEffect, crew: Crew): void {
  const { holders, processors } = crew
  switch (effect.type) {
    case 'send': {
      const { to, epoch, frame } = effect
      const holder = holders.get(to)
      if (holder !== undefined) sent.push({ to: holder, packet: { type: 'frame', epoch, from: 'conductor', frame } })
      return
    }
    case 'assign': {
      const { place, processor, epoch } = effect
      holders.set(place, processor)
      for (const other of processors) {
        if (other !== processor) sent.push({ to: other, packet: { type: 'member', place, processor } })
      }
      sent.push({ to: processor, packet: { type: 'assigned', place, epoch, members: new Map(holders) } })
      return
    }
    case 'recoveryBegan':
      for (const place of effect.lost) holders.delete(place)
      return
    case 'output': {
      const released = value.released.get(effect.rank) ?? []
      value.released.set(effect.rank, released)
      if (effect.index !== released.length) {
        violations.push({ kind: 'OUT OF ORDER', detail: `output ${effect.index} of a${effect.rank}` })
      }
      released.push(idOf(effect.payload))
      return
    }
    case 'lineFound':
    case 'resumed':
      return
    case 'fence':
      sent.push({ to: effect.processor, packet: { type: 'fenced' } })
      return
    case 'finished':
    case 'uncovered':
      value.outcome = effect.type
      return
    default:
      value.outcome = effect.type
      violations.push({ kind: 'STUCK', detail: describeEffect(effect) })
  }
}
