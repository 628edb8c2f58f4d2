import { setTimeout as delay } from 'node:timers/promises'
import { type ProcessorId, processorId, UsageError } from '../../../base/index.ts'
import type { HostWithRoom } from '../../../placement/index.ts'
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
  readonly hello: HostLinkOptions['hello']
  readonly opening: HostLinkOptions['opening']
  readonly bundle: ProgramBundle
  readonly connect: HostLinkOptions['connect']
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
  #started = 0
  #isOpen = false
  readonly #stopping = new AbortController()

  constructor(options: HostsOptions) {
    const { listener } = options
    this.#options = options
    this.#watch = new SilenceWatch<HostLink>({
      handles: () => this.#up,
      sightOf: () => null,
      onSlow: () => {},
      onSilent: (link) => this.#noteSilent(link),
      onHeard: (link) => this.#noteHeard(link),
    })
    this.#judge = new LinkJudge({
      find: (id) => this.find(id),
      isWell: (handle) => handle.status === 'serving' && !handle.silent,
      standingOf: (handle) => listener.standingOf(handle),
      onGivenUp: (handle, why) => {
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
    this.#watch.stop()
    this.#judge.stop()
  }

  async close(flushes: boolean): Promise<void> {
    this.stop()
    await Promise.all([...this.#links.values()].map((link) => link.close(flushes)))
  }

  #linkOf({ host }: ProcessorHandle): HostLink | null {
    return host === null ? null : (this.#links.get(host) ?? null)
  }

  async #open(host: RunHost): Promise<void> {
    const { hello, opening, bundle, connect, beat } = this.#options
    const link = new HostLink({ host, hello, opening, bundle, connect, beat, listener: this.#listener })
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
    onHopeless: ({ host }, reason, isUsage) => {
      const text = `host ${host.name}: ${reason}`
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
    void this.#again(host)
  }

  async #again(host: RunHost): Promise<void> {
    await delay(againMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {})
    if (!this.#stopping.signal.aborted) await this.#open(host)
  }

  #noteSilent(link: HostLink): void {
    const handles = link.processors.filter(({ status, silent }) => status !== 'gone' && !silent)
    for (const handle of handles) {
      handle.silent = true
      handle.isHostSilent = true
    }
    this.#options.listener.onHostSilent(link.host.name, handles, 'its heartbeats are missing')
  }

  #noteHeard(link: HostLink): void {
    const handles = link.processors.filter(({ isHostSilent }) => isHostSilent)
    for (const handle of handles) {
      handle.silent = false
      handle.isHostSilent = false
    }
    this.#options.listener.onHostHeard(link.host.name, handles)
  }

  #note(handle: RemoteProcessor, told: ToldOfProcessor): void {
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
        if (handle.isHostSilent) return
        handle.silent = true
        listener.onSilent(handle, told.why)
        return
      case 'heard':
        handle.silent = handle.isHostSilent
        if (!handle.silent) listener.onHeard(handle)
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
