import type { Epoch, Rank } from '../../../base/index.ts'
import type { LoggedOutput } from '../../../checkpoint-files/index.ts'
import {
  applicationPlace,
  type ConductorEffect,
  type ConductorEvent,
  type OutputMark,
  type Place,
  placeName,
} from '../../../protocol/index.ts'
import type { Fault, ProcessBytes, ProcessOnHost, Recovery, RunNews, RunOutcome, TakeOver } from '../../run.ts'
import { type Measured, monotonicMs, type TraceLine } from '../../wire/control.ts'
import { effectLine, eventLine } from '../../wire/trace-line.ts'
import type { UncoveredHosts } from '../foreman/coverage-teller.ts'
import type { HostLoss, MachineWatcher, NamedProcessor } from '../foreman/watcher.ts'
import { Harvest } from './harvest.ts'
import { Ledger } from './ledger.ts'
import { LongSteps } from './long-steps.ts'
import { ProgressBoard } from './progress-board.ts'
import { ProtectionUse } from './protection-use.ts'
import type { TracedProcessor, TraceFile } from './trace-file.ts'

type Effect<Type extends ConductorEffect['type']> = Extract<ConductorEffect, { type: Type }>

export interface ReportOptions {
  readonly processes: number
  /** The memory of all processes together. */
  readonly programBytes: number
  /** Checkpoints are written to disk. */
  readonly isStored: boolean
  /** Gets every event of the protocol; null for none. */
  readonly trace: TraceFile | null
  tell(news: RunNews): void
}

/** What a run has to say: news while it goes on, its trace, figures and results at its end. It decides nothing. */
export class Report implements MachineWatcher {
  readonly #tell: (news: RunNews) => void
  readonly #ledger: Ledger
  readonly #harvest: Harvest
  readonly #holdings: ProtectionUse
  readonly #progress = new ProgressBoard()
  readonly #longSteps = new LongSteps()
  /** Processes that wait until what they hold can be committed. */
  readonly #heldUp = new Set<Rank>()
  readonly #takeOvers: TakeOver[] = []
  readonly #trace: TraceFile | null
  /** The conductor's, as of its last event or effect. */
  #epoch = 0
  /** A step that threw, until it is clear that it is tried again. If it is not, the run ends with what it threw. */
  #failedStep: RunNews | null = null
  /** Where everybody goes back to, as told, until all are there. */
  #toldLine: string | null = null

  constructor({ processes, programBytes, isStored, trace, tell }: ReportOptions) {
    this.#tell = tell
    this.#ledger = new Ledger(processes, isStored)
    this.#harvest = new Harvest(processes)
    this.#holdings = new ProtectionUse(programBytes)
    this.#trace = trace
    if (trace) trace.onFailed = (text) => this.warn(text)
  }

  /** Processors are asked for lines of the trace. */
  get isTraced(): boolean {
    return this.#trace !== null
  }

  get nowMs(): number {
    return this.#ledger.sinceBeginMs()
  }

  get committed(): number {
    return this.#ledger.committed
  }

  event(event: ConductorEvent, epoch: Epoch): void {
    this.#epoch = epoch
    this.#trace?.write(null, [eventLine('conductor', epoch, event)])
  }

  effect(effect: ConductorEffect, epoch: Epoch): void {
    this.#epoch = epoch
    this.#trace?.write(null, [effectLine('conductor', epoch, effect)])
  }

  /** Lines of the trace that a processor has written. */
  traced(processor: TracedProcessor, lines: readonly TraceLine[]): void {
    this.#trace?.write(processor, lines)
  }

  began(processors: readonly NamedProcessor[]): void {
    this.#ledger.begin()
    this.#tell({ type: 'started', processors })
    this.#trace?.begin(this.#ledger.beganMs ?? monotonicMs())
  }

  /** Returns how far the whole program is. */
  progressed(rank: Rank, done: number, total: number): number {
    const share = this.#progress.note(rank, done, total)
    this.#tell({ type: 'progress', share })
    return share
  }

