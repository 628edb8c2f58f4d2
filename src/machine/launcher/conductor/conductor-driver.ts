import type { Epoch, ProcessorId, Rank } from '../../../base/index.ts'
import { type ConductorCarrier, type ConductorPorts, carryConductor, noManifests } from '../../../carrier/index.ts'
import {
  type Accident,
  type ConductorEvent,
  type ConductorState,
  createConductor,
  furtherLosses,
  type Place,
} from '../../../protocol/index.ts'
import type { DiskStore } from '../../local/disk-store.ts'
import { codeFor } from '../../protection.ts'
import type { RunOptions } from '../../run.ts'
import { type FromProcessor, monotonicMs, type RestAnswer } from '../../wire/control.ts'
import type { ProcessorHandle } from '../crew/processor-handle.ts'
import { Comeback } from './comeback.ts'
import { DeadlockWatch } from './deadlock-watch.ts'
import { deadlock, endingFor, lossesInARow } from './endings.ts'
import { Patience } from './patience.ts'
import { type Processors, Roster } from './roster.ts'
import { inputHead, sendInput } from './send-input.ts'
import type { ConductorWatcher } from './watcher.ts'

export interface ConductorDriverOptions {
  readonly run: Pick<RunOptions, 'machine' | 'store' | 'input' | 'inspected'>
  readonly processors: Processors
  readonly watcher: ConductorWatcher
  /** Where some checkpoints are written to disk as well; null for nowhere. */
  readonly disk: DiskStore | null
  /** The program begins to compute. */
  onBegun(): void
  /** All that an event has brought about is done. */
  onTurn(): void
  onFinished(): void
  onFailed(error: Error): void
  /** Milliseconds since the program began. */
  nowMs(): number
}

/**
 * The conductor of one run: gives its state machine the events, and carries out what it decides. All that it knows can
 * be asked of the processors again.
 */
export class ConductorDriver {
  readonly roster: Roster
  readonly #options: ConductorDriverOptions
  readonly #state: ConductorState
  readonly #carrier: ConductorCarrier
  readonly #deadlocks: DeadlockWatch
  readonly #comeback: Comeback
  readonly #patience = new Patience(() => this.#giveUp())
  /** The latest loss of each place. */
  readonly #losses = new Map<Place, ProcessorHandle>()
  #begun = false
  /** The newest checkpoint that any processor knows to be committed. */
  #committed = 0
  #isStopped = false
  /** How many further losses were last told to be covered; null: all that the code covers. */
  #furtherTold: number | null = null

