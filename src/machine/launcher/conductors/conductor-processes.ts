import type { Socket } from 'node:net'
import type { Link } from '../../../fabric/index.ts'
import type { CandidateId } from '../../../protocol/index.ts'
import type { Store } from '../../../store/index.ts'
import { sightOfThread } from '../../local/process-sight.ts'
import { lifelineDescriptor, spawnConductor } from '../../local/processor-entry.ts'
import type { CandidateConfiguration, ConductorHello, FromConductor } from '../../wire/conducting.ts'
import { fromConductorProblem } from '../../wire/validate-conducting.ts'
import { SilenceWatch } from '../crew/silence-watch.ts'
import { ConductorHandle } from './conductor-handle.ts'

/** So many in a row that end before they are ready mean that none can be started. */
const earlyEndingsMax = 3

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
  #started = 0
  #earlyEndings = 0
  #isStopped = false

  constructor(options: ConductorProcessesOptions) {
    this.#options = options
    this.#watch = new SilenceWatch({
      handles: () => this.living,
      sightOf: ({ pid, heart }) => (heart === null ? null : sightOfThread(pid, heart)),
      onSlow: (handle, silentMs) => options.onSlow(handle, silentMs),
      onSilent: (handle) => options.onSilent(handle),
      onHeard: (handle) => options.onHeard(handle),
    })
  }

  /** Those whose process has not ended, oldest first. */
  get living(): ConductorHandle[] {
    return [...this.#handles.values()].filter(({ status }) => status !== 'gone')
  }

  /** From here on the watch goes. */
  open(): void {
    this.#watch.start()
  }

  start(): void {
    this.#started += 1
    const { folder, environment, store, onHopeless } = this.#options
    const child = spawnConductor(folder, this.#started, environment)
    child.on('error', (error) => onHopeless(new Error(`cannot start a conductor: ${error.message}`)))
    if (child.pid === undefined) return
    const handle = new ConductorHandle(this.#started, child, child.pid, store)
    this.#handles.set(handle.id, handle)
    const lifeline = child.stdio[lifelineDescriptor] as Socket
    lifeline.on('error', () => {})
    lifeline.on('close', () => {
      if (handle.status === 'serving') this.#lose(handle, 'its process ended')
    })
    lifeline.resume()
    child.on('exit', (code, signal) => {
      handle.ending = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
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
    handle.heart = Number.isSafeInteger(thread) ? thread : null
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
    handle.status = 'serving'
    this.#earlyEndings = 0
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

  #lose(handle: ConductorHandle, why: string): void {
    const { status } = handle
    if (status === 'gone') return
    handle.status = 'gone'
    handle.signal('SIGKILL')
    handle.store.close()
    if (this.#isStopped) return
    if (status === 'starting') {
      this.#earlyEndings += 1
      if (this.#earlyEndings >= earlyEndingsMax) {
        this.#options.onHopeless(
          new Error(`${earlyEndingsMax} conductors in a row ended before they were ready; the last: ${why}`),
        )
        return
      }
    }
    this.#options.onLost(handle, why)
  }

  /** The run is over: nobody is watched over any more. */
  stop(): void {
    this.#isStopped = true
    this.#watch.stop()
  }

  /** Ends every process, frozen ones too, and waits until they are gone. */
  async close(): Promise<void> {
    this.stop()
    const left = [...this.#handles.values()].filter(({ ending }) => ending === null)
    const endings = left.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)))
    for (const handle of left) handle.signal('SIGKILL')
    await Promise.all(endings)
  }
}
