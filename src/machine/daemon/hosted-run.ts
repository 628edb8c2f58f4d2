import { isUsageError, messageOf, type ProcessorId } from '../../base/index.ts'
import type { Link } from '../../fabric/index.ts'
import { BundleReceiver } from '../bundle/bundle-receiver.ts'
import type { BundleStore, OpenBundle } from '../bundle/bundle-store.ts'
import { Crew, type CrewListener } from '../launcher/crew/crew.ts'
import type { ProcessorHandle } from '../launcher/crew/processor-handle.ts'
import { processorEnvironment } from '../local/processor-entry.ts'
import { type HostConfiguration, monotonicMs, type ToProcessor } from '../wire/control.ts'
import type { FromDaemon, HostedNews, ToDaemon } from '../wire/hosting.ts'
import { toDaemonProblem } from '../wire/validate-hosting.ts'

/** A processor for which there is no room is lost only after so long, since its launcher asks for another one at once. */
const refuseMs = 500

/** Where there was no room for so long, there will be none: what the launcher has replaced has ended by then. */
const noRoomMsMax = 10_000

type Opening = Extract<ToDaemon, { type: 'open' }>

export interface HostedRunOptions {
  readonly link: Link
  /** This host, as its processors are to know it. */
  readonly host: HostConfiguration
  /** The run's own folder on it. */
  readonly folder: string
  /** Where the programs of runs are kept. */
  readonly bundles: BundleStore
  /** Where the native addon is; null where there is none. */
  readonly addon: string | null
  /** Whether the host takes one more processor. */
  room(): boolean
  /** The run begins here, with the key of its beats. */
  onOpened(beatKey: Uint8Array): void
}

/** The processors that one run has on this host: their crew, and what goes between it and the run's launcher. */
export class HostedRun {
  readonly #options: HostedRunOptions
  readonly #receiver: BundleReceiver
  #bundle: OpenBundle | null = null
  #crew: Crew | null = null
  /** Processors can be started: the crew is open, and was not told to end. */
  #isOpen = false
  #isClosing = false
  #started = 0
  /** Since when there has been no room; null if there was at the last start. */
  #refusedSinceMs: number | null = null
  #opening: Promise<void> | null = null
  #settle: ((flushes: boolean) => void) | null = null
  /** Resolves when nothing of the run is left here. */
  readonly closed: Promise<void>

  constructor(options: HostedRunOptions) {
    const { link, bundles } = options
    this.#options = options
    this.#receiver = new BundleReceiver(bundles, (wanted) => this.#tell(wanted))
    const told = new Promise<boolean>((resolve) => {
      this.#settle = resolve
    })
    this.closed = told.then((flushes) => this.#end(flushes))
    link.onClose = ({ detail }) => {
      this.#receiver.close(detail)
      this.close(false)
    }
    link.onMessage = (message) => {
      const problem = toDaemonProblem(message)
      if (problem === null) this.#obey(message as ToDaemon)
      else link.reject(problem)
    }
  }

  /** Of those that hold a place or will be able to. */
  get processorCount(): number {
    const isStaying = ({ status, silent }: ProcessorHandle): boolean => status !== 'gone' && !silent
    return this.#crew?.living.filter(isStaying).length ?? 0
  }

  /** Whether the launcher is heard: processors hear that they are heard only if it is. */
  noteHeard(isHeard: boolean): void {
    this.#crew?.echo(isHeard)
  }

  /** Ends all that the run has here; `flushes`: asks its processors for the last of the trace first. */
  close(flushes: boolean): void {
    this.#isOpen = false
    this.#isClosing = true
    // A program that is on its way is not waited for.
    this.#receiver.close('the run is over')
    this.#settle?.(flushes)
  }

  /** The same, though the launcher has not told to: it hears why first. */
  leave(reason: string): void {
    this.#tell({ type: 'leaving', reason })
    this.close(false)
  }

  async #end(flushes: boolean): Promise<void> {
    await this.#opening
    await this.#crew?.close(flushes)
    await this.#bundle?.release()
    this.#tell({ type: 'closed' })
    this.#options.link.close()
  }

