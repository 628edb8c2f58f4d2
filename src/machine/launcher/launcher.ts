import { type Rank, UsageError, unreachable } from '../../base/index.ts'
import { nodeFolder } from '../../checkpoint-files/index.ts'
import { loadAddon } from '../../memory/native/index.ts'
import { processMemoryBytes } from '../limits/check-run.ts'
import { DiskStore } from '../local/disk-store.ts'
import { processorEnvironment } from '../local/processor-entry.ts'
import { InterruptedError, type ProcessBytes, type RunOptions, type RunOutcome } from '../run.ts'
import type { Measured } from '../wire/control.ts'
import { ConductorProcesses } from './conductors/conductor-processes.ts'
import { Conductors } from './conductors/conductors.ts'
import type { ProcessorNews } from './crew/crew.ts'
import { ExpectedMemory } from './crew/expected-memory.ts'
import { ProcessorHandle } from './crew/processor-handle.ts'
import { FaultSchedule } from './fault-schedule.ts'
import { uncoveredConductors, unfitProgram } from './foreman/endings.ts'
import { Foreman } from './foreman/foreman.ts'
import { gatherCrew } from './gather-crew.ts'
import type { HostsListener } from './hosts/hosts.ts'
import { processBytes } from './reporting/process-memory.ts'
import { Report } from './reporting/report.ts'
import type { TraceFile } from './reporting/trace-file.ts'
import type { RunCrew } from './run-crew.ts'

/**
 * One run. It is four parts that know little of each other, and are brought together here: a conductor decides, the
 * foreman has the crew do it, the crew has the processors, and the report tells.
 */
export class Launcher {
  readonly #options: RunOptions
  readonly #report: Report
  readonly #crew: RunCrew
  readonly #foreman: Foreman
  readonly #conductors: Conductors
  readonly #faults: FaultSchedule
  readonly #disk: DiskStore | null
  readonly #expected: ExpectedMemory
  #isOver = false
  #settle: { done(outcome: RunOutcome): void; fail(error: Error): void } | null = null

  constructor(options: RunOptions, trace: TraceFile | null) {
    this.#options = options
    this.#report = reportOf(options, trace)
    this.#disk = this.#openDisk()
    this.#crew = gatherCrew(options, this.#listener())
    this.#foreman = this.#hireForeman()
    this.#conductors = this.#gatherConductors()
    this.#expected = new ExpectedMemory((handle) => this.#foreman.roster.rankOf(handle) !== null)
    this.#faults = this.#planFaults()
  }

  #planFaults(): FaultSchedule {
    const { faults, seed } = this.#options
    const { roster } = this.#foreman
    return new FaultSchedule({
      faults,
      seed,
      targets: () => [
        ...roster.targets(),
        ...(this.#conductors.conducting ? [{ place: 'conductor' as const, handle: this.#conductors.conducting }] : []),
      ],
      isWhole: () => roster.isWhole && this.#conductors.isCovered,
      onStrike: (kind, handle) => {
        if (handle instanceof ProcessorHandle) this.#report.struck(kind, roster.nameOf(handle), handle)
        else this.#report.struckConductor(kind, handle.pid)
      },
    })
  }

