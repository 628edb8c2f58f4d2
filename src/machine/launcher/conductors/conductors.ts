import type { Epoch } from '../../../base/index.ts'
import type { Link } from '../../../fabric/index.ts'
import type { CandidateId, ConductorEffect, ConductorEvent } from '../../../protocol/index.ts'
import { EmbeddedStore } from '../../../store/index.ts'
import { ConductorDriver } from '../../conductor/conductor-driver.ts'
import { systemClock } from '../../local/system-clock.ts'
import type { TakeOver } from '../../run.ts'
import type {
  CandidateConfiguration,
  ConductorHello,
  ConductorOrder,
  CrewEvent,
  FromConductor,
} from '../../wire/conducting.ts'
import { monotonicMs, type TraceLine } from '../../wire/control.ts'
import { Patience } from '../foreman/patience.ts'
import type { NamedProcessor } from '../foreman/watcher.ts'
import type { ConductorHandle } from './conductor-handle.ts'
import type { ConductorProcesses, ConductorProcessesOptions } from './conductor-processes.ts'
import { Obedience } from './obedience.ts'
import { RecordReader } from './record-reader.ts'

/** How often those who stand by are told that the conductor is not heard, as long as nobody has taken over. */
const unheardIntervalMs = 100

export interface ConductorsOptions {
  /** 1: it conducts in this process. More: each has a process of its own, and all but one stand by. */
  readonly count: number
  /** As it is for one that begins now. */
  configuration(): Omit<CandidateConfiguration, 'id'>
  /** Where each has a process of its own. */
  makeProcesses(options: Omit<ConductorProcessesOptions, 'folder' | 'environment'>): CandidateProcesses
  /** Of the newest conductor. */
  onOrder(order: ConductorOrder, epoch: Epoch): void
  /** All that happened to processors so far, for one that begins to stand by. */
  brief(tell: (event: CrewEvent) => void): void
  /** There is another process, or one less. */
  onProcesses(): void
  onLost(handle: ConductorHandle, why: string, conducted: boolean): void
  /** It conducts, and is not heard. */
  onSilent(handle: ConductorHandle): void
  onTookOver(takeOver: TakeOver): void
  onSlow(handle: ConductorHandle, silentMs: number): void
  /** Nobody may take over: those who might are gone, or whoever conducts has been silent for too long. */
  onUncovered(how: 'gone' | 'silent'): void
  onFailed(error: Error): void
  /** What goes into the conductor's state machine and what comes out, where it is in this process. */
  onEvent(event: ConductorEvent, epoch: Epoch): void
  onEffect(effect: ConductorEffect, epoch: Epoch): void
  /** The same from where it is not. */
  onTrace(lines: readonly TraceLine[]): void
}

/** What is asked of their processes. */
type CandidateProcesses = Pick<ConductorProcesses, 'living' | 'open' | 'start' | 'welcome' | 'stop' | 'close'>

/** One that may conduct, wherever it is. */
interface Seat {
  readonly id: CandidateId
  /** It is not heard. */
  readonly silent: boolean
  tell(event: CrewEvent): void
}

/**
 * Those who may conduct a run, and the store that they share. Whoever gives an order in the newest epoch is obeyed and told
 * what processors say (C3); all hear what happens to processors, so that any of them may take over.
 */
export class Conductors {
  readonly #options: ConductorsOptions
  readonly #store = new EmbeddedStore(systemClock)
  readonly #record = new RecordReader(this.#store)
  readonly #processes: CandidateProcesses | null
  /** The conductor in this process; null if all have processes of their own. */
  #driver: ConductorDriver | null = null
  #embedded: Seat | null = null
  readonly #obedience = new Obedience()
  #isAppointed = false
  /** Came before anything was on record: who is appointed in place of one that was lost then has to hear it again. */
  #early: CrewEvent[] = []
  /** When the conductor was found to be lost or silent, and when it was hit, if that is known; null: it is heard. */
  #unheard: { readonly sinceMs: number; readonly struckMs: number | null } | null = null
  #unheardTimer: NodeJS.Timeout | null = null
  /** Whoever is frozen may come back, but is not waited for for ever. */
  readonly #patience = new Patience(() => this.#options.onUncovered('silent'))
  #isFetchedTold = true
  #fetched = 0
  #isStopped = false

  constructor(options: ConductorsOptions) {
    this.#options = options
    this.#processes = options.count === 1 ? null : this.#makeProcesses()
  }