  /** `stepMs`: for how long the process has been in its step; null between two. */
  stepping(rank: Rank, step: number, stepMs: number | null): void {
    if (this.#longSteps.note(rank, step, stepMs, this.nowMs)) this.#tellLongSteps()
  }

  /** So much that a process holds has to be committed before it goes on; 0: it does. Of several only the first is told of. */
  held(rank: Rank, bytes: number, missing: readonly string[]): void {
    const isFirst = this.#heldUp.size === 0
    if (bytes === 0) this.#heldUp.delete(rank)
    else this.#heldUp.add(rank)
    if (bytes === 0 || !isFirst) return
    const longStep = this.#longSteps.all[0] ?? null
    this.#tell({ type: 'heldUp', rank, bytes, missing, longStep, atMs: this.nowMs })
  }

  /** Returns whether there is a new global checkpoint number. */
  measured(rank: Rank, measured: Measured): boolean {
    const before = this.#ledger.committed
    this.#recovered(this.#ledger.note(rank, measured))
    if (measured.type === 'captured') this.#holdings.captured(applicationPlace(rank), measured)
    const checkpoint = this.#ledger.committed
    if (checkpoint === before) return false
    this.#tell({ type: 'commit', checkpoint, deltaBytes: this.#ledger.deltaBytes, atMs: this.nowMs })
    return true
  }

  /** A check processor or a spare tells how much it holds. */
  holding(place: Place | null, { pid, host }: ProcessOnHost, bytes: number): void {
    this.#holdings.holding(place ?? `spare ${pid} ${host ?? ''}`, bytes)
  }

  lost(place: Place, process: ProcessOnHost, why: string): void {
    this.#tell({ type: 'lost', name: placeName(place), ...only(process), why, atMs: this.nowMs })
  }

  slow(name: string, process: ProcessOnHost, silentMs: number): void {
    this.#tell({ type: 'slow', name, ...only(process), silentMs, atMs: this.nowMs })
  }

  /** It heard nobody for so long, and stood still. */
  alone(name: string, process: ProcessOnHost, silentMs: number): void {
    this.#tell({ type: 'alone', name, ...only(process), silentMs, atMs: this.nowMs })
  }

  /** Of those that are started later nobody has to wait. */
  starting(ready: number, wanted: number): void {
    if (!this.#hasBegun) this.#tell({ type: 'starting', ready, wanted })
  }

  assigned(place: Place, process: ProcessOnHost): void {
    if (this.#hasBegun) this.#tell({ type: 'replaced', name: placeName(place), ...only(process), atMs: this.nowMs })
  }

  spareLost(process: ProcessOnHost): void {
    this.#tell({ type: 'spareLost', ...only(process), atMs: this.nowMs })
  }

  hostLost({ host, places, spares, why }: HostLoss): void {
    this.#tell({ type: 'hostLost', host, places, spares, why, atMs: this.nowMs })
  }

  hostCoverage(uncovered: UncoveredHosts, hasDisk: boolean): void {
    const hosts = [...uncovered].map(([host, places]) => ({ host, places }))
    this.#tell({ type: 'hostCoverage', hosts, hasDisk, atMs: this.nowMs })
  }

  fenced(process: ProcessOnHost): void {
    this.#tell({ type: 'fenced', ...only(process), atMs: this.nowMs })
  }

  struck(kind: Fault['kind'] | 'thaw', name: string, { id, ...process }: TracedProcessor & ProcessOnHost): void {
    this.#trace?.write(null, [eventLine('conductor', this.#epoch, { type: 'fault', fault: kind, processor: id })])
    this.#tell({ type: 'fault', kind, name, ...only(process), atMs: this.nowMs })
  }

  struckConductor(kind: Fault['kind'] | 'thaw', pid: number): void {
    this.#tell({ type: 'fault', kind, name: 'conductor', pid, atMs: this.nowMs })
  }

  /** `conducted`: it did not stand by. */
  conductorLost(pid: number, why: string, conducted: boolean): void {
    this.#tell({ type: 'conductorLost', pid, why, conducted, atMs: this.nowMs })
  }

  tookOver(takeOver: TakeOver): void {
    this.#takeOvers.push(takeOver)
    this.#tell({ type: 'tookOver', takeOver, atMs: this.nowMs })
  }

  /** Lines of the trace of a conductor that has a process of its own. */
  conductorTraced(lines: readonly TraceLine[]): void {
    this.#trace?.write(null, lines)
  }

  stepFailed(rank: Rank, error: string): void {
    this.#failedStep = { type: 'failedStep', rank, error, atMs: this.nowMs }
  }

  warn(text: string): void {
    this.#tell({ type: 'warning', text })
  }

  /** `lossMs`: when the first of the lost was hit, if that is known. */
  recoveryBegan({ epoch, lost, rollback }: Effect<'recoveryBegan'>, lossMs: number | null): void {
    if (this.#hasBegun) this.#recovered(this.#ledger.recoveryBegan(epoch, lost, rollback, lossMs))
    if (rollback) this.#heldUp.clear()
    if (rollback && this.#longSteps.clear()) this.#tellLongSteps()
  }

  coverage(missing: readonly Place[], furtherLosses: number, hasDisk: boolean): void {
    this.#tell({ type: 'coverage', missing: missing.map(placeName), furtherLosses, hasDisk, atMs: this.nowMs })
  }

  tookBack(outputs: readonly OutputMark[]): void {
    this.#harvest.takeBack(outputs)
  }

  lineFound({ line, disk }: Effect<'lineFound'>, rollback: boolean): void {
    if (this.#failedStep) this.#tell(this.#failedStep)
    this.#failedStep = null
    this.#ledger.lineFound(line, disk !== null)
    // A further loss may begin the same way back anew.
    const told = `${line} ${rollback} ${disk !== null}`
    if (!this.#hasBegun || !this.#ledger.isRecovering || told === this.#toldLine) return
    this.#toldLine = told
    this.#tell({ type: 'line', toCheckpoint: line, rollback, fromDisk: disk !== null, atMs: this.nowMs })
  }

  /** A checkpoint has become whole on disk. */
  stored(checkpoint: number, ms: number): void {
    this.#ledger.stored(checkpoint, ms)
    this.#tell({ type: 'stored', checkpoint, atMs: this.nowMs })
  }

  /** What was put out before the checkpoint on disk that the run goes on from. */
  preload(outputs: readonly LoggedOutput[]): void {
    for (const output of outputs) this.#harvest.take(output)
  }

  restored(): void {
    this.#toldLine = null
    this.#recovered(this.#ledger.restored())
  }

  output(output: Effect<'output'>): void {
    const { value, isNews } = this.#harvest.take(output)
    if (!isNews) return
    const { rank, kind } = output
    if (kind === 'log') this.#tell({ type: 'log', rank, text: value as string, atMs: this.nowMs })
    else this.#tell({ type: 'emitted', rank, value })
  }

  /** `missed`: the faults that were asked for and never came. */
  finish(missed: readonly Fault[], processBytes: ProcessBytes | null): RunOutcome {
    this.#ledger.end()
    this.#tell({ type: 'ended', atMs: this.nowMs })
    for (const fault of missed) this.#tell({ type: 'faultMissed', fault, hadProgress: this.#progress.isKnown })
    const { results, emitted } = this.#harvest
    const costs = { ...this.#ledger.outcome(), ...this.#holdings.outcome(processBytes) }
    return { results, emitted, ...costs, takeOvers: this.#takeOvers }
  }

  #recovered(recovery: Recovery | null): void {
    if (recovery) this.#tell({ type: 'resumed', recovery, atMs: this.nowMs })
  }

  #tellLongSteps(): void {
    this.#tell({ type: 'longSteps', steps: this.#longSteps.all, atMs: this.nowMs })
  }

  get #hasBegun(): boolean {
    return this.#ledger.beganMs !== null
  }
}

/** Of a process, what is told: its host only where there are several. */
function only({ pid, host = null }: ProcessOnHost): ProcessOnHost {
  return host === null ? { pid } : { pid, host }
}
