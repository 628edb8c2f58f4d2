import { setTimeout as delay } from 'node:timers/promises'
import { type ProcessorId, processorId, UsageError } from '../../../base/index.ts'
import type { HostWithRoom } from '../../../placement/index.ts'
import { beatIntervalMs } from '../../beats/beat-sender.ts'
import type { ProgramBundle } from '../../bundle/program-bundle.ts'
import type { RunHost } from '../../run.ts'
import type { CrewListener } from '../crew/crew.ts'
import { isLinkNews, LinkJudge } from '../crew/link-judge.ts'
import type { ProcessorHandle } from '../crew/processor-handle.ts'
import { SilenceWatch } from '../crew/silence-watch.ts'
import type { RunCrew } from '../run-crew.ts'
import { HostLink, type HostLinkListener, type HostLinkOptions, type ToldOfProcessor } from './host-link.ts'
import { onOwnClock } from './own-clock.ts'
import type { RemoteProcessor } from './remote-processor.ts'

/** A host that is not there, or not any more, is looked for again so often. */
const againMs = 1000

/** Whom the hosts of a run tell: what a crew tells, and what befalls all processors of a host together. */
export interface HostsListener extends Omit<CrewListener, 'standingOf' | 'onLinkNews'> {
  standingOf(handle: ProcessorHandle): number
  /** They were lost with their host. Those that had not been ready, or were replaced, are among them. */
  onHostLost(host: string, handles: readonly ProcessorHandle[], why: string): void
  /** Their host is silent, and so are they. */
  onHostSilent(host: string, handles: readonly ProcessorHandle[], why: string): void
  /** Their host is heard again. */
  onHostHeard(host: string, handles: readonly ProcessorHandle[]): void
  /** It takes processors, now or again. */
  onHostUp(host: string): void
}

export interface HostsOptions {
  readonly hosts: readonly RunHost[]
  /** So many places the run has. */
  readonly places: number
  readonly hello: HostLinkOptions['hello']
  readonly opening: HostLinkOptions['opening']
  readonly bundle: ProgramBundle
  readonly connect: HostLinkOptions['connect']
  readonly knock: HostLinkOptions['knock']
  readonly beat: HostLinkOptions['beat']
  readonly listener: HostsListener
}

/** The processors of one run on all of its hosts. */
export class Hosts implements RunCrew {
  readonly #options: HostsOptions
  /** In the order of the list; one for each host, and another one when it comes back. */
  readonly #links = new Map<string, HostLink>()
  readonly #watch: SilenceWatch<HostLink>
  readonly #judge: LinkJudge
  /** Hosts that are away, and were told of as such. */
  readonly #away = new Set<string>()
  /** Hosts on which no processor can be started: nobody looks for them again. */
  readonly #hopeless = new Set<string>()
  #started = 0
  #isOpen = false
  readonly #stopping = new AbortController()