  #tell(message: FromDaemon): void {
    this.#options.link.send(message)
  }

  #obey(order: ToDaemon): void {
    if (order.type === 'open') {
      if (!this.#isClosing) this.#opening ??= this.#open(order)
    } else if (order.type === 'close') {
      this.close(order.flushes)
    } else if (order.type === 'bundlePart' || order.type === 'bundleMissing') {
      this.#receiver.take(order)
    } else if (order.type === 'start') {
      this.#start(order.processor)
    } else {
      const handle = this.#crew?.find(order.processor)
      if (handle) this.#do(order, handle)
    }
  }

  #start(id: ProcessorId): void {
    const { link, host, room } = this.#options
    // Its launcher may have ordered it before it heard that the run ends here.
    if (this.#isClosing) return
    if (!this.#isOpen) link.reject('a processor is to be started before processors can be')
    else if (id <= this.#started) link.reject(`processor ${id} is to be started behind processor ${this.#started}`)
    else {
      this.#started = id
      if (room()) {
        this.#refusedSinceMs = null
        this.#crew!.start(null, id)
      } else this.#refuse(id, `the host ${host.name} has as many processors as its own file of hosts allows`)
    }
  }

  /** Its launcher goes by another file than this host, or other runs have them, or it has given up processors that have not ended yet. */
  #refuse(processor: ProcessorId, why: string): void {
    const nowMs = monotonicMs()
    this.#refusedSinceMs ??= nowMs
    const isHopeless = nowMs - this.#refusedSinceMs > noRoomMsMax
    const tell = (): void => {
      this.#tell({ type: 'lost', processor, why })
      this.#tell({ type: 'ended', processor, ending: 'was never started' })
      if (isHopeless)
        this.#tell({
          type: 'hopeless',
          reason: `${why}: other runs have them, or the command goes by another file`,
          isUsage: true,
        })
    }
    setTimeout(tell, refuseMs).unref()
  }

  #do(order: Extract<ToDaemon, { type: 'tell' | 'signal' | 'giveUp' | 'lose' }>, handle: ProcessorHandle): void {
    switch (order.type) {
      case 'tell':
        this.#pass(handle, order.message)
        return
      case 'signal':
        handle.signal(order.signal)
        return
      case 'giveUp':
        handle.silent = true
        return
      case 'lose':
        this.#crew?.lose(handle, order.why)
    }
  }

  #pass(handle: ProcessorHandle, message: ToProcessor): void {
    // Whoever is told that it was replaced ends, and that is no loss.
    if (message.type === 'fenced') handle.status = 'gone'
    // Which processes of the run are on this host, to be woken at its end, is known here first.
    const pids = this.#crew?.living.map(({ pid }) => pid) ?? []
    handle.send(message.type === 'members' ? { ...message, pids } : message)
  }

  async #open({ configuration, digest, mayConnect, beatKey }: Opening): Promise<void> {
    const { host, folder, addon, onOpened } = this.#options
    // From now on, so that neither of the two takes the other for silent while the program comes.
    onOpened(beatKey)
    try {
      this.#bundle = await this.#receiver.obtain(digest)
    } catch (error) {
      this.#tell({ type: 'refused', reason: messageOf(error) })
      return
    }
    const { moduleUrl } = this.#bundle
    this.#crew = new Crew({
      folder,
      configuration: { ...configuration, moduleUrl, host },
      environment: processorEnvironment(process.env, { mayConnect, addon }),
      shares: null,
      ahead: null,
      listener: this.#listener(),
    })
    try {
      await this.#crew.open()
    } catch (error) {
      this.#tell({ type: 'refused', reason: messageOf(error) })
      return
    }
    this.#isOpen = !this.#isClosing
    this.#tell({ type: 'opened' })
  }

  /** All that the crew sees goes to the launcher, which knows the whole machine and decides. */
  #listener(): CrewListener {
    const tell = (message: FromDaemon): void => this.#tell(message)
    const tellNews = ({ id }: ProcessorHandle, news: HostedNews): void => tell({ type: 'news', processor: id, news })
    return {
      onStarted: ({ id, pid }) => tell({ type: 'started', processor: id, pid }),
      onReady: ({ id, address }) => tell({ type: 'ready', processor: id, address }),
      onNews: tellNews,
      standingOf: null,
      onLinkNews: tellNews,
      onLost: ({ id }, why) => tell({ type: 'lost', processor: id, why }),
      onEnded: ({ id, ending }) => tell({ type: 'ended', processor: id, ending: ending ?? 'ended' }),
      onSilent: ({ id }, why) => tell({ type: 'silent', processor: id, why }),
      onSlow: ({ id }, silentMs) => tell({ type: 'slow', processor: id, silentMs }),
      onStarting: () => tell({ type: 'starting' }),
      onHeard: ({ id }) => tell({ type: 'heard', processor: id }),
      onConductor: (_, link) => link.destroy(),
      onHopeless: (error) => tell({ type: 'hopeless', reason: error.message, isUsage: isUsageError(error) }),
      onWarning: (text) => tell({ type: 'warning', text }),
    }
  }
}
