import type { Epoch } from '../../base/index.ts'
import {
  type CheckCarrier,
  type CheckPorts,
  type Contents,
  carryCheck,
  type Onlooker,
  shippedParity,
} from '../../carrier/index.ts'
import { type CheckEffect, type CheckEvent, createCheck, type Place, stepCheck } from '../../protocol/index.ts'
import { stepAround } from '../canaries/canary.ts'
import type { NodeContext } from './application-node.ts'
import { AtWork } from './at-work.ts'
import { parityOf } from './code.ts'
import type { CheckNode, NodeValue, Reaction } from './node.ts'
import { SymbolicParity } from './symbolic-memory.ts'

export function createCheckNode({ world }: NodeContext, place: Place, epoch: Epoch): CheckNode {
  const state = createCheck(place, epoch, { code: parityOf(world.scripts.length), rules: world.rules })
  return { kind: 'check', state, store: { tokens: [] }, staged: { tokens: [] }, shipments: [] }
}

/** A check processor at work on a copy of its value. */
export class CheckAtWork extends AtWork<CheckNode> implements CheckPorts, Onlooker<CheckEvent, CheckEffect> {
  readonly parity: SymbolicParity
  readonly #carrier: CheckCarrier

  constructor({ world }: NodeContext, node: NodeValue, host: CheckNode, reaction: Reaction) {
    super(node, host, reaction)
    this.parity = new SymbolicParity(host)
    this.#carrier = carryCheck(this, this, stepAround(world.canary?.check, stepCheck))
  }

  handle(event: CheckEvent): void {
    this.#carrier.dispatch(event)
  }

  did(effect: CheckEffect): void {
    const isRebuilt = effect.type === 'send' && effect.frame.type === 'restored'
    if (effect.type !== 'applyStaged' && !isRebuilt) return
    const { state, store } = this.host
    const { place, parityCheckpoint: parity } = state
    this.reaction.observations.push({ type: 'parity', place, number: parity, tokens: store.tokens })
  }

  protected override contentsOf(shipment: Parameters<typeof shippedParity>[0]): Contents {
    return shippedParity(shipment, this)
  }
}