  constructor(options: HostsOptions) {
    const { listener } = options
    this.#options = options
    this.#watch = new SilenceWatch<HostLink>({
      handles: () => this.#up,
      sightOf: () => null,
      intervalMs: beatIntervalMs,
      isLost: (link, silentMs) => link.look.isLost(silentMs),
      onSlow: () => {},
      onSilent: (link) => this.#noteSilent(link),
      onHeard: (link) => this.#noteHeard(link),
    })
    this.#judge = new LinkJudge({
      find: (id) => this.find(id),
      isWell: (handle) => handle.status === 'serving' && !handle.silent,
      standingOf: (handle) => listener.standingOf(handle),
      onGivenUp: (handle, why) => {
        const remote = this.find(handle.id)
        remote?.noteOwn(true)
        this.#linkOf(handle)?.tell({ type: 'giveUp', processor: handle.id })
        listener.onSilent(handle, why)
      },
    })
  }

  get #up(): HostLink[] {
    return [...this.#links.values()].filter(({ status }) => status === 'up')
  }

  get living(): RemoteProcessor[] {
    return this.#up.flatMap(({ processors }) => processors).sort((one, other) => one.id - other.id)
  }

  find(id: ProcessorId): RemoteProcessor | null {
    for (const link of this.#up) {
      const handle = link.find(id)
      if (handle) return handle
    }
    return null
  }

  /** Resolves when each host takes processors or has been found not to. Throws a `UsageError` if none does. */
  async open(): Promise<void> {
    await Promise.all(this.#options.hosts.map((host) => this.#open(host)))
    if (this.#up.length === 0) throw new UsageError('none of the hosts takes processors: see what was said of each')
    const room = this.hosts.reduce((sum, one) => sum + (one.room ?? Number.POSITIVE_INFINITY), 0)
    if (room < this.#options.places) throw new UsageError(tooLittle(room, this.#up.length, this.#options.places))
    this.#isOpen = true
    this.#watch.start()
  }

  get hosts(): HostWithRoom[] {
    return this.#heard.map((link) => {
      const { name, processorsMax } = link.host
      return { name, room: processorsMax === null ? null : Math.max(0, processorsMax - countStaying(link)) }
    })
  }

  get #heard(): HostLink[] {
    return this.#up.filter(({ silent }) => !silent)
  }

  start(host: string | null): void {
    const link = this.#heard.find((one) => one.host.name === host)
    if (link === undefined) return
    this.#started += 1
    link.start(processorId(this.#started))
  }

  lose(handle: ProcessorHandle, why: string): void {
    this.#linkOf(handle)?.tell({ type: 'lose', processor: handle.id, why })
  }

  stop(): void {
    this.#stopping.abort()
    this.#judge.stop()
  }

  async close(flushes: boolean): Promise<void> {
    this.stop()
    // Until then: one that falls silent is not waited for.
    await Promise.all([...this.#links.values()].map((link) => link.close(flushes)))
    this.#watch.stop()
  }

  #linkOf({ host }: ProcessorHandle): HostLink | null {
    return host === null ? null : (this.#links.get(host) ?? null)
  }

  async #open(host: RunHost): Promise<void> {
    const { hello, opening, bundle, connect, knock, beat } = this.#options
    const link = new HostLink({ host, hello, opening, bundle, connect, knock, beat, listener: this.#listener })
    this.#links.set(host.name, link)
    await link.open()
  }

  readonly #listener: HostLinkListener = {
    onUp: (link) => {
      this.#watch.heard(link)
      this.#away.delete(link.host.name)
      if (this.#isOpen) this.#options.listener.onHostUp(link.host.name)
    },
    onGone: (link, why) => this.#noteGone(link, why),
    onBeat: (link) => this.#watch.heard(link),
    onProcessor: (processor, told) => this.#note(processor, told),
    onStarting: () => {
      const all = this.living
      const ready = all.filter(({ status }) => status === 'serving').length
      this.#options.listener.onStarting(ready, all.length)
    },
    onHopeless: (link, reason, isUsage) => {
      this.#hopeless.add(link.host.name)
      link.giveUp(reason)
      if (this.#up.length > 0) return
      const text = `host ${link.host.name}: ${reason}`
      this.#options.listener.onHopeless(isUsage ? new UsageError(text) : new Error(text))
    },
    onWarning: ({ host }, text) => this.#options.listener.onWarning(`host ${host.name}: ${text}`),
  }

  #noteGone(link: HostLink, why: string): void {
    const { listener } = this.#options
    const { host, processors } = link
    if (this.#stopping.signal.aborted) return
    const lost = processors.filter(({ status }) => status !== 'gone')
    for (const handle of lost) this.#judge.forget(handle)
    if (lost.length > 0) listener.onHostLost(host.name, lost, why)
    else if (!this.#away.has(host.name)) listener.onWarning(`host ${host.name} takes no processors: ${why}`)
    this.#away.add(host.name)
    for (const handle of lost) handle.status = 'gone'
    if (!this.#hopeless.has(host.name)) void this.#again(host)
  }

  async #again(host: RunHost): Promise<void> {
    await delay(againMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {})
    if (!this.#stopping.signal.aborted) await this.#open(host)
  }

  #noteSilent(link: HostLink): void {
    link.fellSilent()
    if (this.#stopping.signal.aborted) return
    const { listener } = this.#options
    const processors = link.processors.filter(({ status }) => status !== 'gone')
    const handles = processors.filter((handle) => handle.noteHost(true) && handle.status !== 'starting')
    listener.onHostSilent(link.host.name, handles, 'it does not answer')
    // One that is starting holds nothing yet, so there is nothing to wait for.
    for (const handle of processors.filter(({ status }) => status === 'starting')) {
      link.tell({ type: 'lose', processor: handle.id, why: 'it does not get ready' })
      handle.status = 'gone'
      listener.onLost(handle, 'its host does not answer', false)
    }
  }

  #noteHeard(link: HostLink): void {
    link.heardAgain()
    const handles = link.processors.filter((handle) => handle.noteHost(false))
    this.#options.listener.onHostHeard(link.host.name, handles)
  }

  #note(handle: RemoteProcessor, told: ToldOfProcessor): void {
    // The run is over: nothing is told any more but lines of the trace.
    if (this.#stopping.signal.aborted && !(told.type === 'news' && told.news.type === 'trace')) return
    const { listener } = this.#options
    switch (told.type) {
      case 'ready':
        handle.status = 'serving'
        handle.address = told.address
        listener.onReady(handle)
        return
      case 'lost': {
        const { status } = handle
        this.#judge.forget(handle)
        if (status === 'gone') return
        handle.status = 'gone'
        listener.onLost(handle, told.why, status === 'serving')
        return
      }
      case 'silent':
        if (handle.noteOwn(true)) listener.onSilent(handle, told.why)
        return
      case 'heard':
        if (handle.noteOwn(false)) listener.onHeard(handle)
        return
      case 'slow':
        listener.onSlow(handle, told.silentMs)
        return
      case 'news':
        this.#noteNews(handle, told.news)
    }
  }

  #noteNews(handle: RemoteProcessor, said: Extract<ToldOfProcessor, { type: 'news' }>['news']): void {
    const offsetMs = this.#linkOf(handle)?.clockOffsetMs ?? 0
    const news = onOwnClock(said, offsetMs)
    if (isLinkNews(news)) this.#judge.note(handle, news)
    else this.#options.listener.onNews(handle, news)
  }
}

/** Those that hold a place, or will be able to. */
function countStaying({ processors }: HostLink): number {
  return processors.filter(({ status }) => status === 'starting' || status === 'serving').length
}

function tooLittle(room: number, hosts: number, places: number): string {
  const are = hosts === 1 ? 'the one host that takes processors has' : `the ${hosts} hosts that take processors have`
  return `${are} room for ${room}, and the run has ${places}: add hosts, let them take more ('processors'), or use fewer processes (--processes)`
}
