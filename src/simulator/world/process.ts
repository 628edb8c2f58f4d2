import type { Rank } from '../../base/index.ts'
import type { OutputKind, ReceivePattern, StepEnded, Waiting } from '../../protocol/index.ts'
import { encodePayload, idOf, type Journal, numberOf } from '../oracle/journal.ts'
import type { SimulatedStep } from './application-host.ts'

/** One step of a simulated process: what it does to itself is the step's result. */
export type SimulatedProgram = (self: SimulatedProcess) => Waiting

/** A message as a step gets it. */
export interface Delivered {
  readonly from: Rank
  readonly tag: string
  /** The `index`-th number that was sent with it. */
  number(index: number): number
}

export interface ProcessSurroundings {
  readonly rank: Rank
  readonly processes: number
  readonly journal: Journal
  /** A new id for a message or an output. */
  nextId(tag: string): number
  /** A number from 0 to `count - 1` that nothing in the memory determines: no repetition chooses the same again. */
  choose(count: number): number
}

/** What a simulated process sees during one step. It keeps its journal by itself. */
export class SimulatedProcess {
  readonly rank: Rank
  readonly processes: number
  readonly first: boolean
  readonly messages: readonly Delivered[]
  readonly #surroundings: ProcessSurroundings
  readonly #sends: { to: Rank; tag: string; payload: Uint8Array }[] = []
  readonly #outputs: { kind: OutputKind; payload: Uint8Array }[] = []

  constructor(surroundings: ProcessSurroundings, step: SimulatedStep) {
    this.#surroundings = surroundings
    this.rank = surroundings.rank
    this.processes = surroundings.processes
    this.first = step.first
    this.messages = step.deliveries.map(({ from, tag, payload }) => ({
      from,
      tag,
      number: (index) => numberOf(payload, index),
    }))
    for (const { from, payload } of step.deliveries) surroundings.journal.noteConsumed(from, idOf(payload))
  }

  /** The `index`-th of a few numbers in the memory, zero at first. */
  get(index: number): number {
    return this.#surroundings.journal.counter(index)
  }

  set(index: number, value: number): void {
    this.#surroundings.journal.setCounter(index, value)
  }

  add(index: number, value: number): void {
    this.set(index, this.get(index) + value)
  }

  choose(count: number): number {
    return this.#surroundings.choose(count)
  }

  send(to: Rank, tag: string, numbers: readonly number[] = [], bytes = 4): void {
    const id = this.#surroundings.nextId(tag)
    this.#surroundings.journal.noteSent(to, id)
    this.#sends.push({ to, tag, payload: encodePayload(id, numbers, bytes) })
  }

  emit(name = 'emit', kind: OutputKind = 'emit'): void {
    const id = this.#surroundings.nextId(name)
    this.#surroundings.journal.noteEmitted(id)
    this.#outputs.push({ kind, payload: encodePayload(id) })
  }

  done(): Waiting {
    this.emit('done', 'done')
    return { kind: 'finished' }
  }

  goOn(): Waiting {
    return { kind: 'continue' }
  }

  /** One message that fits: from a rank or any (null), with a tag or any (null). */
  receive(from: Rank | null = null, tag: string | null = null): Waiting {
    return { kind: 'receive', patterns: [{ from, tag }] }
  }

  /** One message for each pattern, all at once. */
  receiveAll(patterns: readonly ReceivePattern[]): Waiting {
    return { kind: 'receive', patterns }
  }

  /** Runs `program` as this step. */
  run(program: SimulatedProgram): StepEnded {
    const waiting = program(this)
    return { sends: this.#sends, outputs: this.#outputs, waiting, vars: Uint8Array.of(this.get(0)) }
  }
}
