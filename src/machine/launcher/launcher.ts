import { join } from 'node:path'
import { type ProcessorId, unreachable } from '../../base/index.ts'
import { nodeFolder } from '../../checkpoint-files/index.ts'
import { type Link, type Listener, unixFabric } from '../../fabric/index.ts'
import {
  type ConductorEffect,
  type ConductorEvent,
  type ConductorState,
  createConductor,
  describeEffect,
  describeEvent,
  type Place,
  stepConductor,
} from '../../protocol/index.ts'
import type { CheckpointStore } from '../checkpoint-store.ts'
import { EventLoop } from '../event-loop.ts'
import { codeFor } from '../protection.ts'
import { InterruptedError, ProgramError, type RunOptions, type RunOutcome } from '../run.ts'
import { controlSocket, type FromProcessor, monotonicMs, type ProcessorHello } from '../wire/control.ts'
import { newsProblem } from '../wire/validate-control.ts'
import { Crew, type Hand, removeSockets } from './crew.ts'
import { DeadlockWatch } from './deadlock-watch.ts'
import { DiskStore } from './disk-store.ts'
import { EarlyEndings } from './early-endings.ts'
import { deadlock, endingFor, unfitProgram } from './endings.ts'
import { FaultSchedule } from './fault-schedule.ts'
import { LastLines } from './last-lines.ts'
import { processMemoryBytes } from './memory-check.ts'
import { Patience } from './patience.ts'
import { RepeatedLosses } from './repeated-losses.ts'
import { Report } from './report.ts'
import { Roster } from './roster.ts'
import { inputHead, sendInput } from './send-input.ts'
import { SilenceWatch } from './silence-watch.ts'
import { TraceFile } from './trace-file.ts'

/** When a link breaks, one of its two processors may just be ending, which is seen within this time. */
const endingMs = 250

/** One run: the conductor's state machine, the processes that it conducts, and all that watches over them. */
export class Launcher {
  readonly #options: RunOptions
  readonly #conductor: ConductorState
  readonly #loop: EventLoop<ConductorEvent, ConductorEffect>
  readonly #crew: Crew
  readonly #roster: Roster
  readonly #watch: SilenceWatch
  readonly #faults: FaultSchedule
  readonly #deadlocks: DeadlockWatch
  readonly #report: Report
  readonly #repeated = new RepeatedLosses()
  readonly #early = new EarlyEndings()
  readonly #trace: TraceFile | null
  readonly #disk: DiskStore | null
  readonly #lastLines = new LastLines()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #patience = new Patience(() => this.#giveUp())
  #listener: Listener | null = null
  #isOver = false
  #settle: { done(outcome: RunOutcome): void; fail(error: Error): void } | null = null

