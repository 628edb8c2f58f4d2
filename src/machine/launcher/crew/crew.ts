import { type ProcessorId, processorId, UsageError } from '../../../base/index.ts'
import type { Link } from '../../../fabric/index.ts'
import { refusalText } from '../../limits/refusal.ts'
import { sightOfThread } from '../../local/process-sight.ts'
import { spawnProcessor } from '../../local/processor-entry.ts'
import type { ProcessorShares } from '../../shares/processor-shares.ts'
import type { ConductorHello } from '../../wire/conducting.ts'
import type { Configuration, FromProcessor } from '../../wire/control.ts'
import { newsProblem } from '../../wire/validate-control.ts'
import { describeEndings, EarlyEndings } from './early-endings.ts'
import { LastLines } from './last-lines.ts'
import { isLinkNews, LinkJudge, type LinkNews } from './link-judge.ts'
import { endAll } from './process-handle.ts'
import { ProcessorHandle } from './processor-handle.ts'
import type { ProcessorsAhead } from './processors-ahead.ts'
import { Reception } from './reception.ts'
import { SilenceWatch } from './silence-watch.ts'
import { StartWatch } from './start-watch.ts'

/** What a processor says, but for what concerns its own start and end, and its links to others. */
export type ProcessorNews = Exclude<FromProcessor, LinkNews | { type: 'ready' | 'flushed' }>

/** Whom the crew tells. Once it is stopped it passes on nothing but lines of the trace. */
export interface CrewListener {
  /** Its process is there. */
  onStarted(handle: ProcessorHandle): void
  /** It can be given a place. */
  onReady(handle: ProcessorHandle): void
  onNews(handle: ProcessorHandle, news: ProcessorNews): void
  /** It is gone. `wasServing`: it had been ready, and not been replaced. */
  onLost(handle: ProcessorHandle, why: string, wasServing: boolean): void
  /** Its process has ended, and `ending` says how. */
  onEnded(handle: ProcessorHandle): void
  /** A processor that was ready neither beats nor ends, or nothing gets through between it and another one. */
  onSilent(handle: ProcessorHandle, why: string): void
  /** Null: whoever hears this knows all that there are, and decides whom to give up for a link that stays broken. */
  readonly standingOf: ((handle: ProcessorHandle) => number) | null
  /** Only where there is no `standingOf`. */
  onLinkNews(handle: ProcessorHandle, news: LinkNews): void
  /** It has not beaten for so long, though it lives and nothing is wrong with it: the computer is busy. */
  onSlow(handle: ProcessorHandle, silentMs: number): void
  /** The first start takes long. */
  onStarting(ready: number, wanted: number): void
  /** One that was silent beats again. */
  onHeard(handle: ProcessorHandle): void
  /** One that may conduct has connected; it is not the crew's to look after. */
  onConductor(hello: ConductorHello, link: Link): void
  /** There will never be a machine. */
  onHopeless(error: Error): void
  onWarning(text: string): void
}

export interface CrewOptions {
  /** The run's own folder, where the sockets lie. */
  readonly folder: string
  readonly configuration: Configuration
  /** Of processors. */
  readonly environment: NodeJS.ProcessEnv
  /** What each of them gets of the processor; null for no limit. */
  readonly shares: ProcessorShares | null
  /** Some that are started already; null for none. */
  readonly ahead: ProcessorsAhead | null
  readonly listener: CrewListener
}

/** The processors of one run: starts and ends their processes, keeps the links to them, and sees who is alive. */
export class Crew {
  /** All are on one computer. */
  readonly hosts = null
  readonly #options: CrewOptions
  readonly #handles = new Map<ProcessorId, ProcessorHandle>()
  readonly #reception: Reception
  readonly #watch: SilenceWatch
  readonly #starts: StartWatch
  readonly #early = new EarlyEndings()
  readonly #lastLines = new LastLines()
  readonly #judge: LinkJudge | null
  /** The highest number of a processor that was started. */
  #started = 0
  #echoes = true
  #isStopped = false

