import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type ProcessorId, processorId } from '../../base/index.ts'
import { hostConnectMsMax, type Link, SlotPool, tcpFabric, unixFabric } from '../../fabric/index.ts'
import { MemoryLimitError, type PageRanges } from '../../memory/index.ts'
import { sharedMemory } from '../../memory/native/index.ts'
import type { KernelModule } from '../../parity/index.ts'
import { type Program, type TypedArray, validateProgram } from '../../program/index.ts'
import { type Envelope, type Place, rankOf } from '../../protocol/index.ts'
import { sharePackage } from '../bundle/shared-package.ts'
import { loadKernels } from '../kernels.ts'
import { countProcessors } from '../limits/check-run.ts'
import { refusalText } from '../limits/refusal.ts'
import { importModule } from '../program/import-module.ts'
import { describeFailure } from '../program/program-failure.ts'
import { codeFor } from '../protection.ts'
import {
  type Configuration,
  controlSocket,
  type FromProcessor,
  type HostConfiguration,
  monotonicMs,
  type ProcessorHello,
  type ToProcessor,
  type TraceLine,
} from '../wire/control.ts'
import { orderProblem } from '../wire/validate-control.ts'
import { ApplicationDriver } from './application-driver.ts'
import { beginBeating } from './beating.ts'
import { CheckDriver } from './check-driver.ts'
import { InputAssembly } from './input-assembly.ts'
import { inspectThisProcess } from './inspection.ts'
import { Isolation } from './isolation.ts'
import { copyPages, type Keep, ownPages } from './lent-pages.ts'
import { Peers } from './peers.ts'
import { type PlaceDriver, type ProcessorContext, slotsOfProcessor } from './place-driver.ts'
import { ProgramHost } from './program-host.ts'
import { TouchAhead } from './touch-ahead.ts'
import { WarmMemory } from './warm-memory.ts'

/** A title has the room of the command line that it replaces, and no more. */
const shownNameLengthMax = 30

/** A number that no processor of the run has, for the links of the rehearsal. */
const rehearsingId = (id: ProcessorId): ProcessorId => processorId(id + 1_000_000)

type Assignment = Extract<ToProcessor, { type: 'assign' }>

/**
 * One processor: a process of the operating system that waits as a spare until the launcher gives it a place, and ends
 * when it is fenced or the launcher is gone.
 */
export class Processor {
  readonly #folder: string
  readonly #id: ProcessorId
  readonly #peers: Peers
  readonly #kernels: KernelModule = loadKernels()
  readonly #memory = new WarmMemory(this.#kernels)
  readonly #isolation: Isolation
  #control: Link | null = null
  #configuration: Configuration | null = null
  #program: Program | null = null
  #touching: TouchAhead | null = null
  #host: ProgramHost | null = null
  #input: InputAssembly | null = null
  #driver: PlaceDriver | null = null
  /** Envelopes that came before the place they are for was given to this processor. */
  #early: Envelope[] = []
  /** Of the rehearsal; null before there is one. */
  #rehearsing: AbortController | null = null
  #siblings: readonly number[] = []
  #traceLines: TraceLine[] = []

