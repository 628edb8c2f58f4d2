/**
 * The protocol at scale, for what it costs and not for whether it is right: the state machines of production, links that
 * keep the order in which anything was sent anywhere, no faults but those that are asked for, and no checkers.
 */
import { assert, type Epoch, type ProcessorId, processorId } from '../../src/base/index.ts'
import { type ConductorCarrier, type ConductorPorts, carryConductor, noManifests } from '../../src/carrier/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import {
  applicationPlace,
  type ConductorEvent,
  type ConductorState,
  checkpointPlace,
  createConductor,
  type Frame,
  type Place,
  rankOf,
  type StepEnded,
} from '../../src/protocol/index.ts'
import { Captures } from './counted-memory.ts'
import { CountedApplication, CountedCheck, type Send } from './nodes.ts'
import { TrafficCounts } from './traffic.ts'

export interface ScaleOptions {
  readonly processes: number
  /** Application processors that share check rows; `processes` is a multiple of it. */
  readonly groupSize: number
  /** Check rows of each group. */
  readonly tolerate: number
  readonly checkpoints: number
}

interface Travelling {
  readonly from: Place
  readonly to: Place
  readonly sender: ProcessorId | null
  readonly epoch: Epoch
  readonly frame: Frame
}

/** Steps of the program in each interval. */
const roundsPerCheckpoint = 2
const edge = new Uint8Array(64)

export class LeanMachine {
  readonly traffic = new TrafficCounts()
  /** Events that state machines have handled. */
  events = 0
  readonly conductor: ConductorState
  readonly #processes: number
  readonly #nodes = new Map<Place, CountedApplication | CountedCheck>()
  readonly #applications: CountedApplication[] = []
  readonly #captures: Captures
  readonly #conducting: ConductorCarrier
  #travelling: Travelling[] = []
  #started = 0
  #round = 0

  /** So many processes in groups of `groupSize`, each with `tolerate` check rows; has started when it is made. */
  constructor({ processes, groupSize, tolerate }: Omit<ScaleOptions, 'checkpoints'>) {
    assert(processes % groupSize === 0, 'scale: all groups are of the same size')
    this.#processes = processes
    this.#captures = new Captures(processes)
    this.conductor = createConductor({ processes, code: reedSolomonCode(processes, tolerate, groupSize) })
    this.#conducting = carryConductor(this.#conductorPorts())
    for (const _ of this.places) this.#startProcessor()
    this.#settle()
    assert(this.conductor.phase === 'running', 'scale: the machine has started')
  }

  get places(): readonly Place[] {
    return [...this.conductor.members.keys()]
  }

  /** The global checkpoint number. */
  get committed(): number {
    return (this.#nodes.get(checkpointPlace(0)) as CountedCheck).state.parityCheckpoint
  }

  /** Takes part in a stencil: everybody exchanges edges with both neighbours. Until so many more commits. */
  run(checkpoints: number): void {
    const wanted = this.committed + checkpoints
    const roundsMax = this.#round + 4 * roundsPerCheckpoint * (checkpoints + 1)
    while (this.committed < wanted) {
      assert(this.#round < roundsMax, 'scale: checkpoints are committed')
      this.#round += 1
      for (const node of this.#applications) if (node.isStepping) this.#endStep(node)
      if (this.#round % roundsPerCheckpoint === 0) this.#passTimeouts()
      this.#settle()
    }
  }

  /** An application processor is lost, and a spare takes its place. Until the machine is whole again. */
  lose(rank: number): void {
    const lost = this.conductor.members.get(applicationPlace(rank))!
    this.#tellConductor({ type: 'lost', processor: lost! })
    this.#startProcessor()
    this.#settle()
    assert(this.conductor.phase === 'running', 'scale: the machine is whole again')
  }

  #startProcessor(): void {
    this.#started += 1
    this.#tellConductor({ type: 'ready', processor: processorId(this.#started), host: null })
  }

  #endStep(node: CountedApplication): void {
    const { rank } = node.state.options
    const neighbours = [(rank + this.#processes - 1) % this.#processes, (rank + 1) % this.#processes]
    const result: StepEnded = {
      sends: neighbours.map((to) => ({ to, tag: 'edge', payload: edge })),
      outputs: [],
      waiting: { kind: 'receive', patterns: neighbours.map((from) => ({ from, tag: 'edge' })) },
      vars: null,
    }
    node.isStepping = false
    this.events += 1
    node.handle({ type: 'stepEnded', result })
  }

  #passTimeouts(): void {
    for (const node of this.#applications) {
      if (!node.timerArmed) continue
      node.timerArmed = false
      this.events += 1
      node.handle({ type: 'timeoutPassed' })
    }
  }

  /** Delivers everything, in the order in which it was sent, until nothing is on its way. */
  #settle(): void {
    for (let at = 0; at < this.#travelling.length; at += 1) this.#deliver(this.#travelling[at]!)
    this.#travelling = []
  }

  #deliver({ from, to, sender, epoch, frame }: Travelling): void {
    this.traffic.note(from, to, frame)
    if (to === 'conductor') {
      this.#tellConductor({ type: 'frame', processor: sender!, epoch, from, frame })
      return
    }
    this.events += 1
    this.#nodes.get(to)!.handle({ type: 'frame', epoch, from, frame })
  }

  #tellConductor(event: ConductorEvent): void {
    this.events += 1
    this.#conducting.dispatch(event)
  }

  #conductorPorts(): ConductorPorts {
    const send: Send = (to, epoch, frame) =>
      this.#travelling.push({ from: 'conductor', to, sender: null, epoch, frame })
    const ignore = (): void => {}
    return {
      state: this.conductor,
      transport: { send },
      crew: { assign: (place, processor, epoch) => this.#assign(place, processor, epoch), fence: ignore },
      recovery: { began: ignore, lineFound: ignore, resumed: ignore },
      outside: { output: ignore, end: ignore },
      store: noManifests,
    }
  }

  #assign(place: Place, sender: ProcessorId, epoch: Epoch): void {
    const send = (to: Place, sentIn: Epoch, frame: Frame): void => {
      this.#travelling.push({ from: place, to, sender, epoch: sentIn, frame })
    }
    const code = this.conductor.options.code!
    const rank = rankOf(place)
    if (rank === null) {
      this.#nodes.set(place, new CountedCheck(place, epoch, code, send))
      return
    }
    const node = new CountedApplication(place, epoch, code, this.#captures, send)
    this.#applications[rank] = node
    this.#nodes.set(place, node)
  }
}
