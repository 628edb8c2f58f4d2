import { assert, type Epoch, type Rank, unreachable } from '../../base/index.ts'
import {
  type ApplicationCarrier,
  type ApplicationPorts,
  type Contents,
  carryApplication,
  doMemoryWork,
  type Onlooker,
  type ProgramPort,
  type StorePort,
  shippedMemory,
  type TimerPort,
} from '../../carrier/index.ts'
import {
  type ApplicationEffect,
  type ApplicationEvent,
  type Arrived,
  createApplication,
  type StepEnded,
  stepApplication,
  type Waiting,
} from '../../protocol/index.ts'
import { stepAround } from '../canaries/canary.ts'
import { encodePayload, idOf } from '../oracle/journal.ts'
import { AtWork } from './at-work.ts'
import { type Checkpoints, emptyJournal } from './checkpoints.ts'
import { codeOf } from './code.ts'
import type { ApplicationNode, DiskOrder, DiskRead, NodeValue, Reaction } from './node.ts'
import { epochOf, indexOf, type MessageShape, messageId, messageIdsMax, senderOf } from './renaming.ts'
import { filePartsOf, SymbolicMemory } from './symbolic-memory.ts'
import type { ExhaustiveWorld, Instruction } from './worlds.ts'

export interface NodeContext {
  readonly world: ExhaustiveWorld
  readonly shape: MessageShape
  readonly checkpoints: Checkpoints
}

/** Never reached by worlds that are not about flow control. */
const freeLogBytes = 2 ** 20

export function createApplicationNode({ world }: NodeContext, rank: Rank, epoch: Epoch): ApplicationNode {
  const processes = world.scripts.length
  const code = codeOf(world)
  const isStored = world.storage !== undefined
  const { rules, logBytesMax = freeLogBytes } = world
  const state = createApplication(epoch, { rank, processes, code, logBytesMax, rules, isStored })
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
export class ApplicationAtWork
  extends AtWork<ApplicationNode>
  implements ApplicationPorts, ProgramPort, TimerPort, Onlooker<ApplicationEvent, ApplicationEffect>
{
  readonly timer = this
  readonly program = this
  readonly memory: SymbolicMemory
  readonly store: StorePort
  readonly #surroundings: NodeContext
  readonly #carrier: ApplicationCarrier

  constructor(surroundings: NodeContext, node: NodeValue, host: ApplicationNode, reaction: Reaction) {
    super(node, host, reaction)
    this.memory = new SymbolicMemory(host, surroundings.checkpoints)
    this.store = this.#createStore()
    this.#surroundings = surroundings
    this.#carrier = carryApplication(this, this, stepAround(surroundings.world.canary?.application, stepApplication))
  }

  #createStore(): StorePort {
    const { rank } = this.host.state.options
    const { sent } = this.reaction
    return {
      store: ({ epoch, checkpoint, sequence }) => {
        this.memory.recycle(checkpoint)
        const parts = filePartsOf(this.memory.tokensAt(checkpoint))
        sent.push({ to: 'disk', packet: { type: 'write', epoch, rank, sequence, parts } })
      },
      load: ({ epoch, checkpoint, sequence }) =>
        sent.push({ to: 'disk', packet: { type: 'read', epoch, rank, sequence, checkpoint, found: 'not read yet' } }),
    }
  }

  /** What it has written is durable. */
  noteWritten({ epoch, sequence }: Extract<DiskOrder, { type: 'write' }>): void {
    this.handle({ type: 'stored', epoch, sequence, file: { bytes: 0, checksum: 0, isFull: true } })
  }

  /** What was begun in another epoch is not read on. */
  noteRead({ epoch, checkpoint, found }: DiskRead): void {
    if (epoch !== this.state.epoch) return
    if (typeof found === 'string') {
      this.handle({ type: 'damaged', epoch, groups: [], problem: found })
      return
    }
    for (const part of found) if (part.type === 'pages') this.memory.absorb(part.batch)
    const end = found.at(-1)
    const checksums = end?.type === 'end' ? end.checksums : null
    const answer = doMemoryWork({ type: 'adopt', epoch, checkpoint, checksums }, this.memory)
    if (answer?.type === 'restored') this.#observe('restored', checkpoint)
    this.handle(answer!)
  }

  did(effect: ApplicationEffect): void {
    if (effect.type === 'capture') this.#observe('captured', effect.checkpoint)
  }

  protected override contentsOf(shipment: Parameters<typeof shippedMemory>[0]): Contents {
    return shippedMemory(shipment, this)
  }

  handle(event: ApplicationEvent): void {
    this.#carrier.dispatch(event)
    this.#clearAndAbsorb()
  }

  passTimeout(): void {
    this.host.timerArmed = false
    this.handle({ type: 'timeoutPassed' })
  }

  /** Ends the step under way: the next instruction of the script was carried out. */
  endStep(): void {
    const { rank } = this.host.state.options
    const { journal } = this.host
    const instruction: Instruction | undefined = this.#surroundings.world.scripts[rank]![journal.at]
    journal.at += 1
    this.host.stepping = false
    this.handle({ type: 'stepEnded', result: this.#resultOf(instruction) })
  }

  #resultOf(instruction: Instruction | undefined): StepEnded {
    const { journal, state } = this.host
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
    const { work, state } = this.host
    const next = work.shift()
    assert(next?.type === 'restore' || next?.type === 'adopt', 'there is work on the memory that is answered')
    const answer = doMemoryWork(next, this.memory)
    if (answer?.type === 'restored') {
      if (next.epoch === state.epoch) this.#observe('restored', next.checkpoint)
      this.handle(answer)
    } else {
      this.reaction.violations.push({ kind: 'WRONG MEMORY', detail: `what was rebuilt of ${state.place}` })
      this.#clearAndAbsorb()
    }
  }

  /** Touches nothing but this memory and is not answered, so it is done as soon as its turn comes. */
  #clearAndAbsorb(): void {
    const { work } = this.host
    while (work[0]?.type === 'clear' || work[0]?.type === 'absorb') doMemoryWork(work.shift()!, this.memory)
  }

  #observe(type: 'captured' | 'restored', number: number): void {
    const { epoch, options } = this.host.state
    const tokens = this.memory.tokensAt(number)
    const { rank } = options
    const { observations } = this.reaction
    if (type === 'captured') observations.push({ type, rank, number, epoch, tokens })
    else observations.push({ type, rank, number, tokens })
  }

  arm(): void {
    this.host.timerArmed = true
  }

  disarm(): void {
    this.host.timerArmed = false
  }

  run(_first: boolean, deliveries: readonly Arrived[]): void {
    this.host.stepping = true
    for (const { payload } of deliveries) this.#consume(idOf(payload))
  }

  stop(): void {
    this.host.stepping = false
  }

  freeze(): void {}

  thaw(): void {}

  #consume(id: number): void {
    const { consumedIds } = this.host.journal
    const { shape } = this.#surroundings
    const what = `${nameOfMessage(shape, id)} to ${this.host.state.place}`
    const sender = senderOf(shape, id)
    const last = consumedIds.findLast((other) => senderOf(shape, other) === sender)
    if (consumedIds.includes(id)) this.reaction.violations.push({ kind: 'DUPLICATE', detail: what })
    else if (last !== undefined && indexOf(shape, id) <= indexOf(shape, last)) {
      this.reaction.violations.push({ kind: 'OUT OF ORDER', detail: `${what} after ${nameOfMessage(shape, last)}` })
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