  constructor(folder: string, id: ProcessorId) {
    const slots = new SlotPool({ ...slotsOfProcessor, sharing: sharedMemory() })
    this.#folder = folder
    this.#id = id
    this.#peers = new Peers({
      fabric: unixFabric({ slots }),
      hostFabric: tcpFabric({ slots, connectMsMax: hostConnectMsMax }),
      slots,
      folder,
      own: id,
      onEnvelope: (envelope, keep) => this.#receive(envelope, keep),
      onUnreachable: (processor, detail) => this.#tell({ type: 'unreachable', processor, detail }),
      onReachable: (processor) => this.#tell({ type: 'reachable', processor }),
      onRejected: (processor, detail) => this.#tell({ type: 'rejected', processor, detail }),
    })
    this.#isolation = new Isolation({
      askPeers: () => this.#peers.ask(),
      hearsPeers: () => this.#peers.hears(),
      onAlone: () => this.#driver?.standStill(),
      onHeard: (silentMs) => this.#driver?.goOn(silentMs),
      nowMs: monotonicMs,
    })
  }

  /** Connects to the launcher, and from there on does what it says. */
  async run(): Promise<void> {
    const address = join(this.#folder, controlSocket)
    const hello = (link: ProcessorHello['link']): ProcessorHello => ({ processor: this.#id, link })
    const beats = beginBeating(address, hello('heartbeat'), {
      onEchoes: (come) => this.#isolation.noteEchoes(come),
      onError: (error) => this.fail(error),
    })
    await this.#peers.listen()
    const control = await this.#reach(address, hello('control'))
    this.#control = control
    control.onClose = ({ kind, detail }) => {
      if (kind === 'damaged') process.stderr.write(`paritas: processor ${this.#id} ends: its launcher sent ${detail}\n`)
      this.leave()
    }
    // A processor that can be given a place must be watched over already.
    await beats.catch(async (error: unknown) => {
      await this.#reach(address, hello('heartbeat'))
      throw error
    })
    control.onMessage = (message) => {
      const problem = orderProblem(message)
      if (problem === null) this.#obey(message as ToProcessor)
      else control.reject(problem)
    }
  }

  /** Where nobody answers, the launcher is gone before this processor has reached it. */
  async #reach(address: string, hello: ProcessorHello): Promise<Link> {
    try {
      return await unixFabric().connect(address, { ...hello })
    } catch {
      return this.leave()
    }
  }

  /** An error that nothing here can mend: the launcher hears of it and ends the run. */
  fail(error: unknown): void {
    const refusal = refusalText(error)
    if (refusal !== null) this.#tell({ type: 'refused', reason: refusal })
    else if (error instanceof MemoryLimitError) this.#tell({ type: 'unfit', reason: error.message })
    else this.#tell({ type: 'defect', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }

  /** What `ps` shows. The arguments stand behind it, for those who look for them. */
  #name(place: Place | 'spare'): void {
    process.title = `paritas: ${place} ${this.#program?.name.slice(0, shownNameLengthMax)} ${this.#folder} ${this.#id}`
  }

  #tell(message: FromProcessor): void {
    this.#control?.send(message)
  }

  #obey(message: ToProcessor): void {
    switch (message.type) {
      case 'configure':
        this.#surround(this.#configure(message.configuration))
        return
      case 'standBy':
        this.#standBy()
        return
      case 'assign':
        this.#take(message)
        return
      case 'expect':
        this.#expect(Uint32Array.from(message.pages))
        return
      case 'inputPart':
        this.#input?.add(message.offset, message.bytes)
        return
      case 'members':
        this.#siblings = message.pids
        this.#peers.update(message.members)
        return
      case 'frame':
        if (message.frame.type === 'recover') this.#rehearsing?.abort()
        this.#driver?.receive(message.epoch, 'conductor', message.frame, ownPages)
        return
      case 'askRest': {
        const answer = this.#driver?.rest()
        if (answer) this.#tell({ type: 'rest', question: message.question, ...answer })
        return
      }
      case 'ask':
        this.#tell({ type: 'answer' })
        return
      case 'flushTrace':
        this.#flushTrace()
        this.#tell({ type: 'flushed' })
        return
      case 'fenced':
        this.#driver?.fence()
        this.#flushTrace()
        void this.#control?.whenDrained(0).then(() => process.exit(0))
    }
  }

  async #configure(configuration: Configuration): Promise<void> {
    this.#configuration = configuration
    const { machine, host } = configuration
    // The first half of the time to the first checkpoint is the program's.
    const soonMs = machine.timeoutMs === null ? null : machine.timeoutMs / 2
    this.#touching = new TouchAhead({ sharers: countProcessors(machine), soonMs })
    sharePackage()
    const address = host && (await this.#listenOnHost(host))
    if (address === undefined) return
    try {
      this.#program = validateProgram((await importModule(configuration.moduleUrl)).default)
    } catch (error) {
      const { error: reason } = describeFailure(error)
      this.#tell({ type: 'unfit', reason: `the module throws while a processor loads it: ${reason}` })
      return
    }
    this.#name('spare')
    this.#tell({ type: 'ready', address })
  }

  /** Where it listens for processors of other hosts; undefined if it cannot, which the launcher is told. */
  async #listenOnHost(host: HostConfiguration): Promise<string | undefined> {
    try {
      return await this.#peers.listenOnHost(host)
    } catch (error) {
      this.#tell({ type: 'refused', reason: (error as Error).message })
      return undefined
    }
  }

  #take({ place, epoch, input, inspected }: Assignment): void {
    this.#rehearsing?.abort()
    if (inspected) this.#surround(inspectThisProcess())
    this.#name(place)
    const rank = rankOf(place)
    const surroundings = this.#surroundings()
    const { processes, protection } = surroundings.configuration.machine
    const code = codeFor(processes, protection)
    if (rank === null) {
      if (!code) throw new Error('there are check processors only where there is a code')
      this.#surround(this.#host?.close() ?? Promise.resolve())
      this.#memory.drop()
      // What a process of the program would have needed.
      this.#touching?.stop()
      this.#driver = new CheckDriver({ place, epoch, code, kernels: this.#kernels, surroundings })
    } else {
      if (!this.#program) throw new Error('a processor takes a place only when it is ready')
      this.#input = input ? new InputAssembly(input) : null
      const complete: Promise<TypedArray | null> = this.#input?.complete ?? Promise.resolve(null)
      const [program, host, memory] = [this.#program, this.#needHost(), this.#memory]
      this.#driver = new ApplicationDriver({ rank, epoch, code, program, memory, host, input: complete, surroundings })
    }
    const early = this.#early
    this.#early = []
    for (const envelope of early) this.#receive(envelope, ownPages)
  }

  #receive(envelope: Envelope, keep: Keep): void {
    const { epoch, from, to, frame } = envelope
    if (!this.#driver) this.#keepEarly(envelope)
    else if (to === this.#driver.place) this.#driver.receive(epoch, from, frame, keep)
  }

  #keepEarly(envelope: Envelope): void {
    if ('batch' in envelope.frame) copyPages(envelope.frame.batch)
    this.#early.push(envelope)
  }

  /** A spare prepares what would take time when it gets a place. */
  #standBy(): void {
    this.#needHost().warm()
    if (this.#program && this.#configuration) this.#memory.prepare(this.#program, this.#configuration)
    this.#rehearse()
  }

  /** Once, while there is time: a real recovery leaves nothing to rehearse. */
  #rehearse(): void {
    const configuration = this.#configuration
    if (this.#rehearsing !== null || configuration?.machine.protection == null) return
    // Or the engine gives up again, after some time, what it has compiled for it.
    setFlagsFromString('--no-flush-bytecode')
    this.#rehearsing = new AbortController()
    const { signal } = this.#rehearsing
    const options = { configuration, kernels: this.#kernels, folder: this.#folder, own: rehearsingId(this.#id), signal }
    // It ends by itself where anything is wrong with it.
    void import('./rehearsal/rehearsal.ts').then(({ Rehearsal }) => new Rehearsal(options).run()).catch(() => {})
  }

  #expect(pages: PageRanges): void {
    if (this.#driver) this.#driver.expect(pages)
    else if (this.#touching) {
      this.#memory.expect(pages, this.#touching)
      this.#tell({ type: 'holding', bytes: this.#memory.touchedBytes })
    }
  }

  #needHost(): ProgramHost {
    if (!this.#configuration) throw new Error('a processor is configured before anything else')
    this.#host ??= new ProgramHost(this.#configuration.moduleUrl)
    return this.#host
  }

  #surroundings(): ProcessorContext {
    const [configuration, touching] = [this.#configuration, this.#touching]
    if (!configuration || !touching) throw new Error('a processor is configured before anything else')
    return {
      configuration,
      peers: this.#peers,
      touching,
      tell: (message) => this.#tell(message),
      run: (work) => this.#surround(work),
      rehearse: () => this.#rehearse(),
      trace: configuration.traced ? (line) => this.#trace(line) : null,
    }
  }

  #surround(work: Promise<void>): void {
    work.catch((error: unknown) => this.fail(error))
  }

  /** The lines of one turn of the event loop travel together. */
  #trace(line: TraceLine): void {
    if (this.#traceLines.length === 0) setImmediate(() => this.#flushTrace())
    this.#traceLines.push(line)
  }

  #flushTrace(): void {
    if (this.#traceLines.length > 0) this.#tell({ type: 'trace', lines: this.#traceLines })
    this.#traceLines = []
  }

  /** The launcher is gone: frozen siblings are woken, so that they notice too, and nothing is left behind. */
  leave(): never {
    for (const pid of this.#siblings) {
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // It has ended already.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true })
    process.exit(0)
  }
}
