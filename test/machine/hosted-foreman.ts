import type { ChildProcess } from 'node:child_process'
import { type ProcessorId, processorId } from '../../src/base/index.ts'
import { ConductorDriver } from '../../src/machine/conductor/conductor-driver.ts'
import type { RunNews } from '../../src/machine/index.ts'
import { ProcessorHandle } from '../../src/machine/launcher/crew/processor-handle.ts'
import { Foreman } from '../../src/machine/launcher/foreman/foreman.ts'
import type { Processors } from '../../src/machine/launcher/foreman/roster.ts'
import { Report } from '../../src/machine/launcher/reporting/report.ts'
import { systemClock } from '../../src/machine/local/system-clock.ts'
import { defaultSettings } from '../../src/machine/settings.ts'
import type { CrewEvent, FromConductor } from '../../src/machine/wire/conducting.ts'
import type { ToProcessor } from '../../src/machine/wire/control.ts'
import type { Frame, Place } from '../../src/protocol/index.ts'
import { EmbeddedStore } from '../../src/store/index.ts'

/** A processor without a process: it does all that it is told at once, as soon as somebody lets it. */
class FakeProcessor extends ProcessorHandle {
  readonly #onMessage: (handle: FakeProcessor, message: ToProcessor) => void
  place: Place | null = null
  hasMemory = false
  isStopped = false

  constructor(id: ProcessorId, host: string, onMessage: (handle: FakeProcessor, message: ToProcessor) => void) {
    super(id, {} as ChildProcess, 1000 + id)
    this.host = host
    this.#onMessage = onMessage
  }

  override send(message: ToProcessor): void {
    this.#onMessage(this, message)
  }
}

/** Foreman and conductor as they are in a launcher, and processors on hosts that take no time for anything. */
export class HostedForeman implements Processors {
  readonly news: RunNews[] = []
  readonly foreman: Foreman
  /** Those that are up and heard. */
  names: string[]
  readonly #all: FakeProcessor[] = []
  readonly #driver: ConductorDriver
  readonly #queue: (() => void)[] = []
  failed: Error | null = null

  constructor(processes: number, hosts: readonly string[], spares = 1) {
    this.names = [...hosts]
    const machine = { ...defaultSettings, processes, spares }
    const report = new Report({
      ...{ processes, programBytes: 1, isStored: false, trace: null, tell: (news) => this.news.push(news) },
    })
    this.#driver = new ConductorDriver({
      configuration: { id: 1, processes, protection: machine.protection, storage: null, isTraced: false },
      ...{ store: new EmbeddedStore(systemClock), clock: systemClock, onEvent: () => {}, onEffect: () => {} },
      send: (message) => this.#obey(message),
    })
    const tell = (event: CrewEvent): void => this.#driver.take(event)
    this.foreman = new Foreman({
      run: { machine, store: null, input: null, inspected: null },
      ...{ processors: this, watcher: report, disk: null, conductors: () => [] },
      ...{ tellConductor: tell, tellCandidates: tell, onFetched: () => {}, onBegun: () => {}, onTurn: () => {} },
      onFinished: () => {},
      onFailed: (error) => {
        this.failed = error
      },
      nowMs: () => 0,
    })
    this.#driver.take({ type: 'appointed', replicas: [] })
    this.foreman.fill()
    this.settle()
  }

  get hosts(): readonly { readonly name: string; readonly room: null }[] {
    return this.names.map((name) => ({ name, room: null }))
  }

  get living(): readonly FakeProcessor[] {
    return this.#all.filter(({ status }) => status !== 'gone')
  }

  find(id: ProcessorId): FakeProcessor | null {
    return this.#all[id - 1] ?? null
  }

  start(host: string | null): void {
    const handle = new FakeProcessor(processorId(this.#all.length + 1), host!, (one, message) =>
      this.#queue.push(() => this.#take(one, message)),
    )
    this.#all.push(handle)
    this.#queue.push(() => {
      if (handle.status !== 'starting') return
      handle.status = 'serving'
      this.foreman.ready(handle)
    })
  }

  /** Until nothing is left to be done. */
  settle(): void {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) next()
  }

  on(host: string): FakeProcessor[] {
    return this.living.filter((one) => one.host === host && one.status === 'serving')
  }

  placesOn(host: string): Place[] {
    return this.on(host).flatMap((one) => this.foreman.roster.placeOf(one) ?? [])
  }

  loseHost(host: string, why: string): void {
    const handles = this.on(host)
    this.names = this.names.filter((one) => one !== host)
    this.foreman.lostTogether(handles, why)
    this.settle()
  }

  silenceHost(host: string): readonly FakeProcessor[] {
    const handles = this.on(host)
    this.names = this.names.filter((one) => one !== host)
    for (const handle of handles) handle.silent = true
    this.foreman.silentTogether(handles, 'its heartbeats are missing')
    this.settle()
    return handles
  }

  hearHost(host: string, handles: readonly FakeProcessor[]): void {
    this.names.push(host)
    for (const handle of handles) handle.silent = false
    this.foreman.heardTogether(handles)
    this.settle()
  }

  close(): void {
    this.foreman.stop()
    this.#driver.close()
  }

  #obey(message: FromConductor): void {
    if (message.type === 'order') this.foreman.obey(message.order, message.epoch)
  }

  #take(handle: FakeProcessor, message: ToProcessor): void {
    if (handle.silent || handle.status === 'gone') return
    if (message.type === 'assign') handle.place = message.place
    if (message.type !== 'frame' || handle.place === null) return
    const answer = answerTo(handle, message.frame)
    if (answer) this.foreman.frame(handle, { type: 'frame', epoch: message.epoch, from: handle.place, frame: answer })
  }
}

function answerTo(handle: FakeProcessor, frame: Frame): Frame | null {
  if (frame.type === 'recover' && handle.hasMemory) return { type: 'report', checkpoints: [0] }
  if (frame.type !== 'plan') return null
  handle.hasMemory = true
  return { type: 'restored' }
}