  constructor(options: ConductorDriverOptions) {
    const { run, processors, watcher, disk, onFailed } = options
    const { processes, protection } = run.machine
    this.#options = options
    this.#state = createConductor({ processes, code: codeFor(processes, protection), storage: disk?.options ?? null })
    this.roster = new Roster(this.#state, processors)
    this.#comeback = new Comeback(processes)
    this.#deadlocks = new DeadlockWatch({
      processes,
      ask: (question) => this.#state.phase === 'running' && this.roster.tellProcesses({ type: 'askRest', question }),
      onDeadlock: (rests) => onFailed(deadlock(rests)),
    })
    this.#carrier = carryConductor(this.#makePorts(), {
      comes: (event) => watcher.event(event, this.#state.epoch),
      begins: (effect) => watcher.effect(effect, this.#state.epoch),
    })
  }

  /** Has the first processors started. */
  start(): void {
    this.#fill()
  }

  /** The run is over: nothing is decided any more. */
  stop(): void {
    this.#isStopped = true
    this.#deadlocks.stop()
    this.#patience.stop()
  }

  dispatch(event: ConductorEvent): void {
    if (this.#isStopped) return
    this.#carrier.dispatch(event)
    this.roster.markReplaced()
    if (this.#isStopped) return
    this.#fill()
    this.#options.onTurn()
    // Silent processors that cannot be replaced are waited for, but not forever.
    this.#patience.note(this.#state.silent.size > 0)
  }

  ready(handle: ProcessorHandle): void {
    this.dispatch({ type: 'ready', processor: handle.id })
    if (this.roster.placeOf(handle) === null) handle.send({ type: 'standBy' })
  }

  /** `wasServing`: it had been ready, and not been replaced. */
  lost(handle: ProcessorHandle, why: string, wasServing: boolean): void {
    const place = this.roster.placeOf(handle)
    if (wasServing && place === null) this.#options.watcher.spareLost(handle.pid)
    if (place !== null) this.#reportLoss(handle, place, why)
    this.dispatch({ type: 'lost', processor: handle.id, ...accidentOf(handle) })
  }

  silent(handle: ProcessorHandle, why: string): void {
    const place = this.roster.placeOf(handle)
    const isSpare = handle.status === 'serving' && place === null
    this.dispatch({ type: 'silent', processor: handle.id, ...accidentOf(handle) })
    if (handle.status !== 'replaced') return
    if (isSpare) this.#options.watcher.spareLost(handle.pid)
    if (place !== null) this.#reportLoss(handle, place, why)
  }

  frame(handle: ProcessorHandle, { epoch, from, frame }: Extract<FromProcessor, { type: 'frame' }>): void {
    const rank = this.roster.rankOf(handle)
    const before = this.#state.epoch
    this.dispatch({ type: 'frame', processor: handle.id, epoch, from, frame })
    // In a new epoch everybody goes back. Otherwise the failure was an old one, or ends the run.
    const isRetried = frame.type === 'failure' && this.#state.epoch > before
    if (isRetried && rank !== null && !this.#isStopped) this.#options.watcher.stepFailed(rank, frame.error)
  }

  rest(rank: Rank, { question, rest }: RestAnswer): void {
    this.#deadlocks.answer(rank, question, rest)
  }

  /** A program's thread has its memory and goes on, begun in this epoch. */
  computing(rank: Rank, epoch: Epoch): void {
    if (!this.#isStopped && this.#comeback.noteComputing(rank, epoch)) this.#fill()
  }

  /** A processor has told of the commit first. */
  committed(checkpoint: number): void {
    this.#committed = checkpoint
  }

  #reportLoss(handle: ProcessorHandle, place: Place, why: string): void {
    this.#losses.set(place, handle)
    this.#options.watcher.lost(place, handle.pid, why)
  }

  /** Keeps as many processors as the machine is to have; spares are started only while all programs compute. */
  #fill(): void {
    const spares = this.#comeback.isOver ? this.#options.run.machine.spares : 0
    if (this.roster.fill(spares)) this.roster.announce()
  }

  /** A loss may leave less that is covered, until all is whole again. */
  #noteCoverage(): void {
    const { missing, options, begun, fromDisk } = this.#state
    if (!begun || options.code === null || fromDisk) return
    const further = furtherLosses(options.code, missing)
    const isLess = further < (this.#furtherTold ?? furtherLosses(options.code, new Set()))
    const isWhole = missing.size === 0 && this.#furtherTold !== null
    if (!isLess && !isWhole) return
    this.#furtherTold = isWhole ? null : further
    this.#options.watcher.coverage([...missing], further, this.#options.disk?.hasWhole ?? false)
  }

  #giveUp(): void {
    for (const handle of this.#options.processors.living) {
      const place = this.roster.placeOf(handle)
      if (handle.silent && place !== null) this.#reportLoss(handle, place, 'its heartbeats are missing')
    }
    this.dispatch({ type: 'patienceOver' })
  }

  #makePorts(): ConductorPorts {
    const { run, watcher, disk, onFinished, onFailed, nowMs } = this.#options
    return {
      state: this.#state,
      transport: { send: (to, epoch, frame) => this.roster.holderOf(to)?.send({ type: 'frame', epoch, frame }) },
      crew: {
        assign: (place, processor, epoch) => this.#assign(place, processor, epoch),
        fence: (processor) => this.#fence(processor),
      },
      recovery: {
        began: (effect) => {
          if (effect.rollback && this.#begun) this.#comeback.wentBack(effect.epoch)
          watcher.recoveryBegan(effect, this.roster.lossMs(effect.lost))
          this.#noteCoverage()
        },
        lineFound: (effect) => {
          this.#committed = effect.disk === null ? Math.max(this.#committed, effect.line) : effect.line
          watcher.lineFound(effect, this.#state.rollback)
        },
        resumed: () => {
          this.#noteCoverage()
          if (this.#begun) watcher.restored()
          else this.#begin()
        },
      },
      outside: {
        output: (effect) => {
          disk?.note(effect)
          watcher.output(effect)
        },
        end: (effect) => {
          if (effect.type === 'finished') onFinished()
          else if (effect.type !== 'repeatedLoss') onFailed(endingFor(effect, run, nowMs()))
          else {
            const handle = this.#losses.get(effect.place)
            if (handle) handle.whenEnded(() => onFailed(lossesInARow(effect, handle.ending)))
            else onFailed(lossesInARow(effect, null))
          }
        },
      },
      store: disk ?? noManifests,
    }
  }

  #begin(): void {
    const { processors, watcher, onBegun } = this.#options
    this.#begun = true
    this.#fill()
    watcher.began(processors.living.map((handle) => ({ name: this.roster.nameOf(handle), pid: handle.pid })))
    onBegun()
    this.#deadlocks.start()
  }

  #assign(place: Place, processor: ProcessorId, epoch: Epoch): void {
    const { run, watcher, disk, onFailed } = this.#options
    // Only `start` reads the input, and once a checkpoint holds what it did, it never runs again.
    const isStarting = this.#committed === 0 && !disk?.hasWhole
    const input = place === 'a0' && isStarting ? run.input : null
    const handle = this.roster.assigned(place, processor)
    handle?.send({ type: 'assign', place, epoch, input: input && inputHead(input), inspected: place === run.inspected })
    if (input && handle?.link) sendInput(handle.link, input).catch(onFailed)
    if (handle) watcher.assigned(place, handle.pid)
    this.roster.announce()
  }

  #fence(processor: ProcessorId): void {
    const { processors, watcher } = this.#options
    const handle = processors.find(processor)
    if (handle?.status !== 'replaced') return
    handle.status = 'gone'
    handle.send({ type: 'fenced' })
    watcher.fenced(handle.pid)
  }
}

/** A loss so soon after its processor has taken its place counts with the one before. */
const soonMs = 10_000

/** What the conductor is to know of a loss that nobody asked for. */
function accidentOf({ struckMs, heldSinceMs }: ProcessorHandle): { readonly accident?: Accident } {
  if (struckMs !== null) return {}
  return { accident: heldSinceMs !== null && monotonicMs() - heldSinceMs < soonMs ? 'soon' : 'late' }
}
