import { assert, type Epoch, type Rank, unreachable } from '../../base/index.ts'
import {
  type ApplicationEffect,
  type ApplicationEvent,
  createApplication,
  describeEffect,
  describeEvent,
  type Frame,
  type StepEnded,
  stepApplication,
  type Waiting,
} from '../../protocol/index.ts'
import { encodePayload, idOf } from '../oracle/journal.ts'
import {
  batchesOf,
  type Checkpoints,
  checksumsOf,
  copyJournal,
  emptyJournal,
  imageFrames,
  passedOn,
  type Token,
  xorTokens,
  zeros,
} from './checkpoints.ts'
import { codeOf } from './code.ts'
import { type ApplicationNode, type NodeValue, type Reaction, type Shipment, sendFrame } from './node.ts'
import { epochOf, indexOf, type MessageShape, messageId, messageIdsMax, senderOf } from './renaming.ts'
import type { ExhaustiveWorld, Instruction } from './worlds.ts'

export interface Surroundings {
  readonly world: ExhaustiveWorld
  readonly shape: MessageShape
  readonly checkpoints: Checkpoints
}

/** Never reached by the small worlds: flow control is not what they are about. */
const logBytesMax = 2 ** 20

export function createApplicationNode({ world }: Surroundings, rank: Rank, epoch: Epoch): ApplicationNode {
  const processes = world.scripts.length
  const state = createApplication(epoch, { rank, processes, code: codeOf(processes), logBytesMax, rules: world.rules })
  Object.freeze(state.options)
  return {
    kind: 'application',
    state,
    journal: emptyJournal(),
    kept: [{ number: 0, tokens: [] }],
    absorbed: { tokens: [] },
    work: [],
    shipments: [],
    stepping: false,
    timerArmed: false,
  }
}

/** An application processor at work on a copy of its value. */
export class ApplicationAtWork {
  readonly #surroundings: Surroundings
  readonly #node: NodeValue
  readonly #host: ApplicationNode
  readonly #reaction: Reaction

  constructor(surroundings: Surroundings, node: NodeValue, host: ApplicationNode, reaction: Reaction) {
    this.#surroundings = surroundings
    this.#node = node
    this.#host = host
    this.#reaction = reaction
  }

  handle(event: ApplicationEvent): void {
    const host = this.#host
    const around = this.#surroundings.world.canary?.application
    const step = (one: ApplicationEvent): ApplicationEffect[] => stepApplication(host.state, one)
    const effects = around ? around(step, host.state, event) : step(event)
    const { lines } = this.#reaction
    lines?.push(describeEvent(event), ...effects.map((effect) => `  ${describeEffect(effect)}`))
    host.shipments = host.shipments.filter(({ epoch }) => epoch === host.state.epoch)
    for (const effect of effects) this.#carryOut(effect)
    this.#clearAndAbsorb()
  }

  passTimeout(): void {
    this.#host.timerArmed = false
    this.handle({ type: 'timeoutPassed' })
  }

  /** Ends the step under way: the next instruction of the script was carried out. */
  endStep(): void {
    const { rank } = this.#host.state.options
    const { journal } = this.#host
    const instruction: Instruction | undefined = this.#surroundings.world.scripts[rank]![journal.at]
    journal.at += 1
    this.#host.stepping = false
    this.handle({ type: 'stepEnded', result: this.#resultOf(instruction) })
  }

  #resultOf(instruction: Instruction | undefined): StepEnded {
    const { journal, state } = this.#host
    const { shape } = this.#surroundings
    const ended = { sends: [], outputs: [], vars: null }
    if (!instruction) {
      const id = messageIdsMax + state.epoch
      journal.emittedIds.push(id)
      const outputs = [{ kind: 'done', payload: encodePayload(id) }] as const
      return { ...ended, outputs, waiting: { kind: 'finished' } }
    }
    const goOn: Waiting = { kind: 'continue' }
    switch (instruction.type) {
      case 'send': {
        const id = messageId(shape, state.options.rank, journal.sentIds.length, state.epoch)
        journal.sentIds.push(id)
        return { ...ended, sends: [{ to: instruction.to, tag: 'm', payload: encodePayload(id) }], waiting: goOn }
      }
      case 'receive':
        return { ...ended, waiting: { kind: 'receive', patterns: [{ from: instruction.from, tag: null }] } }
      case 'compute':
        return { ...ended, waiting: goOn }
      default:
        return unreachable(instruction)
    }
  }

  /** The next piece of work on the memory that is answered. */
  work(): void {
    const work = this.#host.work.shift()
    assert(work?.type === 'restore' || work?.type === 'adopt', 'there is work on the memory that is answered')
    if (work.type === 'restore') this.#restore(work.epoch, work.checkpoint)
    else this.#adopt(work.epoch, work.checkpoint, work.checksums)
    this.#clearAndAbsorb()
  }

  #restore(epoch: Epoch, checkpoint: number): void {
    const { tokens } = this.#keptAt(checkpoint)
    this.#goBack(epoch, checkpoint, tokens)
  }

