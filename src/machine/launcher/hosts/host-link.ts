import { randomBytes } from 'node:crypto'
import type { ProcessorId } from '../../../base/index.ts'
import { type Link, tcpAddress } from '../../../fabric/index.ts'
import { beatKeyBytes } from '../../beats/beat.ts'
import type { BeatSender, BeatSenderOptions } from '../../beats/beat-sender.ts'
import { BundleSender } from '../../bundle/bundle-sender.ts'
import type { ProgramBundle } from '../../bundle/program-bundle.ts'
import type { RunHost } from '../../run.ts'
import type { FromDaemon, LauncherHello, ToDaemon } from '../../wire/hosting.ts'
import { fromDaemonProblem } from '../../wire/validate-hosting.ts'
import { RemoteProcessor } from './remote-processor.ts'
import { SecondLook } from './second-look.ts'

/** Whom a link to a host tells. */
export interface HostLinkListener {
  /** It takes processors now. */
  onUp(host: HostLink): void
  /** Its daemon is there no more, and all that it had is lost; or it has refused, or was never there. */
  onGone(host: HostLink, why: string): void
  /** Its daemon has answered a beat. */
  onBeat(host: HostLink): void
  /** What its daemon says of a processor there. */
  onProcessor(processor: RemoteProcessor, told: ToldOfProcessor): void
  onStarting(): void
  onHopeless(host: HostLink, reason: string, isUsage: boolean): void
  onWarning(host: HostLink, text: string): void
}

export type ToldOfProcessor = Exclude<
  Extract<FromDaemon, { readonly processor: ProcessorId }>,
  { type: 'started' | 'ended' }
>

/** The launcher's end of the beats to a daemon. */
export type HostBeats = Pick<BeatSender, 'clock' | 'close'>

/** It has been silent for so long that its daemon has ended all that was there, and will not come back to it. */
const absenceMsMax = 30_000

/** A daemon that takes processors has to answer a datagram within this. */
const firstAnswerMsMax = 3000

export interface HostLinkOptions {
  readonly host: RunHost
  readonly hello: Omit<LauncherHello, 'host'>
  readonly opening: Omit<Extract<ToDaemon, { type: 'open' }>, 'type' | 'beatKey'>
  /** The run's program, for a daemon that has not got it. */
  readonly bundle: ProgramBundle
  connect(host: RunHost, hello: LauncherHello): Promise<Link>
  /** Whether anybody listens at a host, by its kernel; never where nothing comes back. */
  knock(host: RunHost): Promise<'there' | 'refused'>
  /** Has beats go to a daemon, whose answers are told. */
  beat(options: BeatSenderOptions): HostBeats
  readonly listener: HostLinkListener
}

/** A run's link to one host: its daemon's voice, and the processors there. */
export class HostLink {
  readonly host: RunHost
  readonly #options: HostLinkOptions
  readonly #processors = new Map<ProcessorId, RemoteProcessor>()
  readonly #beatKey = randomBytes(beatKeyBytes)
  #link: Link | null = null
  #sender: BundleSender | null = null
  #beats: HostBeats | null = null
  /** Why it was given up; null while it is not. */
  #whyGivenUp: string | null = null
  #settleClosed: (() => void) | null = null
  readonly look: SecondLook
  #isOpened = false
  #settleOpen: (() => void) | null = null
  /** Until it has answered first, and then while it is silent. */
  #patience: NodeJS.Timeout | null = null
  /** connecting: it has yet to say that it takes processors; gone: it will not, or not any more. */
  status: 'connecting' | 'up' | 'gone' = 'connecting'
  /** Null before it has answered a beat. */
  lastHeardMs: number | null = null
  /** Beats are not answered. */
  silent = false

  constructor(options: HostLinkOptions) {
    this.#options = options
    this.host = options.host
    this.look = new SecondLook(() => options.knock(options.host))
  }