  #openDisk(): DiskStore | null {
    const { store } = this.#options
    if (!store) return null
    return new DiskStore(store, nodeFolder(store.path), {
      dispatch: (event) => this.#conductors.tellConductor(event),
      onStored: (checkpoint, ms) => this.#report.stored(checkpoint, ms),
      warn: (text) => this.#report.warn(text),
      fail: (error) => this.#fail(error),
    })
  }

  /** What the crew tells, wherever its processors are. */
  #listener(): HostsListener {
    const report = this.#report
    const nameOf = (handle: ProcessorHandle): string => this.#foreman.roster.nameOf(handle)
    return {
      onStarted: () => {},
      onReady: (handle) => {
        this.#foreman.ready(handle)
        this.#expected.tell(handle)
      },
      onNews: (handle, news) => this.#receive(handle, news),
      onLost: (handle, why, wasServing) => this.#foreman.lost(handle, why, wasServing),
      onEnded: () => {},
      onSilent: (handle, why) => this.#foreman.silent(handle, why),
      standingOf: (handle) => this.#foreman.roster.standingOf(handle),
      onSlow: (handle, silentMs) => report.slow(nameOf(handle), handle, silentMs),
      onStarting: (ready, wanted) => report.starting(ready, wanted),
      onHeard: (handle) => this.#foreman.heard(handle),
      onConductor: (hello, link) => this.#conductors.welcome(hello, link),
      onHopeless: (error) => this.#fail(error),
      onWarning: (text) => report.warn(text),
      onHostLost: (_, handles, why) => this.#foreman.lostTogether(handles, why),
      onHostSilent: (_, handles, why) => this.#foreman.silentTogether(handles, why),
      onHostHeard: (_, handles) => {
        this.#foreman.heardTogether(handles)
        // It has room, and there may have been none before.
        this.#foreman.fill()
      },
      onHostUp: (host) => {
        report.warn(`host ${host} takes processors now`)
        this.#foreman.fill()
      },
    }
  }

  #hireForeman(): Foreman {
    return new Foreman({
      run: this.#options,
      processors: this.#crew,
      watcher: this.#report,
      disk: this.#disk,
      conductors: () => this.#conductors.named,
      tellConductor: (event) => this.#conductors.tellConductor(event),
      tellCandidates: (event) => this.#conductors.tellCandidates(event),
      onFetched: (upTo) => this.#conductors.fetched(upTo),
      onBegun: () => this.#faults.begin(),
      onTurn: () => this.#faults.strike(),
      onFinished: () =>
        this.#end(() => this.#settle?.done(this.#report.finish(this.#faults.left, this.#processBytes()))),
      onFailed: (error) => this.#fail(error),
      nowMs: () => this.#report.nowMs,
    })
  }

  #gatherConductors(): Conductors {
    const { machine, conductors = 1, runFolder } = this.#options
    const { processes, protection } = machine
    const report = this.#report
    return new Conductors({
      count: conductors,
      configuration: () => ({
        ...{ processes, protection, storage: this.#disk?.options ?? null, isTraced: report.isTraced },
      }),
      makeProcesses: (own) => {
        const environment = processorEnvironment(process.env, { mayConnect: false, addon: loadAddon().path })
        return new ConductorProcesses({ ...own, folder: runFolder, environment })
      },
      onOrder: (order, epoch) => this.#foreman.obey(order, epoch),
      brief: (tell) => this.#foreman.brief(tell),
      onProcesses: () => this.#foreman.announce(),
      onLost: ({ pid }, why, conducted) => report.conductorLost(pid, why, conducted),
      onSilent: ({ pid }) => report.conductorLost(pid, 'its heartbeats are missing', true),
      onTookOver: (takeOver) => report.tookOver(takeOver),
      onSlow: ({ pid }, silentMs) => report.slow('conductor', { pid }, silentMs),
      onUncovered: (how) => this.#fail(uncoveredConductors(how, conductors, report.nowMs)),
      onFailed: (error) => this.#fail(error),
      onEvent: (event, epoch) => report.event(event, epoch),
      onEffect: (effect, epoch) => report.effect(effect, epoch),
      onTrace: (lines) => report.conductorTraced(lines),
    })
  }

  /** Starts the processors, and resolves when the program has finished. */
  async run(): Promise<RunOutcome> {
    const { signal } = this.#options
    const interrupt = (): void => this.#fail(new InterruptedError('interrupted'))
    const outcome = new Promise<RunOutcome>((done, fail) => {
      this.#settle = { done, fail }
    })
    signal.addEventListener('abort', interrupt)
    try {
      if (this.#disk) this.#report.preload(await this.#disk.released())
      await Promise.race([this.#crew.open(), outcome])
      this.#conductors.open()
      this.#foreman.fill()
      return await outcome
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }

  /** Ends every process of the run, and waits until all are gone. */
  async close(): Promise<void> {
    this.#end(() => {})
    await Promise.all([this.#crew.close(this.#report.isTraced), this.#conductors.close()])
    await this.#disk?.close()
  }

  /** Of all that live now; null where they live elsewhere. */
  #processBytes(): ProcessBytes | null {
    if (this.#options.hosts) return null
    const own = { role: 'launcher', pid: process.pid } as const
    const others = this.#crew.living.map((handle) => {
      const place = this.#foreman.roster.placeOf(handle)
      return { role: place === null ? 'spare' : roles[place[0] as 'a' | 'b' | 'c'], pid: handle.pid } as const
    })
    const conductors = this.#conductors.named.map(({ pid }) => ({ role: 'conductor', pid }) as const)
    return processBytes([own, ...others, ...conductors])
  }

  #fail(error: Error): void {
    this.#end(() => this.#settle?.fail(error))
  }

  #end(settle: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#foreman.stop()
    this.#conductors.stop()
    this.#crew.stop()
    this.#faults.stop()
    settle()
  }

  #receive(handle: ProcessorHandle, news: ProcessorNews): void {
    const rank = this.#foreman.roster.rankOf(handle)
    switch (news.type) {
      case 'frame':
        this.#foreman.frame(handle, news)
        return
      case 'progress':
        if (rank !== null) this.#faults.progressed(this.#report.progressed(rank, news.done, news.total))
        return
      case 'captured':
      case 'thawed':
      case 'shipped':
      case 'committed':
      case 'computing':
      case 'written':
        if (news.type === 'written') this.#disk?.noteWritten(news.beganMs)
        if (rank !== null) this.#noteFigure(rank, news)
        return
      case 'holding': {
        const place = this.#foreman.roster.placeOf(handle)
        this.#report.holding(place, handle, news.bytes)
        return
      }
      case 'inUse':
        this.#expected.note(news.pages, this.#crew.living)
        return
      case 'rest':
        if (rank === null) return
        this.#report.stepping(rank, news.rest.steps, news.stepMs)
        this.#foreman.rest(rank, news)
        return
      case 'alone':
        this.#report.alone(this.#foreman.roster.nameOf(handle), handle, news.silentMs)
        return
      case 'held':
        if (rank !== null) this.#report.held(rank, news.bytes, this.#foreman.roster.waitedFor)
        return
      case 'trace':
        this.#report.traced(handle, news.lines)
        return
      case 'rejected':
        this.#giveUpSender(handle, news)
        return
      case 'unfit':
        this.#fail(unfitProgram(news.reason))
        return
      case 'refused':
        this.#fail(new UsageError(news.reason))
        return
      case 'defect':
        this.#fail(new Error(`${this.#foreman.roster.nameOf(handle)}: ${news.reason}`))
        return
      default:
        unreachable(news)
    }
  }

  #noteFigure(rank: Rank, figure: Measured): void {
    if (figure.type !== 'written' && figure.type !== 'computing') this.#options.onFigure?.(rank, figure)
    const isNewCommit = this.#report.measured(rank, figure)
    if (figure.type === 'computing') this.#foreman.computing(rank, figure.epoch)
    if (!isNewCommit) return
    const { committed } = this.#report
    this.#foreman.committed(committed)
    this.#faults.committed(committed)
  }

  /** What a processor sent is no frame: nothing that it does can be trusted any more. */
  #giveUpSender(reporter: ProcessorHandle, { processor, detail }: Extract<ProcessorNews, { type: 'rejected' }>): void {
    const { roster } = this.#foreman
    const sender = processor === null ? null : this.#crew.find(processor)
    const who = sender ? roster.nameOf(sender) : 'a connection'
    this.#report.warn(`${who} sent ${roster.nameOf(reporter)} what is no frame: ${detail}`)
    if (sender?.status === 'serving') this.#crew.lose(sender, `it sent what is no frame (${detail})`)
  }
}

/** By the first letter of a place. */
const roles = { a: 'application', b: 'backup', c: 'checkpoint' } as const

function reportOf(options: RunOptions, trace: TraceFile | null): Report {
  const { machine, store = null } = options
  return new Report({
    processes: machine.processes,
    programBytes: processMemoryBytes(options).reduce((sum, one) => sum + one, 0),
    isStored: store !== null,
    trace,
    tell: (news) => options.onNews(news),
  })
}
