import { assert, type Epoch, unreachable } from '../../base/index.ts'
import {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  createBackup,
  createCheckpoint,
  describeEffect,
  describeEvent,
  type Frame,
  isCheckpointPlace,
  mergeChecksums,
  type Place,
  stepBackup,
  stepCheckpoint,
} from '../../protocol/index.ts'
import type { Surroundings } from './application-node.ts'
import { batchesOf, imageFrames, passedOn, xorTokens } from './checkpoints.ts'
import { codeOf } from './code.ts'
import { type CheckNode, type NodeValue, type Reaction, type Shipment, sendFrame } from './node.ts'

export function createCheckNode({ world }: Surroundings, place: Place, epoch: Epoch): CheckNode {
  const options = { row: 0, code: codeOf(world.scripts.length), rules: world.rules }
  const state = isCheckpointPlace(place) ? createCheckpoint(epoch, options) : createBackup(epoch, options)
  return { kind: 'check', state, store: { tokens: [] }, staged: { tokens: [] }, shipments: [] }
}

/** A check processor at work on a copy of its value. */
export class CheckAtWork {
  readonly #surroundings: Surroundings
  readonly #node: NodeValue
  readonly #host: CheckNode
  readonly #reaction: Reaction

  constructor(surroundings: Surroundings, node: NodeValue, host: CheckNode, reaction: Reaction) {
    this.#surroundings = surroundings
    this.#node = node
    this.#host = host
    this.#reaction = reaction
  }

  handle(event: CheckEvent): void {
    const host = this.#host
    const around = this.#surroundings.world.canary?.check
    const effects = around ? around((one) => this.#step(one), host.state, event) : this.#step(event)
    this.#reaction.lines?.push(describeEvent(event), ...effects.map((effect) => `  ${describeEffect(effect)}`))
    host.shipments = host.shipments.filter(({ epoch }) => epoch === host.state.epoch)
    for (const effect of effects) this.#carryOut(effect)
  }

  #step(event: CheckEvent): CheckEffect[] {
    const { state } = this.#host
    return isCheckpoint(state) ? stepCheckpoint(state, event) : stepBackup(state, event)
  }

  ship(index: number): void {
    const [shipment] = this.#host.shipments.splice(index, 1)
    assert(shipment !== undefined, 'what is shipped was to be shipped')
    for (const frame of this.#framesOf(shipment)) {
      sendFrame(this.#node, this.#reaction, { to: shipment.to, epoch: shipment.epoch, frame })
    }
  }

  #framesOf({ checkpoint, image, checksums }: Shipment): Frame[] {
    if (image === null) {
      const batches = batchesOf(this.#host.staged.tokens)
      return [
        ...batches.map((batch, part): Frame => ({ type: 'merged', checkpoint, part, batch })),
        { type: 'mergedEnd', checkpoint, parts: batches.length, checksums },
      ]
    }
    return imageFrames(image, this.#host.store.tokens, mergeChecksums(checksums, this.#host.state.checksums))
  }

  #carryOut(effect: CheckEffect): void {
    const { store, staged, shipments } = this.#host
    switch (effect.type) {
      case 'send':
        sendFrame(this.#node, this.#reaction, effect)
        if (effect.frame.type === 'restored') this.#observeParity()
        return
      case 'stage':
        staged.tokens = xorTokens(staged.tokens, effect.batch.numbers)
        return
      case 'applyStaged':
        store.tokens = xorTokens(store.tokens, staged.tokens)
        staged.tokens = []
        this.#observeParity()
        return
      case 'dropStaged':
        staged.tokens = []
        return
      case 'shipMerged':
      case 'shipImage': {
        const { epoch, to, checkpoint, checksums } = effect
        const image = effect.type === 'shipImage' ? { target: effect.target, part: effect.part } : null
        shipments.push({ epoch, to, checkpoint, image, checksums })
        return
      }
      case 'passImage':
        sendFrame(this.#node, this.#reaction, { ...effect, frame: passedOn(effect, store.tokens) })
        return
      case 'clear':
        store.tokens = []
        staged.tokens = []
        return
      case 'absorb':
        store.tokens = xorTokens(store.tokens, effect.batch.numbers)
        return
      default:
        unreachable(effect)
    }
  }

  #observeParity(): void {
    const { place, parity } = this.#host.state
    this.#reaction.observations.push({ type: 'parity', place, number: parity, tokens: this.#host.store.tokens })
  }
}

function isCheckpoint(state: CheckpointState | BackupState): state is CheckpointState {
  return 'granted' in state
}
