import type { Link } from '../../../fabric/index.ts'
import type { CandidateId } from '../../../protocol/index.ts'
import type { Store } from '../../../store/index.ts'
import { sightOfThread } from '../../local/process-sight.ts'
import { spawnConductor } from '../../local/processor-entry.ts'
import type { CandidateConfiguration, ConductorHello, FromConductor } from '../../wire/conducting.ts'
import { fromConductorProblem } from '../../wire/validate-conducting.ts'
import { describeEndings, EarlyEndings } from '../crew/early-endings.ts'
import { endAll } from '../crew/process-handle.ts'
import { SilenceWatch } from '../crew/silence-watch.ts'
import { StartWatch } from '../crew/start-watch.ts'
import { ConductorHandle } from './conductor-handle.ts'

export interface ConductorProcessesOptions {
  /** The run's own folder. */
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly store: Store
  configurationOf(id: CandidateId): CandidateConfiguration
  /** It can be told things. */
  onReady(handle: ConductorHandle): void
  onMessage(handle: ConductorHandle, message: Exclude<FromConductor, { type: 'store' }>): void
  /** It is gone. */
  onLost(handle: ConductorHandle, why: string): void
  onSilent(handle: ConductorHandle): void
  onHeard(handle: ConductorHandle): void
  /** It has not beaten for so long, though it lives: the computer is busy. */
  onSlow(handle: ConductorHandle, silentMs: number): void
  onHopeless(error: Error): void
}

/** The processes of those that may conduct: starts and ends them, keeps the links to them, and sees who is alive. */
export class ConductorProcesses {
  readonly #options: ConductorProcessesOptions
  readonly #handles = new Map<CandidateId, ConductorHandle>()
  readonly #watch: SilenceWatch<ConductorHandle>
  readonly #starts: StartWatch<ConductorHandle>
  readonly #early = new EarlyEndings()
  #started = 0
  #isStopped = false

  constructor(options: ConductorProcessesOptions) {
    this.#options = options
    this.#watch = new SilenceWatch({
      handles: () => this.living,
      sightOf: ({ pid, heart }) => (heart === null ? null : sightOfThread(pid, heart)),
      onSlow: (handle, silentMs) => options.onSlow(handle, silentMs),
      onSilent: (handle) => this.#noteSilent(handle),
      onHeard: (handle) => options.onHeard(handle),
    })
    this.#starts = new StartWatch({
      handles: () => this.living,
      // The processors' start takes longer, and is told of.
      onProgress: () => {},
      onStuck: (handle) => this.#lose(handle, 'it does not get ready', false),
      onHopeless: (error) => options.onHopeless(error),
    })
  }

  /** Those whose process has not ended, oldest first. */
  get living(): ConductorHandle[] {
    return [...this.#handles.values()].filter(({ status }) => status !== 'gone')
  }

  /** From here on the watch goes. */
  open(): void {
    this.#watch.start()
    this.#starts.start()
  }

  start(): void {
    this.#started += 1
    const { folder, environment, store, onHopeless } = this.#options
    const child = spawnConductor(folder, this.#started, environment)
    child.on('error', (error) => onHopeless(new Error(`cannot start a conductor: ${error.message}`)))
    if (child.pid === undefined) return
    const handle = new ConductorHandle(this.#started, child, child.pid, store)
    this.#handles.set(handle.id, handle)
    const onDying = (): void => {
      if (handle.status === 'serving') this.#lose(handle, 'its process ended')
    }
    handle.watchEnd(child, onDying, () => {
      this.#lose(handle, `its process ${handle.ending}`)
      this.#handles.delete(handle.id)
    })
  }

  /** A connection of a conductor. */
  welcome({ conductor, link: purpose, thread = null }: ConductorHello, link: Link): void {
    const handle = this.#handles.get(conductor)
    if (!handle || handle.status === 'gone' || this.#isStopped) link.destroy()
    else if (purpose === 'heartbeat') this.#listen(handle, thread, link)
    else this.#configure(handle, link)
  }

  #listen(handle: ConductorHandle, thread: number | null, link: Link): void {
    handle.noteHeart(thread)
    link.onClose = ({ kind, detail }) => {
      if (kind === 'damaged') this.#lose(handle, `its heartbeats are damaged (${detail})`)
    }
    link.onMessage = () => this.#watch.heard(handle)
  }

  #configure(handle: ConductorHandle, link: Link): void {
    const { configurationOf, onReady } = this.#options
    handle.link = link
    link.onClose = ({ kind, detail }) =>
      this.#lose(handle, kind === 'damaged' ? `it sent what is no message (${detail})` : 'its connection closed')
    link.onMessage = (message) => {
      const problem = fromConductorProblem(message) ?? this.#receive(handle, message as FromConductor)
      if (problem !== null) link.reject(problem)
    }
    handle.configure(configurationOf(handle.id))
    // Its first beat may never come, if it is frozen right now.
    this.#watch.heard(handle)
    handle.status = 'serving'
    this.#early.reset()
    onReady(handle)
  }

  /** Returns what is wrong with it, in one line; null if nothing is. */
  #receive(handle: ConductorHandle, message: FromConductor): string | null {
    if (message.type === 'store') return handle.store.take(message.message)
    // What one has sent that is gone was decided by nobody any more: whoever takes over says so again.
    const isObeyed = !this.#isStopped && handle.status !== 'gone'
    if (isObeyed || message.type === 'trace') this.#options.onMessage(handle, message)
    return null
  }

  #noteSilent(handle: ConductorHandle): void {
    if (handle.status === 'starting') this.#lose(handle, 'it does not get ready', false)
    else this.#options.onSilent(handle)
  }

  /** `byItself`: it was not given up. */
  #lose(handle: ConductorHandle, why: string, byItself = true): void {
    const { status } = handle
    if (status === 'gone') return
    handle.status = 'gone'
    handle.signal('SIGKILL')
    handle.store.close()
    if (this.#isStopped) return
    const { onLost, onHopeless } = this.#options
    const tooMany = status === 'starting' ? this.#early.note(handle.id, this.#started) : null
    if (tooMany === null) onLost(handle, why)
    else onHopeless(describeEndings('conductors', tooMany, why, handle, byItself))
  }

  /** The run is over: nobody is watched over any more. */
  stop(): void {
    this.#isStopped = true
    this.#watch.stop()
    this.#starts.stop()
  }

  /** Ends every process, frozen ones too, and waits until they are gone. */
  async close(): Promise<void> {
    this.stop()
    await endAll(this.#handles.values())
  }
}
