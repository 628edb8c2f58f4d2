import { messageOf, UsageError } from '../../base/index.ts'
import { type Link, type Listener, ResumedLinks, tcpAddress, tcpFabric } from '../../fabric/index.ts'
import { loadAddon } from '../../memory/native/index.ts'
import { BeatAnswerer } from '../beats/beat-answerer.ts'
import { BundleStore } from '../bundle/bundle-store.ts'
import { withRunFolder } from '../local/run-folder.ts'
import type { FromDaemon, LauncherHello } from '../wire/hosting.ts'
import { launcherProblem } from '../wire/validate-hosting.ts'
import { HearingWatch } from './hearing-watch.ts'
import { HostedRun } from './hosted-run.ts'

/** Why what is here is lost. */
const ending = 'its daemon was told to end'

export interface HostDaemonOptions {
  /** The host's name. */
  readonly name: string
  /** Where it listens, for connections and for datagrams. */
  readonly address: string
  readonly port: number
  /** Where the programs of runs are kept, also when the daemon has ended. */
  readonly bundlesFolder: string
  /** Of Paritas: launchers of other versions are refused. */
  readonly version: string
  /** The most processors that it starts, of all runs together; null for any number. */
  readonly processorsMax: number | null
  onNews(news: DaemonNews): void
}

/** What a daemon has to say, for people. */
export type DaemonNews =
  | { readonly type: 'runBegan'; readonly run: string }
  | { readonly type: 'runEnded'; readonly run: string }
  /** A connection that was no launcher's of this version, or had nothing to say. */
  | { readonly type: 'turnedAway'; readonly why: string }

/** What each host runs: takes the processors of runs in, for their launchers, and ends them. */
export class HostDaemon {
  readonly #options: HostDaemonOptions
  readonly #runs = new Map<string, Promise<void>>()
  readonly #hosted = new Set<HostedRun>()
  readonly #links = new ResumedLinks({ onLink: (link) => this.#welcome(link) })
  #listener: Listener | null = null
  #beats: BeatAnswerer | null = null
  #bundles: Promise<BundleStore> | null = null
  #isClosing = false

  constructor(options: HostDaemonOptions) {
    this.#options = options
  }

  /** Throws a `UsageError` where it cannot listen, or keep programs. */
  async open(): Promise<void> {
    const { address, port, bundlesFolder, onNews } = this.#options
    const where = tcpAddress(address, port)
    try {
      this.#beats = await BeatAnswerer.listen(address, port)
      this.#listener = await tcpFabric().listen(
        where,
        (connection) => this.#accept(connection),
        (why) => onNews({ type: 'turnedAway', why }),
      )
    } catch (error) {
      this.#beats?.close()
      throw cannotListen(where, error)
    }
    // Not before: where it cannot listen it leaves nothing.
    this.#bundles = BundleStore.open(bundlesFolder)
    await this.#bundles.catch(async (error: unknown) => {
      await this.close()
      throw error
    })
  }

  /** Ends all runs' processors, and listens no more. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#listener?.close('keep')
    for (const hosted of this.#hosted) hosted.leave(ending)
    await Promise.all(this.#runs.values())
    this.#beats?.close()
  }

  #accept(connection: Link): void {
    if (this.#links.accept(connection)) return
    this.#options.onNews({ type: 'turnedAway', why: 'it is no link that is resumed' })
    connection.destroy()
  }

  #welcome(link: Link): void {
    const problem = launcherProblem(link.peer)
    if (problem !== null) {
      this.#options.onNews({ type: 'turnedAway', why: problem })
      link.destroy()
      return
    }
    const hello = link.peer as unknown as LauncherHello
    const { run } = hello
    const refusal = this.#refusal(hello)
    if (refusal === null) this.#runs.set(run, this.#take(link, run))
    else refuse(link, refusal)
  }

  /** Of the processors of all runs. */
  get #hasRoom(): boolean {
    const { processorsMax } = this.#options
    if (processorsMax === null) return true
    let count = 0
    for (const hosted of this.#hosted) count += hosted.processorCount
    return count < processorsMax
  }

  async #take(link: Link, run: string): Promise<void> {
    const { onNews } = this.#options
    onNews({ type: 'runBegan', run })
    try {
      await this.#host(link, run)
    } catch (error) {
      refuse(link, `host ${this.#options.name}: ${messageOf(error)}`)
    }
    this.#runs.delete(run)
    onNews({ type: 'runEnded', run })
  }

  #refusal({ run, host, version }: LauncherHello): string | null {
    const { name, version: own } = this.#options
    if (version !== own)
      return `host ${name} has Paritas ${own}, and the run is of ${version}: install the same on both`
    if (host !== name) return `host ${name} is there, and not ${host}: are two addresses in the file exchanged?`
    return this.#runs.has(run) ? `host ${name} has this run already` : null
  }

  /** Until nothing of the run is left here. */
  async #host(link: Link, run: string): Promise<void> {
    const bundles = await this.#bundles!
    await withRunFolder(async (folder) => {
      const hearing = new HearingWatch({
        onChange: (isHeard) => hosted.noteHeard(isHeard),
        onGone: () => hosted.leave('its daemon has not heard the command for long'),
      })
      const onOpened = (key: Uint8Array): void => this.#beats?.admit(run, key, () => hearing.heard())
      const host = { name: this.#options.name, address: this.#options.address, ports: null }
      const room = (): boolean => this.#hasRoom
      const hosted = new HostedRun({ link, host, folder, bundles, addon: loadAddon().path, room, onOpened })
      this.#hosted.add(hosted)
      try {
        if (this.#isClosing) hosted.leave(ending)
        hearing.start()
        await hosted.closed
      } finally {
        hearing.stop()
        this.#hosted.delete(hosted)
        this.#beats?.forget(run)
      }
    })
  }
}

function refuse(link: Link, reason: string): void {
  const refused: FromDaemon = { type: 'refused', reason }
  link.send(refused)
  link.close()
}

function cannotListen(where: string, error: unknown): UsageError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const { message, code } = cause as NodeJS.ErrnoException
  const why = code === undefined ? undefined : listenTexts[code]
  return new UsageError(`the daemon cannot listen on ${where}: ${why ?? message}`)
}

const listenTexts: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; choose a port above 1023',
  EADDRINUSE: 'something else listens there; end that, or give this host another port in the file of hosts',
  EADDRNOTAVAIL: 'this computer has no such address; is --name the name of this computer?',
  ENOTFOUND: 'the name has no address; give the address itself in the file of hosts',
}