  /** Like the machine, takes what was rebuilt only if it has the checksums of the capture. */
  #adopt(epoch: Epoch, checkpoint: number, checksums: Uint8Array | null): void {
    const { tokens } = this.#host.absorbed
    const expected = checksums === null ? zeros : idOf(checksums)
    if (tokens.length > 1 || (tokens[0] ?? zeros) !== expected) {
      this.#reaction.violations.push({ kind: 'WRONG MEMORY', detail: `what was rebuilt of ${this.#host.state.place}` })
    } else {
      this.#goBack(epoch, checkpoint, tokens)
    }
  }

  #goBack(epoch: Epoch, checkpoint: number, tokens: readonly Token[]): void {
    const host = this.#host
    const { checkpoints } = this.#surroundings
    const captured = tokens.length > 0 ? checkpoints.captured(tokens[0]!) : null
    host.journal = captured ? copyJournal(captured.journal) : emptyJournal()
    host.kept = [{ number: checkpoint, tokens }]
    if (epoch === host.state.epoch) {
      const { rank } = host.state.options
      this.#reaction.observations.push({ type: 'restored', rank, number: checkpoint, tokens })
    }
    this.handle({ type: 'restored', epoch, checkpoint, blobs: captured?.blobs ?? new Map() })
  }

  /** Touches nothing but this memory and is not answered, so it is done as soon as its turn comes. */
  #clearAndAbsorb(): void {
    const { work, absorbed } = this.#host
    while (work[0]?.type === 'clear' || work[0]?.type === 'absorb') {
      const next = work.shift()!
      if (next.type === 'absorb') absorbed.tokens = xorTokens(absorbed.tokens, next.batch.numbers)
      else absorbed.tokens = []
    }
  }

  ship(index: number): void {
    const [shipment] = this.#host.shipments.splice(index, 1)
    assert(shipment !== undefined, 'what is shipped was to be shipped')
    for (const frame of this.#framesOf(shipment)) {
      sendFrame(this.#node, this.#reaction, { to: shipment.to, epoch: shipment.epoch, frame })
    }
  }

  #framesOf({ checkpoint, image, checksums }: Shipment): Frame[] {
    const { rank } = this.#host.state.options
    const { tokens } = this.#keptAt(checkpoint)
    const own = checksumsOf(tokens[0] ?? zeros)
    if (image === null) {
      const batches = batchesOf(xorTokens(this.#keptAt(checkpoint - 1).tokens, tokens))
      return [
        ...batches.map((batch, part): Frame => ({ type: 'delta', checkpoint, part, batch })),
        { type: 'deltaEnd', checkpoint, parts: batches.length, checksums: own },
      ]
    }
    return imageFrames(image, tokens, [...checksums, { rank, sums: own }])
  }

  #keptAt(checkpoint: number): ApplicationNode['kept'][number] {
    const kept = this.#host.kept.find(({ number }) => number === checkpoint)
    assert(kept !== undefined, `checkpoint ${checkpoint} is kept`)
    return kept
  }

  #carryOut(effect: ApplicationEffect): void {
    const host = this.#host
    switch (effect.type) {
      case 'send':
        sendFrame(this.#node, this.#reaction, effect)
        return
      case 'capture':
        this.#capture(effect.checkpoint, effect.blobs)
        return
      case 'shipDelta': {
        const { epoch, checkpoint } = effect
        for (const to of effect.to) host.shipments.push({ epoch, to, checkpoint, image: null, checksums: [] })
        return
      }
      case 'shipImage': {
        const { epoch, to, checkpoint, target, part, checksums } = effect
        host.shipments.push({ epoch, to, checkpoint, image: { target, part }, checksums })
        return
      }
      case 'passImage': {
        const { tokens } = this.#keptAt(effect.checkpoint)
        sendFrame(this.#node, this.#reaction, { ...effect, frame: passedOn(effect, tokens) })
        return
      }
      case 'recycle':
        host.kept = host.kept.filter(({ number }) => number >= effect.checkpoint)
        return
      case 'armTimeout':
        host.timerArmed = true
        return
      case 'freeze':
      case 'thaw':
        return
      case 'runStep':
        host.stepping = true
        for (const { payload } of effect.deliveries) this.#consume(idOf(payload))
        return
      case 'stopProgram':
        host.stepping = false
        host.timerArmed = false
        return
      case 'restore':
      case 'clear':
      case 'absorb':
      case 'adopt':
        host.work.push(effect)
        return
      case 'store':
      case 'load':
        throw new Error('nothing is written to disk here')
      default:
        unreachable(effect)
    }
  }

  #capture(checkpoint: number, blobs: ReadonlyMap<string, Uint8Array>): void {
    const { kept, journal, state, work, stepping } = this.#host
    assert(work.length === 0 && !stepping, 'a capture falls between steps, on a whole memory')
    const { rank } = state.options
    const tokens = [this.#surroundings.checkpoints.capture(rank, journal, blobs)]
    kept.push({ number: checkpoint, tokens })
    this.#reaction.observations.push({ type: 'captured', rank, number: checkpoint, epoch: state.epoch, tokens })
  }

  #consume(id: number): void {
    const { consumedIds } = this.#host.journal
    const { shape } = this.#surroundings
    const what = `${nameOfMessage(shape, id)} to ${this.#host.state.place}`
    const sender = senderOf(shape, id)
    const last = consumedIds.findLast((other) => senderOf(shape, other) === sender)
    if (consumedIds.includes(id)) this.#reaction.violations.push({ kind: 'DUPLICATE', detail: what })
    else if (last !== undefined && indexOf(shape, id) <= indexOf(shape, last)) {
      this.#reaction.violations.push({ kind: 'OUT OF ORDER', detail: `${what} after ${nameOfMessage(shape, last)}` })
    }
    consumedIds.push(id)
  }
}

/** What people call a message: `m2 from a0`. */
export function nameOfMessage(shape: MessageShape, id: number): string {
  return `${tagOfMessage(shape, id)} from a${senderOf(shape, id)}`
}

/** A letter for each sender, a number for each message, and a stroke for each recovery before it was sent. */
export function tagOfMessage(shape: MessageShape, id: number): string {
  const letter = 'mnopqrst'[senderOf(shape, id)]!
  return `${letter}${indexOf(shape, id) + 1}${"'".repeat(epochOf(shape, id) - 1)}`
}