  constructor(options: CrewOptions) {
    const { folder, listener } = options
    this.#options = options
    this.#reception = new Reception({
      folder,
      find: (id) => (this.#isStopped ? null : this.find(id)),
      onControl: (handle, link) => this.#configure(handle, link),
      onHeartbeat: (handle, link) => this.#listen(handle, link),
      onConductor: (hello, link) => listener.onConductor(hello, link),
      onTurnedAway: (why) => listener.onWarning(`a connection was turned away: ${why}`),
    })
    this.#watch = new SilenceWatch({
      handles: () => this.living,
      sightOf: ({ pid, heart }) => (heart === null ? null : sightOfThread(pid, heart)),
      onSlow: (handle, silentMs) => listener.onSlow(handle, silentMs),
      onSilent: (handle) => this.#noteSilent(handle),
      onHeard: (handle) => listener.onHeard(handle),
    })
    const { standingOf } = listener
    this.#judge = standingOf && this.#makeJudge(standingOf)
    this.#starts = new StartWatch({
      handles: () => this.living,
      onProgress: (ready, wanted) => listener.onStarting(ready, wanted),
      onStuck: (handle) => this.lose(handle, 'it does not get ready', false),
      onHopeless: (error) => listener.onHopeless(error),
    })
  }

  #makeJudge(standingOf: (handle: ProcessorHandle) => number): LinkJudge {
    return new LinkJudge({
      find: (id) => this.find(id),
      isWell: (handle) => handle.status === 'serving' && !handle.silent && !this.#watch.isSuspected(handle),
      standingOf,
      onGivenUp: (handle, why) => this.#options.listener.onSilent(handle, why),
    })
  }

  /** Those whose process has not ended, oldest first. */
  get living(): ProcessorHandle[] {
    return [...this.#handles.values()].filter(({ ending }) => ending === null)
  }

  find(id: ProcessorId): ProcessorHandle | null {
    return this.#handles.get(id) ?? null
  }

  /** From here on processors can be started. */
  async open(): Promise<void> {
    await this.#reception.open()
    this.#watch.start()
    this.#starts.start()
  }

  /** `id`: higher than that of any that was started before; the next one if not given. */
  start(_host: string | null = null, id = processorId(this.#started + 1)): void {
    if (this.#isStopped) return
    this.#started = id
    const { folder, environment, ahead, shares, listener } = this.#options
    const child = ahead?.take(id) ?? spawnProcessor(folder, id, environment, false)
    child.on('error', (error) => listener.onHopeless(cannotStart(error)))
    if (child.pid === undefined) return
    const handle = new ProcessorHandle(id, child, child.pid)
    handle.host = this.#options.configuration.host?.name ?? null
    this.#handles.set(id, handle)
    this.#limit(handle)
    listener.onStarted(handle)
    const onDying = (): void => {
      if (handle.status !== 'starting') this.lose(handle, 'its process ended')
    }
    handle.watchEnd(child, onDying, () => {
      this.#handles.delete(id)
      shares?.release(handle.pid)
      this.lose(handle, `its process ${handle.ending}`)
      listener.onEnded(handle)
    })
  }

  #limit({ pid }: ProcessorHandle): void {
    const { shares, listener } = this.#options
    try {
      shares?.admit(pid)
    } catch (error) {
      const { message } = error as Error
      listener.onHopeless(new UsageError(`a processor cannot be given its share of processor time: ${message}`))
    }
  }

  /** A process has ended, or is of no use any more, and is ended. */
  lose(handle: ProcessorHandle, why: string, byItself = true): void {
    const { status } = handle
    this.#lastLines.strikeOff(handle)
    this.#judge?.forget(handle)
    if (status === 'gone' || this.#isStopped) return
    handle.status = 'gone'
    handle.signal('SIGKILL')
    if (status === 'starting') this.#noteEarlyEnding(handle, why, byItself)
    this.#options.listener.onLost(handle, why, status === 'serving')
  }

  /** Whether processors hear that they are heard: not where the crew itself hears nobody who could count on them. */
  echo(echoes: boolean): void {
    this.#echoes = echoes
  }

  /** The run is over: nobody is watched over any more. */
  stop(): void {
    this.#isStopped = true
    this.#watch.stop()
    this.#starts.stop()
    this.#judge?.stop()
  }

  /** Ends every process, frozen ones too, and waits until they are gone. `flushes`: asks for the last of the trace first. */
  async close(flushes: boolean): Promise<void> {
    this.stop()
    if (flushes) await this.#lastLines.gather(this.living)
    await endAll(this.living)
    await this.#reception.close()
  }

  #listen(handle: ProcessorHandle, link: Link): void {
    link.onClose = ({ kind, detail }) => {
      if (kind === 'damaged') this.lose(handle, `its heartbeats are damaged (${detail})`)
    }
    handle.noteHeart(link.peer?.thread)
    link.onMessage = () => {
      this.#watch.heard(handle)
      // So that its processor knows that it is heard.
      if (this.#echoes) link.send({})
    }
  }

  #configure(handle: ProcessorHandle, link: Link): void {
    handle.link = link
    link.onClose = ({ kind, detail }) =>
      this.lose(handle, kind === 'damaged' ? `it sent what is no message (${detail})` : 'its connection closed')
    link.onMessage = (message) => {
      const problem = newsProblem(message)
      if (problem === null) this.#receive(handle, message as FromProcessor)
      else link.reject(problem)
    }
    handle.send({ type: 'configure', configuration: this.#options.configuration })
  }

  #receive(handle: ProcessorHandle, message: FromProcessor): void {
    const { listener } = this.#options
    if (message.type === 'flushed') this.#lastLines.strikeOff(handle)
    else if (message.type === 'trace') listener.onNews(handle, message)
    else if (this.#isStopped) return
    else if (message.type === 'ready') this.#enlist(handle, message.address)
    else if (!isLinkNews(message)) listener.onNews(handle, message)
    else if (this.#judge) this.#judge.note(handle, message)
    else listener.onLinkNews(handle, message)
  }

  #enlist(handle: ProcessorHandle, address: string | null): void {
    this.#early.reset()
    handle.address = address
    // Its first beat may never come, if it is frozen right now.
    this.#watch.heard(handle)
    handle.status = 'serving'
    this.#options.listener.onReady(handle)
  }

  #noteEarlyEnding(handle: ProcessorHandle, why: string, byItself: boolean): void {
    const { listener } = this.#options
    const tooMany = this.#early.note(handle.id, this.#started)
    if (tooMany !== null)
      handle.whenEnded(() => listener.onHopeless(describeEndings('processors', tooMany, why, handle, byItself)))
  }

  #noteSilent(handle: ProcessorHandle): void {
    // A processor that is starting holds nothing yet, so there is nothing to wait for.
    if (handle.status === 'starting') this.lose(handle, 'it does not get ready', false)
    else this.#options.listener.onSilent(handle, 'its heartbeats are missing')
  }
}

function cannotStart(error: Error): Error {
  const refusal = refusalText(error)
  return refusal === null ? new Error(`cannot start a processor: ${error.message}`) : new UsageError(refusal)
}
