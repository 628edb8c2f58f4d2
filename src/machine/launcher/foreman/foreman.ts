import type { Epoch, ProcessorId, Rank } from '../../../base/index.ts'
import type { ErasureCode } from '../../../parity/index.ts'
import { everyPlace, type Place, type ProcessorLoss } from '../../../protocol/index.ts'
import type { DiskStore } from '../../local/disk-store.ts'
import { codeFor } from '../../protection.ts'
import type { RunOptions } from '../../run.ts'
import type { ConductorOrder, CrewEvent, MachineView } from '../../wire/conducting.ts'
import { type FromProcessor, monotonicMs, type RestAnswer } from '../../wire/control.ts'
import type { ProcessorHandle } from '../crew/processor-handle.ts'
import { Comeback } from './comeback.ts'
import { CoverageTeller } from './coverage-teller.ts'
import { DeadlockWatch } from './deadlock-watch.ts'
import { deadlock, endingFor, lossesInARow } from './endings.ts'
import { JointSilences } from './joint-silences.ts'
import { Patience } from './patience.ts'
import { type Processors, Roster } from './roster.ts'
import { inputHead, sendInput } from './send-input.ts'
import type { MachineWatcher, NamedProcessor } from './watcher.ts'

export interface ForemanOptions {
  readonly run: Pick<RunOptions, 'machine' | 'store' | 'input' | 'inspected'>
  readonly processors: Processors
  readonly watcher: MachineWatcher
  /** Where some checkpoints are written to disk as well; null for nowhere. */
  readonly disk: DiskStore | null
  /** Processes of those that may conduct. */
  conductors(): readonly NamedProcessor[]
  /** What processors and files say to the one who conducts. */
  tellConductor(event: CrewEvent): void
  /** What happens to processors, which whoever may conduct has to know. */
  tellCandidates(event: CrewEvent): void
  /** Of the release log, all up to this entry is in good hands. */
  onFetched(upTo: number): void
  /** The program begins to compute. */
  onBegun(): void
  /** All that an order has brought about is done. */
  onTurn(): void
  onFinished(): void
  onFailed(error: Error): void
  /** Milliseconds since the program began. */
  nowMs(): number
}

/**
 * Has the crew do what the conductor orders, whoever that is, and tells it what becomes of the processors. It decides
 * nothing about places and recoveries; it knows the machine as the conductor has shown it last.
 */
export class Foreman {
  readonly roster: Roster
  readonly #options: ForemanOptions
  readonly #code: ErasureCode | null
  readonly #deadlocks: DeadlockWatch
  readonly #comeback: Comeback
  readonly #coverage: CoverageTeller
  readonly #patience = new Patience(() => this.#giveUp())
  /** The latest loss of each place. */
  readonly #losses = new Map<Place, ProcessorHandle>()
  readonly #jointSilences = new JointSilences()
  #begun = false
  /** The newest checkpoint that any processor knows to be committed. */
  #committed = 0
  /** Entries of the release log that have come. */
  #released = 0
  /** A step that failed, until it is clear that everybody goes back for it. */
  #failedStep: { readonly rank: Rank; readonly error: string; readonly epoch: Epoch } | null = null
  /** Of the newest recovery. */
  #epoch: Epoch = 0
  #isStopped = false