  /** All whose process has not ended, oldest first. */
  get processors(): RemoteProcessor[] {
    return [...this.#processors.values()]
  }

  find(id: ProcessorId): RemoteProcessor | null {
    return this.#processors.get(id) ?? null
  }

  /** By how much its clock is ahead of this computer's, in milliseconds. */
  get clockOffsetMs(): number {
    return this.#beats?.clock.offsetMs ?? 0
  }

  /** Resolves when it is up or gone. */
  async open(): Promise<void> {
    const { connect, host, hello } = this.#options
    try {
      const link = await connect(host, { ...hello, host: host.name })
      if (this.status === 'gone') link.destroy()
      else await this.#use(link)
    } catch (error) {
      this.#end((error as Error).message)
    }
  }

  start(id: ProcessorId): void {
    if (!this.#link) return
    this.#processors.set(id, new RemoteProcessor(id, this.host.name, this.#link))
    this.tell({ type: 'start', processor: id })
  }

  tell(order: ToDaemon): void {
    this.#link?.send(order)
  }

  /** Ends all processors there. Resolves when none is left, or the host is silent or gone. */
  async close(flushes: boolean): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#settleClosed = resolve
    })
    this.tell({ type: 'close', flushes })
    if (this.status === 'up' && !this.silent) await closed
    this.destroy()
  }

  /** It answers no more: it has so long to come back, and nobody waits for its last words. */
  fellSilent(): void {
    this.#settleClosed?.()
    this.#limit(absenceMsMax, `it has not answered for ${absenceMsMax / 1000} s`)
  }

  /** It answers again. */
  heardAgain(): void {
    this.#limit(null, '')
  }

  /** It is of no use any more: all that is there is lost, and the link is over. */
  giveUp(why: string): void {
    this.#whyGivenUp = why
    if (this.#link) this.#link.destroy()
    else this.#end(why)
  }

  #limit(ms: number | null, why: string): void {
    if (this.#patience) clearTimeout(this.#patience)
    this.#patience = ms === null ? null : setTimeout(() => this.giveUp(why), ms)
  }

  /** Waits for nothing any more. */
  destroy(): void {
    this.status = 'gone'
    this.#limit(null, '')
    this.#beats?.close()
    this.#link?.destroy()
    this.#settleClosed?.()
    this.#settleOpen?.()
  }

  #use(link: Link): Promise<void> {
    const { bundle } = this.#options
    this.#link = link
    this.#sender = new BundleSender(link, (digest) => (digest === bundle.digest ? bundle : null))
    return new Promise((settle) => {
      this.#settleOpen = settle
      link.onClose = ({ detail }) => this.#end(this.#whyGivenUp ?? detail)
      link.onMessage = (message) => {
        const problem = fromDaemonProblem(message)
        if (problem === null) this.#hear(message as FromDaemon)
        else link.reject(problem)
      }
      this.tell({ type: 'open', ...this.#options.opening, beatKey: this.#beatKey })
      this.#beat()
    })
  }

  #end(why: string): void {
    this.#settleClosed?.()
    this.#settleOpen?.()
    this.#limit(null, '')
    if (this.status === 'gone') return
    this.status = 'gone'
    this.#beats?.close()
    for (const processor of this.processors) processor.ended('was lost with its host')
    this.#options.listener.onGone(this, why)
  }

  #beat(): void {
    const { host, hello, beat, listener } = this.#options
    const onAnswer = (): void => {
      this.look.heard()
      listener.onBeat(this)
      this.#noteUp()
    }
    this.#beats = beat({ host: host.address, port: host.port, run: hello.run, key: this.#beatKey, onAnswer })
  }

  /** It takes processors, and both hear each other. */
  #noteUp(): void {
    if (this.status !== 'connecting' || !this.#isOpened || this.lastHeardMs === null) return
    this.status = 'up'
    this.#limit(null, '')
    this.#options.listener.onUp(this)
    this.#settleOpen?.()
  }

  #hear(message: FromDaemon): void {
    const { listener } = this.#options
    switch (message.type) {
      case 'opened':
        // Said twice, it would be waited for twice.
        if (this.#isOpened) return
        this.#isOpened = true
        this.#limit(
          firstAnswerMsMax,
          `it answers no datagrams at ${tcpAddress(this.host.address, this.host.port)} (UDP): is there a firewall between?`,
        )
        this.#noteUp()
        return
      case 'bundleWanted': {
        const problem = this.#sender?.answer(message) ?? null
        if (problem !== null) this.#link?.reject(problem)
        return
      }
      case 'starting':
        listener.onStarting()
        return
      case 'hopeless':
        listener.onHopeless(this, message.reason, message.isUsage)
        return
      case 'warning':
        listener.onWarning(this, message.text)
        return
      case 'refused':
      case 'leaving':
        this.giveUp(message.reason)
        return
      case 'closed':
        this.#settleClosed?.()
        return
      default:
        this.#hearOf(message)
    }
  }

  #hearOf(message: Extract<FromDaemon, { readonly processor: ProcessorId }>): void {
    const processor = this.find(message.processor)
    if (!processor) return
    if (message.type === 'started') processor.pid = message.pid
    else if (message.type === 'ended') {
      // A daemon that ends it says why before; it is lost however that came about.
      const why = `its process ${message.ending}`
      if (processor.status !== 'gone')
        this.#options.listener.onProcessor(processor, { type: 'lost', processor: processor.id, why })
      this.#processors.delete(processor.id)
      processor.ended(message.ending)
    } else this.#options.listener.onProcessor(processor, message)
  }
}