  /** Throws a `UsageError` if the trace cannot be written. */
  constructor(options: RunOptions) {
    const { processes, protection, faults, seed, runFolder, tracePath, store = null } = options
    this.#options = options
    const programBytes = processMemoryBytes(options).reduce((sum, one) => sum + one, 0)
    this.#report = new Report(processes, programBytes, store !== null, (news) => options.onNews(news))
    this.#trace = tracePath === null ? null : new TraceFile(tracePath, (text) => this.#report.warn(text))
    this.#disk = store === null ? null : this.#openDisk(store)
    const storage = this.#disk?.options ?? null
    this.#conductor = createConductor({ processes, code: codeFor(processes, protection), storage })
    this.#crew = new Crew({
      folder: runFolder,
      onEnded: (hand) => this.#lose(hand, `its process ${hand.ending}`),
      onUnstartable: (error) => this.#fail(new Error(`cannot start a processor: ${error.message}`)),
    })
    this.#roster = new Roster(this.#conductor, this.#crew)
    this.#watch = new SilenceWatch({
      hands: () => this.#crew.living,
      onSilent: (hand) => this.#noteSilent(hand),
      onHeard: (hand) => this.#dispatch({ type: 'heard', processor: hand.id }),
    })
    this.#faults = new FaultSchedule({
      faults,
      seed,
      conductor: this.#conductor,
      find: (id) => this.#crew.find(id),
      onStrike: (kind, hand) => {
        this.#traceOwn('event', () => `${kind} of processor ${hand.id}`)
        this.#report.struck(kind, this.#roster.nameOf(hand), hand.pid)
      },
    })
    this.#deadlocks = new DeadlockWatch({
      processes,
      ask: (question) =>
        this.#conductor.phase === 'running' && this.#roster.tellProcesses({ type: 'askRest', question }),
      onDeadlock: (rests) => this.#fail(deadlock(rests)),
    })
    this.#loop = new EventLoop(
      (event) => {
        this.#traceOwn('event', () => describeEvent(event))
        return stepConductor(this.#conductor, event)
      },
      (effect) => {
        this.#traceOwn('effect', () => describeEffect(effect))
        this.#carryOut(effect)
      },
    )
  }

  #openDisk(store: CheckpointStore): DiskStore {
    return new DiskStore(store, nodeFolder(store.path), {
      dispatch: (event) => this.#dispatch(event),
      onStored: (checkpoint, ms) => this.#report.stored(checkpoint, ms),
      warn: (text) => this.#report.warn(text),
      fail: (error) => this.#fail(error),
    })
  }

  /** Starts the processors, and resolves when the program has finished. */
  async run(): Promise<RunOutcome> {
    const { signal, runFolder } = this.#options
    const interrupt = (): void => this.#fail(new InterruptedError('interrupted'))
    const outcome = new Promise<RunOutcome>((done, fail) => {
      this.#settle = { done, fail }
    })
    signal.addEventListener('abort', interrupt)
    try {
      if (this.#disk) this.#report.preload(await this.#disk.released())
      this.#listener = await unixFabric().listen(
        join(runFolder, controlSocket),
        (link) => this.#welcome(link),
        (why) => this.#report.warn(`a connection was turned away: ${why}`),
      )
      this.#watch.start()
      this.#roster.fill(this.#options.spares)
      return await outcome
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }

  /** Ends every process of the run, and waits until all are gone. */
  async close(): Promise<void> {
    this.#isOver = true
    this.#watch.stop()
    this.#faults.stop()
    this.#deadlocks.stop()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#patience.stop()
    if (this.#trace) await this.#lastLines.gather(this.#crew.living)
    await this.#crew.end()
    await this.#listener?.close('destroy')
    await this.#disk?.close()
    removeSockets(this.#options.runFolder)
    this.#trace?.close()
  }

  #fail(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#settle?.fail(error)
  }

  #dispatch(event: ConductorEvent): void {
    if (this.#isOver) return
    this.#loop.dispatch(event)
    this.#roster.markReplaced()
    if (this.#isOver) return
    if (this.#roster.fill(this.#options.spares)) this.#roster.announce()
    this.#faults.strike()
    // Silent processors that cannot be replaced are waited for, but not forever.
    this.#patience.note(this.#conductor.silent.size > 0)
  }

  #welcome(link: Link): void {
    const { processor, link: purpose } = (link.peer ?? {}) as Partial<ProcessorHello>
    const hand = processor === undefined ? null : this.#crew.find(processor)
    if (!hand || this.#isOver) link.destroy()
    else if (purpose === 'heartbeat') this.#listen(hand, link)
    else if (purpose === 'control' && hand.link === null) this.#configure(hand, link)
    else link.destroy()
  }

  #listen(hand: Hand, link: Link): void {
    link.onClose = ({ kind, detail }) => {
      if (kind === 'damaged') this.#lose(hand, `its heartbeats are damaged (${detail})`)
    }
    link.onMessage = () => this.#watch.heard(hand)
  }

  #configure(hand: Hand, link: Link): void {
    hand.link = link
    link.onClose = ({ kind, detail }) =>
      this.#lose(hand, kind === 'damaged' ? `it sent what is no message (${detail})` : 'its connection closed')
    link.onMessage = (message) => {
      const problem = newsProblem(message)
      if (problem !== null) link.reject(problem)
      else if (this.#isOver) this.#receiveLast(hand, message as FromProcessor)
      else this.#receive(hand, message as FromProcessor)
    }
    const { processes, sizes, protection, coordination, tracker, timeoutMs, bufferBytes, store } = this.#options
    const { moduleUrl } = this.#options.program
    const traced = this.#trace !== null
    const configuration = {
      moduleUrl,
      processes,
      sizes,
      protection,
      coordination,
      tracker,
      timeoutMs,
      bufferBytes,
      storeFolder: !store ? null : { path: store.path, run: store.run },
      traced,
    }
    hand.send({ type: 'configure', configuration })
  }

  #receive(hand: Hand, message: FromProcessor): void {
    const rank = this.#roster.rankOf(hand)
    switch (message.type) {
      case 'ready':
        this.#enlist(hand)
        return
      case 'frame': {
        const { epoch, from, frame } = message
        const before = this.#conductor.epoch
        this.#dispatch({ type: 'frame', processor: hand.id, epoch, from, frame })
        // A new epoch: everybody goes back. Else it was an old failure, or the last.
        const isRetried = frame.type === 'failure' && this.#conductor.epoch > before
        if (isRetried && rank !== null && !this.#isOver) this.#report.stepFailed(rank, frame.error)
        return
      }
      case 'progress':
        if (rank !== null) this.#faults.progressed(this.#report.progressed(rank, message.done, message.total))
        return
      case 'captured':
      case 'thawed':
      case 'shipped':
      case 'committed':
      case 'computing':
      case 'written':
        if (message.type === 'written') this.#disk?.noteWritten(message.beganMs)
        else if (rank !== null && message.type !== 'computing') this.#options.onFigure?.(rank, message)
        if (rank === null || !this.#report.measured(rank, message)) return
        this.#repeated.reset()
        this.#faults.committed(this.#report.committed)
        return
      case 'holding': {
        const place = this.#roster.placeOf(hand)
        if (place !== null) this.#report.holding(place, message.bytes)
        return
      }
      case 'rest':
        if (rank !== null) this.#deadlocks.answer(rank, message.question, message.rest)
        return
      case 'trace':
      case 'flushed':
        this.#receiveLast(hand, message)
        return
      case 'unreachable':
        this.#checkLink(hand, message.processor, message.detail)
        return
      case 'rejected':
        this.#giveUpSender(hand, message.processor, message.detail)
        return
      case 'unfit':
        this.#fail(unfitProgram(message.reason))
        return
      case 'defect':
        this.#fail(new Error(`${this.#roster.nameOf(hand)}: ${message.reason}`))
        return
      default:
        unreachable(message)
    }
  }

  /** What still counts when the run is over. */
  #receiveLast(hand: Hand, message: FromProcessor): void {
    if (message.type === 'trace') this.#trace?.write(hand, message.lines)
    if (message.type === 'flushed') this.#lastLines.strikeOff(hand)
  }

  #enlist(hand: Hand): void {
    this.#early.reset()
    hand.status = 'serving'
    this.#dispatch({ type: 'ready', processor: hand.id })
    if (this.#roster.placeOf(hand) === null) hand.send({ type: 'standBy' })
  }

  /** A process has ended, or its connection has closed, after which it is of no use. */
  #lose(hand: Hand, why: string, byItself = true): void {
    const { status } = hand
    this.#lastLines.strikeOff(hand)
    if (status === 'gone' || this.#isOver) return
    const place = this.#roster.placeOf(hand)
    hand.status = 'gone'
    hand.signal('SIGKILL')
    if (status === 'starting') this.#noteEarlyEnding(hand, why, byItself)
    if (status === 'serving' && place === null) this.#report.spareLost(hand.pid)
    if (place !== null) this.#reportLoss(hand, place, why)
    this.#dispatch({ type: 'lost', processor: hand.id })
  }

  #reportLoss(hand: Hand, place: Place, why: string): void {
    this.#report.lost(place, hand.pid, why)
    if (this.#faults.struckAtMs(hand.id) !== null) return
    if (!this.#repeated.note(place)) return
    whenEnded(hand, () => this.#fail(new ProgramError(this.#repeated.describe(place, hand.ending), '')))
  }

  #noteEarlyEnding(hand: Hand, why: string, byItself: boolean): void {
    if (this.#early.note()) whenEnded(hand, () => this.#fail(this.#early.describe(why, hand, byItself)))
  }

  #noteSilent(hand: Hand): void {
    // It holds nothing yet, so there is nothing to wait for.
    if (hand.status === 'starting') {
      this.#lose(hand, 'it does not get ready', false)
      return
    }
    const place = this.#roster.placeOf(hand)
    const isSpare = hand.status === 'serving' && place === null
    this.#dispatch({ type: 'silent', processor: hand.id })
    if (hand.status !== 'replaced') return
    if (isSpare) this.#report.spareLost(hand.pid)
    if (place !== null) this.#reportLoss(hand, place, 'its heartbeats are missing')
  }

  #giveUp(): void {
    for (const hand of this.#crew.living) {
      const place = this.#roster.placeOf(hand)
      if (hand.silent && place !== null) this.#reportLoss(hand, place, 'its heartbeats are missing')
    }
    this.#dispatch({ type: 'patienceOver' })
  }

  /** A processor cannot be reached by another. Unless it turns out to be ending anyway, it is given up: an ordinary loss. */
  #checkLink(reporter: Hand, processor: ProcessorId, detail: string): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const hand = this.#crew.find(processor)
      // A link also breaks when its own end is to blame, and is given up for it meanwhile.
      if (reporter.status !== 'serving') return
      if (hand?.status === 'serving') this.#lose(hand, `its link broke (${detail})`)
    }, endingMs)
    this.#timers.add(timer)
  }

  /** What a processor sent is no frame: nothing that it does can be trusted any more. */
  #giveUpSender(reporter: Hand, processor: ProcessorId | null, detail: string): void {
    const sender = processor === null ? null : this.#crew.find(processor)
    const who = sender ? this.#roster.nameOf(sender) : 'a connection'
    this.#report.warn(`${who} sent ${this.#roster.nameOf(reporter)} what is no frame: ${detail}`)
    if (sender?.status === 'serving') this.#lose(sender, `it sent what is no frame (${detail})`)
  }

  #carryOut(effect: ConductorEffect): void {
    switch (effect.type) {
      case 'send':
        this.#roster.holderOf(effect.to)?.send({ type: 'frame', epoch: effect.epoch, frame: effect.frame })
        return
      case 'assign':
        this.#assign(effect)
        return
      case 'fence':
        this.#fence(effect.processor)
        return
      case 'recoveryBegan':
        this.#report.recoveryBegan(effect, this.#lossMs(effect.lost))
        return
      case 'lineFound':
        this.#report.lineFound(effect, this.#conductor.rollback)
        return
      case 'resumed':
        if (this.#report.begun) this.#report.restored()
        else this.#begin()
        return
      case 'output':
        this.#disk?.note(effect)
        this.#report.output(effect)
        return
      case 'finished':
        this.#isOver = true
        this.#settle?.done(this.#report.finish(this.#faults.left))
        return
      case 'seal':
      case 'stored':
      case 'notStored':
      case 'passedOver':
        this.#disk?.carryOut(effect)
        return
      case 'uncovered':
      case 'programFailed':
      case 'damaged':
        this.#fail(endingFor(effect, this.#options, this.#report.nowMs))
        return
      default:
        unreachable(effect)
    }
  }

  #begin(): void {
    this.#report.began(this.#crew.living.map((hand) => ({ name: this.#roster.nameOf(hand), pid: hand.pid })))
    this.#trace?.begin(this.#report.zeroMs)
    this.#faults.begin()
    this.#deadlocks.start()
  }

  #assign({ processor, place, epoch }: Extract<ConductorEffect, { type: 'assign' }>): void {
    const hand = this.#crew.find(processor)
    // Only `start` reads the input, and once a checkpoint holds what it did, it never runs again.
    const isStarting = this.#report.committed === 0 && !this.#disk?.hasWhole
    const input = place === 'a0' && isStarting ? this.#options.input : null
    this.#roster.assigned(place, processor)
    hand?.send({ type: 'assign', place, epoch, input: input && inputHead(input) })
    if (input && hand?.link) sendInput(hand.link, input).catch((error: Error) => this.#fail(error))
    this.#roster.announce()
  }

  #fence(processor: ProcessorId): void {
    const hand = this.#crew.find(processor)
    if (hand?.status !== 'replaced') return
    hand.status = 'gone'
    hand.send({ type: 'fenced' })
    this.#report.fenced(hand.pid)
  }

  /** When the first of these was hit; null unless all of them were, by faults that were asked for. */
  #lossMs(lost: readonly Place[]): number | null {
    const times = lost.map((place) => this.#faults.struckAtMs(this.#roster.latestHolder(place)))
    return times.length === 0 || times.includes(null) ? null : Math.min(...times.map(Number))
  }

  #traceOwn(kind: 'event' | 'effect', describe: () => string): void {
    if (!this.#trace) return
    const { epoch } = this.#conductor
    this.#trace.write(null, [{ atMs: monotonicMs(), epoch, place: 'conductor', kind, text: describe() }])
  }
}

/** Often the connection closes a moment before it is known how the process ended. */
function whenEnded({ status, ending, child }: Hand, tell: () => void): void {
  if (status === 'gone' && ending === null) child.once('exit', tell)
  else tell()
}
