import { assert, unreachable } from '../../base/index.ts'
import { rankOf } from '../../protocol/index.ts'
import { ApplicationAtWork, createApplicationNode, type NodeContext } from './application-node.ts'
import { CheckAtWork, createCheckNode } from './check-node.ts'
import { copy } from './copy.ts'
import { type FramePacket, freshReaction, type News, type NodeEvent, type NodeValue, type Reaction } from './node.ts'

export function createSpareNode(): NodeValue {
  return { alive: true, host: null, members: new Map(), early: [] }
}

/** A crashed processor holds nothing. */
export function createDeadNode(): NodeValue {
  return { alive: false, host: null, members: new Map(), early: [] }
}

/** What an event makes of a processor. The value before stays as it is. */
export function stepNode(
  surroundings: NodeContext,
  before: NodeValue,
  event: NodeEvent,
  traced: boolean,
): { readonly value: NodeValue; readonly reaction: Reaction } {
  const value = copy(before)
  const reaction = freshReaction(traced)
  if (event.type === 'deliver') deliver(surroundings, value, event.packet, reaction)
  else act(surroundings, value, event, reaction)
  return { value, reaction }
}

type Act = Exclude<NodeEvent, { type: 'deliver' }>

function act(surroundings: NodeContext, value: NodeValue, event: Act, reaction: Reaction): void {
  const { host } = value
  if (event.type === 'ship' && host?.kind === 'check') {
    new CheckAtWork(surroundings, value, host, reaction).sendShipment(event.index)
    return
  }
  assert(host?.kind === 'application', 'steps, timeouts and work on memory are for application processors')
  const atWork = new ApplicationAtWork(surroundings, value, host, reaction)
  switch (event.type) {
    case 'endStep':
      atWork.endStep()
      return
    case 'timeout':
      atWork.passTimeout()
      return
    case 'work':
      atWork.work()
      return
    case 'ship':
      atWork.sendShipment(event.index)
      return
    default:
      unreachable(event)
  }
}

function deliver(surroundings: NodeContext, value: NodeValue, packet: News, reaction: Reaction): void {
  switch (packet.type) {
    case 'frame':
      handleFrame(surroundings, value, packet, reaction)
      return
    case 'assigned': {
      for (const [place, holder] of packet.members) value.members.set(place, holder)
      const rank = rankOf(packet.place)
      const { epoch, place } = packet
      value.host =
        rank === null ? createCheckNode(surroundings, place, epoch) : createApplicationNode(surroundings, rank, epoch)
      const { early } = value
      value.early = []
      for (const one of early) handleFrame(surroundings, value, one, reaction)
      return
    }
    case 'member':
      value.members.set(packet.place, packet.processor)
      return
    case 'fenced':
      handle(surroundings, value, packet, reaction)
      return
    case 'write':
    case 'read': {
      assert(value.host?.kind === 'application', 'files are those of application processors')
      const atWork = new ApplicationAtWork(surroundings, value, value.host, reaction)
      if (packet.type === 'write') atWork.noteWritten(packet)
      else atWork.noteRead(packet)
      return
    }
    default:
      throw new Error(`a processor got what is for the conductor: ${packet.type}`)
  }
}

function handleFrame(surroundings: NodeContext, value: NodeValue, packet: FramePacket, reaction: Reaction): void {
  if (value.host) handle(surroundings, value, packet, reaction)
  else value.early.push(packet)
}

type Fenced = { readonly type: 'fenced' }

function handle(surroundings: NodeContext, value: NodeValue, event: FramePacket | Fenced, reaction: Reaction): void {
  const { host } = value
  if (host?.kind === 'check') new CheckAtWork(surroundings, value, host, reaction).handle(event)
  else if (host) new ApplicationAtWork(surroundings, value, host, reaction).handle(event)
}
