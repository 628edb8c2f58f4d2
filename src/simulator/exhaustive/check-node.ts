import type { Epoch } from '../../base/index.ts'
import { type CheckPorts, type Contents, carryOutCheck, shippedParity } from '../../carrier/index.ts'
import { type CheckEffect, type CheckEvent, createCheck, type Place, stepCheck } from '../../protocol/index.ts'
import { stepAround } from '../canaries/canary.ts'
import type { Surroundings } from './application-node.ts'
import { AtWork } from './at-work.ts'
import { codeOf } from './code.ts'
import type { CheckNode, NodeValue, Reaction } from './node.ts'
import { SymbolicParity } from './symbolic-memory.ts'
import type { ExhaustiveWorld } from './worlds.ts'

export function createCheckNode({ world }: Surroundings, place: Place, epoch: Epoch): CheckNode {
  const state = createCheck(place, epoch, { code: codeOf(world.scripts.length), rules: world.rules })
  return { kind: 'check', state, store: { tokens: [] }, staged: { tokens: [] }, shipments: [] }
}

/** A check processor at work on a copy of its value. */
export class CheckAtWork extends AtWork<CheckNode, CheckEvent, CheckEffect> implements CheckPorts {
  readonly state: CheckNode['state']
  readonly transport = this
  readonly parity: SymbolicParity
  readonly #world: ExhaustiveWorld

  constructor({ world }: Surroundings, node: NodeValue, host: CheckNode, reaction: Reaction) {
    super(node, host, reaction)
    this.state = host.state
    this.parity = new SymbolicParity(host)
    this.#world = world
  }

  protected override step(event: CheckEvent): readonly CheckEffect[] {
    return stepAround(this.#world.canary?.check, stepCheck, this.state, event)
  }

  override carryOut(effect: CheckEffect): void {
    carryOutCheck(effect, this)
  }

  override did(effect: CheckEffect): void {
    const isRebuilt = effect.type === 'send' && effect.frame.type === 'restored'
    if (effect.type !== 'applyStaged' && !isRebuilt) return
    const { state, store } = this.host
    const { place, parity } = state
    this.reaction.observations.push({ type: 'parity', place, number: parity, tokens: store.tokens })
  }

  protected override contentsOf(shipment: Parameters<typeof shippedParity>[0]): Contents {
    return shippedParity(shipment, this)
  }
}
