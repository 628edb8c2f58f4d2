import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { monotonicMs } from '../wire/control.ts'
import { decodeBeat, encodeBeat, tagOf } from './beat.ts'
import { ClockOffset } from './clock-offset.ts'

/** With one of twenty lost, six in a row are a matter of years. */
export const beatIntervalMs = 50

export interface BeatSenderOptions {
  readonly host: string
  readonly port: number
  readonly run: string
  readonly key: Uint8Array
  /** The daemon has answered. */
  onAnswer(): void
}

/** The launcher's end of the beats to one daemon. */
export class BeatSender {
  readonly #options: BeatSenderOptions
  readonly #socket: Socket
  readonly #tag: Buffer
  readonly clock = new ClockOffset()
  #timer: NodeJS.Timeout | null = null
  #answeredMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(options: BeatSenderOptions) {
    const { host, port, run } = options
    this.#options = options
    this.#tag = tagOf(run)
    this.#socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    // Nobody there: that is what missing answers say as well.
    this.#socket.on('error', () => {})
    this.#socket.on('message', (datagram) => this.#hear(datagram))
    this.#socket.connect(port, host, () => this.#begin())
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#timer) clearInterval(this.#timer)
    this.#socket.close()
  }

  #begin(): void {
    if (this.#isClosed) return
    this.#timer = setInterval(() => this.#beat(), beatIntervalMs)
    this.#beat()
  }

  #beat(): void {
    const beat = { kind: 'beat', sentMs: monotonicMs(), atMs: 0 } as const
    // A send that fails is like a datagram that is lost.
    this.#socket.send(encodeBeat(beat, this.#tag, this.#options.key), () => {})
  }

  /** Answers that come late, or twice, are none. */
  #hear(datagram: Uint8Array): void {
    const beat = decodeBeat(datagram, this.#tag, this.#options.key)
    const nowMs = monotonicMs()
    if (beat?.kind !== 'answer' || beat.sentMs <= this.#answeredMs || beat.sentMs > nowMs) return
    this.#answeredMs = beat.sentMs
    this.clock.note(beat.sentMs, beat.atMs, nowMs)
    this.#options.onAnswer()
  }
}