  constructor(options: ForemanOptions) {
    const { run, processors, watcher, disk, onFailed } = options
    const { processes, protection } = run.machine
    const code = codeFor(processes, protection)
    this.#options = options
    this.#code = code
    this.roster = new Roster(everyPlace(processes, code), processors)
    this.#comeback = new Comeback(processes)
    this.#coverage = new CoverageTeller(code, {
      coverage: (missing, further) => watcher.coverage(missing, further, disk?.hasWhole ?? false),
      hostCoverage: (uncovered) => watcher.hostCoverage(uncovered, disk?.hasWhole ?? false),
    })
    this.#deadlocks = new DeadlockWatch({
      processes,
      ask: (question) =>
        this.roster.view.phase === 'running' && this.roster.tellProcesses({ type: 'askRest', question }),
      onDeadlock: (rests) => onFailed(deadlock(rests)),
    })
  }

  /** Has processors started that the machine lacks: the first ones, or where there is room for more now. */
  fill(): void {
    if (!this.#isStopped) this.#fill()
  }

  /** The run is over: nobody is obeyed any more. */
  stop(): void {
    this.#isStopped = true
    this.#deadlocks.stop()
    this.#patience.stop()
  }

  /** Of the newest conductor. */
  obey(order: ConductorOrder, epoch: Epoch): void {
    if (this.#isStopped) return
    switch (order.type) {
      case 'frame':
        this.roster.holderOf(order.to)?.send({ type: 'frame', epoch, frame: order.frame })
        return
      case 'assign':
        this.roster.assign(order.place, order.processor)
        this.#assign(order.place, order.processor, epoch)
        return
      case 'fence':
        this.#fence(order.processor)
        return
      case 'introduce':
        this.#introduce(order)
        return
      case 'recovery':
        this.#noteRecovery(order)
        return
      case 'storage':
        if (order.effect.type === 'seal') this.#options.disk?.seal(order.effect)
        else this.#options.disk?.tell(order.effect)
        return
      case 'askDisk':
        this.#askDisk(epoch)
        return
      case 'release':
        this.#release(order)
        return
      case 'view':
        this.#show(order.view)
        return
      case 'end':
        this.#end(order)
    }
  }

  ready(handle: ProcessorHandle): void {
    this.#options.tellCandidates(readyEvent(handle))
    if (this.roster.placeOf(handle) === null) handle.send({ type: 'standBy' })
  }

  /** `wasServing`: it had been ready, and not been replaced. */
  lost(handle: ProcessorHandle, why: string, wasServing: boolean): void {
    const place = this.roster.placeOf(handle)
    if (wasServing && place === null) this.#options.watcher.spareLost(handle)
    if (place !== null) this.#reportLoss(handle, place, why)
    this.#options.tellCandidates({ type: 'lost', ...lossOf(handle) })
  }

  silent(handle: ProcessorHandle, why: string): void {
    handle.silence = why
    this.#options.tellCandidates({ type: 'silent', ...lossOf(handle) })
  }

  heard(handle: ProcessorHandle): void {
    this.#options.tellCandidates({ type: 'heard', processor: handle.id })
  }

  /** A host is gone, with all of its processors, which are what they were up to now: one loss. Not all need have been ready. */
  lostTogether(handles: readonly ProcessorHandle[], why: string): void {
    const ready = handles.filter(wasReady)
    const serving = ready.filter(({ status }) => status === 'serving')
    if (serving.length > 0) this.#reportTogether(serving, why)
    this.#jointSilences.forget(handles)
    for (const handle of handles) handle.status = 'gone'
    this.#options.tellCandidates({ type: 'lostTogether', losses: ready.map(lossOf) })
  }

  /** All of a host's processors are silent, and are lost together if they are. */
  silentTogether(handles: readonly ProcessorHandle[], why: string): void {
    const ready = handles.filter(wasReady)
    for (const handle of ready) handle.silence = why
    this.#jointSilences.note(ready.filter(({ status }) => status === 'serving'))
    this.#options.tellCandidates({ type: 'silentTogether', losses: ready.map(lossOf) })
  }

  /** They are heard again. */
  heardTogether(handles: readonly ProcessorHandle[]): void {
    this.#jointSilences.forget(handles)
    const processors = handles.filter(wasReady).map(({ id }) => id)
    this.#options.tellCandidates({ type: 'heardTogether', processors })
  }

  frame(handle: ProcessorHandle, { epoch, from, frame }: Extract<FromProcessor, { type: 'frame' }>): void {
    const rank = this.roster.rankOf(handle)
    // In an older epoch everybody has gone back already.
    const isNews = frame.type === 'failure' && epoch >= this.#epoch
    if (isNews && rank !== null) this.#failedStep = { rank, error: frame.error, epoch }
    this.#options.tellConductor({ type: 'frame', processor: handle.id, epoch, from, frame })
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

  /** Tells who may conduct from now on of all that happened to processors. */
  brief(tell: (event: CrewEvent) => void): void {
    const { processors } = this.#options
    const living = new Set<ProcessorId>(processors.living.map(({ id }) => id))
    for (const [, holder] of this.roster.view.members) {
      if (holder !== null && !living.has(holder)) tell({ type: 'lost', processor: holder })
    }
    for (const { id, silent, status } of processors.living) {
      if (silent && status !== 'gone') tell({ type: 'silent', processor: id })
    }
  }

  #reportLoss(handle: ProcessorHandle, place: Place, why: string): void {
    this.#losses.set(place, handle)
    this.#options.watcher.lost(place, handle, why)
  }

  /** Those that are given up; what fell silent together is told of as one loss. */
  #reportSilences(givenUp: readonly { readonly handle: ProcessorHandle; readonly place: Place }[]): void {
    for (const { handle, place } of givenUp) {
      const together = this.#jointSilences.takeWith(handle)
      if (together)
        this.#reportTogether(together, whyOf(handle), new Map(givenUp.map((one) => [one.handle, one.place])))
      else if (!this.#jointSilences.isTold(handle)) this.#reportLoss(handle, place, whyOf(handle))
    }
  }

  /** `held`: places that were taken from them already. */
  #reportTogether(
    handles: readonly ProcessorHandle[],
    why: string,
    held: ReadonlyMap<ProcessorHandle, Place> = new Map(),
  ): void {
    const places: Place[] = []
    for (const handle of handles) {
      const place = held.get(handle) ?? this.roster.placeOf(handle)
      if (place === null) continue
      places.push(place)
      this.#losses.set(place, handle)
    }
    const spares = handles.length - places.length
    this.#options.watcher.hostLost({ host: handles[0]?.host ?? null, places, spares, why })
  }

  /** Keeps as many processors as the machine is to have; spares are started only while all programs compute. */
  #fill(): void {
    const spares = this.#comeback.isOver ? this.#options.run.machine.spares : 0
    if (this.roster.fill(spares, this.#code)) this.announce()
  }

  /** Tells everybody who holds what, and which processes there are. */
  announce(): void {
    this.roster.announce(this.#options.conductors().map(({ pid }) => pid))
  }

  #giveUp(): void {
    this.#options.tellConductor({ type: 'patienceOver' })
  }

  #show(view: MachineView): void {
    for (const handle of this.roster.show(view)) {
      if (!this.#jointSilences.isTold(handle)) this.#options.watcher.spareLost(handle)
    }
    this.#coverage.show(view, this.roster.hosts)
    this.#fill()
    this.#options.onTurn()
    // Silent processors that cannot be replaced are waited for, but not forever.
    this.#patience.note(view.silent.length > 0)
  }

  #noteRecovery({ effect, rollback }: Extract<ConductorOrder, { type: 'recovery' }>): void {
    const { watcher } = this.#options
    switch (effect.type) {
      case 'recoveryBegan': {
        this.#epoch = effect.epoch
        const lossMs = this.roster.lossMs(effect.lost)
        this.#reportSilences(this.roster.vacate(effect.lost))
        if (effect.rollback && this.#begun) this.#comeback.wentBack(effect.epoch)
        if (this.#failedStep && effect.rollback && this.#failedStep.epoch < effect.epoch) {
          watcher.stepFailed(this.#failedStep.rank, this.#failedStep.error)
          this.#failedStep = null
        }
        watcher.recoveryBegan(effect, lossMs)
        return
      }
      case 'lineFound':
        this.#committed = effect.disk === null ? Math.max(this.#committed, effect.line) : effect.line
        watcher.lineFound(effect, rollback)
        return
      case 'resumed':
        this.roster.resume()
        if (this.#begun) watcher.restored()
        else this.#begin()
    }
  }

  #begin(): void {
    const { processors, conductors, watcher, onBegun } = this.#options
    this.#begun = true
    this.#fill()
    const named = processors.living.map((handle) => ({
      name: this.roster.nameOf(handle),
      pid: handle.pid,
      host: handle.host,
    }))
    watcher.began([...named, ...conductors()])
    onBegun()
    this.#deadlocks.start()
  }

  #assign(place: Place, processor: ProcessorId, epoch: Epoch): void {
    this.#give(place, processor, epoch)
    this.announce()
  }

  #give(place: Place, processor: ProcessorId, epoch: Epoch): void {
    const { processors, watcher } = this.#options
    const handle = processors.find(processor)
    if (!handle || this.roster.tell(place, handle)) return
    this.#send(place, handle, epoch)
    watcher.assigned(place, handle)
  }

  #send(place: Place, handle: ProcessorHandle, epoch: Epoch): void {
    const { run, disk, onFailed } = this.#options
    // Only `start` reads the input, and once a checkpoint holds what it did, it never runs again.
    const isStarting = this.#committed === 0 && !disk?.hasWhole
    const input = place === 'a0' && isStarting ? run.input : null
    handle.send({ type: 'assign', place, epoch, input: input && inputHead(input), inspected: place === run.inspected })
    if (input && handle.link) sendInput(handle.link, input).catch(onFailed)
  }

  /** Who may not have heard of its place hears of it now; of spares the new conductor hears. */
  #introduce({ members, before }: Extract<ConductorOrder, { type: 'introduce' }>): void {
    this.roster.introduce(members)
    for (const [place, holder] of members) if (holder !== null) this.#give(place, holder, before)
    this.announce()
    const { processors, watcher, tellConductor } = this.#options
    for (const handle of processors.living) {
      if (handle.status !== 'serving' || this.roster.placeOf(handle) !== null) continue
      const isSpare = handle.heldSinceMs === null
      if (isSpare && !handle.silent) {
        tellConductor(readyEvent(handle))
        continue
      }
      // Silent spares are not waited for, and who held a place was given up. Whoever is heard again is told to end.
      handle.status = 'replaced'
      if (isSpare) watcher.spareLost(handle)
      if (!handle.silent) this.#fence(handle.id)
    }
  }

  #askDisk(epoch: Epoch): void {
    const { disk, tellConductor } = this.#options
    if (disk) tellConductor({ type: 'diskHolds', epoch, ...disk.holds })
  }

  #fence(processor: ProcessorId): void {
    const { processors, watcher } = this.#options
    const handle = processors.find(processor)
    if (handle?.status !== 'replaced') return
    handle.status = 'gone'
    handle.send({ type: 'fenced' })
    watcher.fenced(handle)
  }

  #release({ number, entry }: Extract<ConductorOrder, { type: 'release' }>): void {
    const { disk, watcher, onFetched } = this.#options
    if (number > this.#released) {
      this.#released = number
      if (entry.type === 'output') {
        disk?.note(entry)
        watcher.output(entry)
      } else watcher.tookBack(entry.outputs)
    }
    onFetched(this.#released)
  }

  /** Those that were waited for in vain. */
  #reportSilent(lost: readonly Place[]): void {
    const silent = lost.flatMap((place) => {
      const handle = this.roster.holderOf(place)
      return handle?.silent && handle.status === 'serving' ? [{ handle, place }] : []
    })
    this.#reportSilences(silent)
  }

  #end({ effect }: Extract<ConductorOrder, { type: 'end' }>): void {
    const { run, onFinished, onFailed, nowMs } = this.#options
    if (effect.type === 'uncovered') this.#reportSilent(effect.lost)
    if (effect.type === 'finished') onFinished()
    else if (effect.type !== 'repeatedLoss') onFailed(endingFor(effect, run, nowMs()))
    // How a process ended nobody learns from a host that is gone.
    else if (effect.withHost) onFailed(lossesInARow(effect, null))
    else {
      const handle = this.#losses.get(effect.place)
      if (handle) handle.whenEnded(() => onFailed(lossesInARow(effect, handle.ending)))
      else onFailed(lossesInARow(effect, null))
    }
  }
}

/** A loss so soon after its processor has taken its place counts with the one before. */
const soonMs = 10_000

/** What the conductor is to know of a loss; also how it came about, if nobody asked for it. */
function lossOf({ id: processor, struckMs, heldSinceMs }: ProcessorHandle): ProcessorLoss {
  if (struckMs !== null) return { processor }
  return { processor, accident: heldSinceMs !== null && monotonicMs() - heldSinceMs < soonMs ? 'soon' : 'late' }
}

/** The conductor has heard of it. */
function wasReady({ status }: ProcessorHandle): boolean {
  return status === 'serving' || status === 'replaced'
}

function readyEvent({ id: processor, host }: ProcessorHandle): CrewEvent {
  return { type: 'ready', processor, host }
}

function whyOf({ silence }: ProcessorHandle): string {
  return silence ?? 'its heartbeats are missing'
}