  /** Somebody conducts from here on, or as soon as all have come. */
  open(): void {
    if (this.#processes === null) {
      this.#embed()
      return
    }
    this.#processes.open()
    for (let count = 0; count < this.#options.count; count += 1) this.#processes.start()
  }

  /** A connection of one that may conduct. */
  welcome(hello: ConductorHello, link: Link): void {
    if (this.#processes) this.#processes.welcome(hello, link)
    else link.destroy()
  }

  /** Processes of their own. */
  get named(): readonly NamedProcessor[] {
    return (
      this.#processes?.living.map(({ id, pid }) => ({
        name: id === this.#obedience.official ? 'conductor' : 'standby',
        pid,
      })) ?? []
    )
  }

  /** Whoever conducts may be lost. */
  get isCovered(): boolean {
    if (this.#processes === null) return true
    const heard = this.#processes.living.filter(({ silent }) => !silent).map(({ id }) => id)
    return this.#unheard === null && (this.#record.record?.replicas.some((id) => heard.includes(id)) ?? false)
  }

  /** The process of the one that is obeyed; null where it has none. */
  get conducting(): ConductorHandle | null {
    return this.#processes?.living.find(({ id }) => id === this.#obedience.official) ?? null
  }

  /** What processors and files say to whoever conducts; lost while nobody does, since whoever takes over asks again. */
  tellConductor(event: CrewEvent): void {
    this.#seats.find(({ id }) => id === this.#obedience.official)?.tell(event)
  }

  tellCandidates(event: CrewEvent): void {
    if (this.#isAppointed) for (const seat of this.#seats) seat.tell(event)
    if (this.#record.record === null) this.#early.push(event)
    else this.#early = []
  }

  /** Entries of the release log up to this one are in good hands. */
  fetched(upTo: number): void {
    this.#fetched = upTo
    if (!this.#isFetchedTold) return
    this.#isFetchedTold = false
    setImmediate(() => {
      this.#isFetchedTold = true
      if (!this.#isStopped) this.tellConductor({ type: 'fetched', upTo: this.#fetched })
    })
  }

  /** The run is over. */
  stop(): void {
    this.#isStopped = true
    this.#hear()
    this.#driver?.close()
    this.#processes?.stop()
  }

  async close(): Promise<void> {
    this.stop()
    await this.#processes?.close()
  }

  get #seats(): readonly Seat[] {
    if (this.#embedded) return [this.#embedded]
    return this.#processes?.living.filter(({ status }) => status === 'serving') ?? []
  }

  #embed(): void {
    const { configuration, onEvent, onEffect } = this.#options
    const id = 1
    const seat: Seat = { id, silent: false, tell: (event) => this.#driver?.take(event) }
    this.#driver = new ConductorDriver({
      ...{ configuration: { ...configuration(), id }, store: this.#store, clock: systemClock },
      ...{ send: (message) => this.#receive(seat, message), onEvent, onEffect },
    })
    this.#embedded = seat
    this.#appoint()
  }

  #makeProcesses(): CandidateProcesses {
    const { makeProcesses, configuration, onFailed, onSlow } = this.#options
    return makeProcesses({
      ...{ store: this.#store, onSlow, onHopeless: onFailed },
      configurationOf: (id) => ({ ...configuration(), id }),
      onReady: (handle) => this.#enlist(handle),
      onMessage: (handle, message) => this.#receive(handle, message),
      onLost: (handle, why) => this.#lose(handle, why),
      onSilent: (handle) => this.#noteSilent(handle),
      onHeard: (handle) => this.#noteHeard(handle),
    })
  }

  #enlist(handle: ConductorHandle): void {
    if (!this.#isAppointed) {
      this.#appointIfAll()
      return
    }
    this.#options.brief((event) => handle.tell(event))
    this.#introduce(handle)
    this.#tellOthers(handle.id, { type: 'candidateFound', candidate: handle.id })
    if (this.#unheard) handle.tell({ type: 'conductorUnheard' })
  }

  #appointIfAll(): void {
    if (this.#seats.filter(({ silent }) => !silent).length >= this.#options.count) this.#appoint()
  }

  /** All that there are to be have come, or the first was lost before anything was put down. */
  #appoint(): void {
    const first = this.#seats.find(({ silent }) => !silent)
    if (!first) return
    const others = this.#othersOf(first.id).filter(({ silent }) => !silent)
    this.#isAppointed = true
    this.#obedience.appoint(first.id)
    for (const other of others) this.#introduce(other)
    first.tell({ type: 'appointed', replicas: others.map(({ id }) => id) })
    for (const event of this.#early) for (const seat of this.#seats) seat.tell(event)
  }

  /** Keeps as many as there are to be that are heard. */
  #fill(): void {
    const processes = this.#processes
    if (processes === null) return
    const heard = processes.living.filter(({ silent }) => !silent).length
    for (let count = heard; count < this.#options.count; count += 1) processes.start()
    if (heard < this.#options.count) this.#options.onProcesses()
  }

  #introduce(seat: Seat): void {
    for (const { id, silent } of this.#othersOf(seat.id)) {
      seat.tell({ type: silent ? 'candidateLost' : 'candidateFound', candidate: id })
    }
  }

  #othersOf(id: CandidateId): readonly Seat[] {
    return this.#seats.filter((seat) => seat.id !== id)
  }

  #receive(from: Seat, message: FromConductor): void {
    switch (message.type) {
      case 'order':
        this.#obey(from, message)
        return
      case 'tookOffice':
        this.#noteOffice(from, message.revision)
        return
      case 'resigned':
        this.#tellOthers(from.id, { type: 'candidateFound', candidate: from.id })
        return
      case 'tellCandidate': {
        // Who is silent gets all of it anew when it is heard again; until then nothing is kept for it.
        const to = this.#seats.find(({ id, silent }) => id === message.to && !silent)
        to?.tell({ type: 'fromCandidate', from: from.id, message: message.message })
        return
      }
      case 'trace':
        this.#options.onTrace(message.lines)
        return
      case 'defect':
        this.#options.onFailed(new Error(`conductor: ${message.reason}`))
        return
      case 'store':
    }
  }

  /** C3: nobody is obeyed who does not know of the newest epoch. */
  #obey(from: Seat, { order, epoch }: Extract<FromConductor, { type: 'order' }>): void {
    if (this.#isStopped) return
    if (this.#obedience.obeys(from.id, epoch)) this.#options.onOrder(order, epoch)
    else from.tell({ type: 'orderRefused', epoch: this.#obedience.epoch })
  }

  #noteOffice(seat: Seat, revision: number): void {
    // Another one has taken over since, and whoever tells of it so late has yet to hear of that.
    if (revision < (this.#record.record?.revision ?? 0)) return
    const unheard = this.#unheard
    this.#obedience.appoint(seat.id)
    this.#hear()
    for (const { id, silent } of this.#othersOf(seat.id)) {
      if (silent) seat.tell({ type: 'candidateLost', candidate: id })
    }
    // Whoever is not heard may come back, or never.
    this.#fill()
    const { conducting } = this
    if (unheard === null || conducting === null) return
    const { sinceMs, struckMs } = unheard
    this.#options.onTookOver({
      pid: conducting.pid,
      detectMs: struckMs === null ? null : sinceMs - struckMs,
      takeOverMs: monotonicMs() - sinceMs,
    })
  }

  #lose(handle: ConductorHandle, why: string): void {
    const conducted = this.#isAppointed && handle.id === this.#obedience.official
    this.#tellOthers(handle.id, { type: 'candidateLost', candidate: handle.id })
    this.#options.onLost(handle, why, conducted)
    if (this.#isStopped) return
    this.#fill()
    if (conducted) this.#missConductor(handle)
    this.#checkCover()
  }

  /** To all but one: whoever takes over has to know who does not answer. */
  #tellOthers(id: CandidateId, event: CrewEvent): void {
    for (const other of this.#othersOf(id)) other.tell(event)
  }

  #noteSilent(handle: ConductorHandle): void {
    this.#tellOthers(handle.id, { type: 'candidateLost', candidate: handle.id })
    if (handle.id === this.#obedience.official) {
      this.#options.onSilent(handle)
      this.#missConductor(handle)
    } else this.#fill()
  }

  #noteHeard(handle: ConductorHandle): void {
    this.#tellOthers(handle.id, { type: 'candidateFound', candidate: handle.id })
    if (handle.id === this.#obedience.official) this.#hear()
  }

  /** Those who stand by are told so until one of them has taken over. */
  #missConductor({ struckMs }: ConductorHandle): void {
    this.#unheard ??= { sinceMs: monotonicMs(), struckMs }
    const tell = (): void => {
      for (const seat of this.#othersOf(this.#obedience.official ?? 0)) seat.tell({ type: 'conductorUnheard' })
    }
    tell()
    this.#unheardTimer ??= setInterval(tell, unheardIntervalMs)
    this.#patience.note(true)
  }

  #hear(): void {
    this.#unheard = null
    this.#patience.stop()
    if (this.#unheardTimer) clearInterval(this.#unheardTimer)
    this.#unheardTimer = null
  }

  /** Only those who have all that was released may take over. */
  #checkCover(): void {
    if (!this.#isAppointed) return
    const { record } = this.#record
    const living = this.#seats.map(({ id }) => id)
    if (record === null) {
      // Nothing was told by anybody, so that it may begin anew.
      if (this.#obedience.official === null || living.includes(this.#obedience.official)) return
      this.#isAppointed = false
      this.#hear()
      this.#appointIfAll()
      return
    }
    const mayConduct = [record.conductor, ...record.replicas]
    if (!mayConduct.some((id) => living.includes(id))) this.#options.onUncovered('gone')
  }
}
