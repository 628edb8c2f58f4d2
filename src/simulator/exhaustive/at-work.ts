import { assert, type Epoch } from '../../base/index.ts'
import { type Contents, framesOf, receiversOf, type Shipment, type TransportPort } from '../../carrier/index.ts'
import type { Room } from '../../parity/index.ts'
import {
  type ApplicationEffect,
  type ApplicationEvent,
  type CheckEffect,
  type CheckEvent,
  describeEffect,
  describeEvent,
  type Frame,
  type Place,
} from '../../protocol/index.ts'
import type { ApplicationNode, CheckNode, NodeValue, Reaction } from './node.ts'
import { pagesPerPart } from './symbolic-memory.ts'

/** A processor at work on a copy of its value: what it sends and ships becomes part of its reaction. */
export abstract class AtWork<Host extends ApplicationNode | CheckNode> implements TransportPort {
  readonly transport = this
  readonly pagesPerPart = pagesPerPart
  readonly state: Host['state']
  protected readonly host: Host
  protected readonly reaction: Reaction
  readonly #node: NodeValue

  constructor(node: NodeValue, host: Host, reaction: Reaction) {
    this.#node = node
    this.host = host
    this.state = host.state
    this.reaction = reaction
  }

  protected abstract contentsOf(shipment: Shipment): Contents

  saw(event: ApplicationEvent | CheckEvent): void {
    const { host } = this
    host.shipments = host.shipments.filter(({ shipment }) => shipment.epoch === host.state.epoch)
    this.reaction.lines?.push(describeEvent(event))
  }

  begins(effect: ApplicationEffect | CheckEffect): void {
    this.reaction.lines?.push(`  ${describeEffect(effect)}`)
  }

  send(to: Place, epoch: Epoch, frame: Frame): void {
    const target = to === 'conductor' ? to : this.#node.members.get(to)
    const from = this.state.place
    if (target !== undefined) this.reaction.sent.push({ to: target, packet: { type: 'frame', epoch, from, frame } })
  }

  sendPages(to: Place, epoch: Epoch, make: (room?: Room) => Frame): void {
    this.send(to, epoch, make())
  }

  ship(shipment: Shipment): void {
    for (const to of receiversOf(shipment)) this.host.shipments.push({ to, shipment })
  }

  /** Sends all of one of its shipments. */
  sendShipment(index: number): void {
    const [shipping] = this.host.shipments.splice(index, 1)
    assert(shipping !== undefined, 'what is shipped was to be shipped')
    const { to, shipment } = shipping
    for (const frame of framesOf(this.contentsOf(shipment))) this.send(to, shipment.epoch, frame)
  }
}
