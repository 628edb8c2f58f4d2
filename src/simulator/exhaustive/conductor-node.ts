import type { ProcessorId } from '../../base/index.ts'
import { type ConductorPorts, carryConductor } from '../../carrier/index.ts'
import {
  type ConductorEffect,
  type ConductorEvent,
  createConductor,
  type DiskCheckpoint,
  describeEffect,
  describeEvent,
  type Place,
  type StorageOptions,
  stepConductor,
} from '../../protocol/index.ts'
import { type Canary, stepAround } from '../canaries/canary.ts'
import { idOf } from '../oracle/journal.ts'
import type { Violation } from '../oracle/oracle.ts'
import { codeOf } from './code.ts'
import { copy } from './copy.ts'
import { type ConductorObservation, type ConductorValue, freshReaction, type News, type Reaction } from './node.ts'
import type { ExhaustiveWorld } from './worlds.ts'

/**
 * A conductor that begins with what the disk holds, if there is one, and with what was released so far. Where nothing is
 * whole there the program begins anew; but what files alone keep leaves only with them, so then nothing has left (F4).
 */
export function createConductorValue(
  world: ExhaustiveWorld,
  storage: StorageOptions | null,
  released: ConductorValue['released'],
): ConductorValue {
  const code = codeOf(world)
  const state = createConductor(Object.freeze({ processes: world.scripts.length, code, storage }))
  return { state, released: code && storage?.whole.length === 0 ? new Map() : released, outcome: null }
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
    saw: (event: ConductorEvent, effects: readonly ConductorEffect[]) => {
      reaction.lines?.push(describeEvent(event))
      if (value.state.storage) reaction.observations.push(observed(value, event, effects))
    },
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
      return { type: 'ready', processor, host: null }
    case 'silent':
    case 'heard':
      return { type: news.type, processor }
    case 'closed':
      return { type: 'lost', processor }
    case 'seal':
      return { type: 'sealed', sequence: news.sequence }
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
      lineFound({ disk }) {
        if (disk) takeBackOutputs(value, disk)
      },
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
        violations.push(stuck(effect))
      },
    },
    store: {
      seal: (packet) => sent.push({ to: 'disk', packet }),
      tell(effect) {
        // No disk fails here.
        if (effect.type === 'notStored' && effect.ends) violations.push(stuck(effect))
      },
    },
  }
}

const stuck = (end: ConductorEffect): Violation => ({ kind: 'STUCK', detail: describeEffect(end) })

function observed(
  { state, released }: ConductorValue,
  event: ConductorEvent,
  effects: readonly ConductorEffect[],
): ConductorObservation {
  const { epoch, options, storage, fromDisk } = state
  return {
    type: 'conducted',
    conductor: { epoch, options, storage, fromDisk },
    event,
    effects,
    released: copy(released),
  }
}

/** F3: what is released again stands in place of what was released since. */
function takeBackOutputs({ released }: ConductorValue, { outputs }: DiskCheckpoint): void {
  for (const [rank, ids] of released) ids.length = Math.min(ids.length, outputs[rank]!.released)
}
