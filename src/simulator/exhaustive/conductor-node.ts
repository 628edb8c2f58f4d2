import type { ProcessorId } from '../../base/index.ts'
import { type ConductorPorts, carryConductor, noManifests } from '../../carrier/index.ts'
import {
  type ConductorEffect,
  type ConductorEvent,
  createConductor,
  describeEffect,
  describeEvent,
  type Place,
  stepConductor,
} from '../../protocol/index.ts'
import { type Canary, stepAround } from '../canaries/canary.ts'
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
  const ports = portsOf(value, reaction, { holders, processors })
  const onlooker = {
    saw: (event: ConductorEvent) => reaction.lines?.push(describeEvent(event)),
    begins: (effect: ConductorEffect) => reaction.lines?.push(`  ${describeEffect(effect)}`),
  }
  carryConductor(ports, onlooker, stepAround(canary?.conductor, stepConductor)).dispatch(eventOf(processor, news))
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

interface Machine {
  readonly holders: Map<Place, ProcessorId>
  readonly processors: readonly ProcessorId[]
}

function portsOf(value: ConductorValue, reaction: Reaction, { holders, processors }: Machine): ConductorPorts {
  const { sent, violations } = reaction
  return {
    state: value.state,
    transport: {
      send(to, epoch, frame) {
        const holder = holders.get(to)
        if (holder !== undefined) sent.push({ to: holder, packet: { type: 'frame', epoch, from: 'conductor', frame } })
      },
    },
    crew: {
      assign(place, processor, epoch) {
        holders.set(place, processor)
        for (const other of processors) {
          if (other !== processor) sent.push({ to: other, packet: { type: 'member', place, processor } })
        }
        sent.push({ to: processor, packet: { type: 'assigned', place, epoch, members: new Map(holders) } })
      },
      fence: (processor) => sent.push({ to: processor, packet: { type: 'fenced' } }),
    },
    recovery: {
      began({ lost }) {
        for (const place of lost) holders.delete(place)
      },
      lineFound: () => {},
      resumed: () => {},
    },
    outside: {
      output({ rank, index, payload }) {
        const released = value.released.get(rank) ?? []
        value.released.set(rank, released)
        if (index !== released.length) {
          violations.push({ kind: 'OUT OF ORDER', detail: `output ${index} of a${rank}` })
        }
        released.push(idOf(payload))
      },
      end(effect) {
        value.outcome = effect.type
        if (effect.type === 'finished' || effect.type === 'uncovered') return
        violations.push({ kind: 'STUCK', detail: describeEffect(effect) })
      },
    },
    store: noManifests,
  }
}
