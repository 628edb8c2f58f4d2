import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns'
import { monotonicMs } from '../wire/control.ts'
import { decodeBeat, encodeBeat, tagOf } from './beat.ts'
import { ClockOffset } from './clock-offset.ts'

/**
 * Three in a row unanswered, or as many as three times the longest pause of late, have a host looked at a second time
 * (see second-look.ts). Where one datagram of twenty is lost each way, one answer of ten is missing: pauses of two come
 * every few seconds there, so that it takes five to nine in a row.
 */
export const beatIntervalMs = 50

/** A name that has no address is asked for again so often. */
const againMs = 500

export type LookUp = (
  name: string,
  found: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
) => void

export interface BeatSenderOptions {
  /** A name, or an address of version 4 or 6. */
  readonly host: string
  readonly port: number
  readonly run: string
  readonly key: Uint8Array
  /** The daemon has answered. */
  onAnswer(): void
  /** The address of a name, and 4 or 6; the system is asked if not given. */
  readonly lookUp?: LookUp
}

/** The launcher's end of the beats to one daemon. */
export class BeatSender {
  readonly #options: BeatSenderOptions
  #socket: Socket | null = null
  readonly #tag: Buffer
  readonly clock = new ClockOffset()
  #timer: NodeJS.Timeout | null = null
  #answeredMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(options: BeatSenderOptions) {
    this.#options = options
    this.#tag = tagOf(options.run)
    this.#resolve()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#timer) clearInterval(this.#timer)
    this.#socket?.close()
  }

  #resolve(): void {
    const { host, lookUp = lookup } = this.#options
    lookUp(host, (error, address, family) => {
      if (this.#isClosed) return
      // Nobody there: that is what missing answers say as well.
      if (error) this.#timer = setTimeout(() => this.#resolve(), againMs)
      else this.#begin(address, family)
    })
  }

  #begin(address: string, family: number): void {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (datagram) => this.#hear(datagram))
    socket.connect(this.#options.port, address, (error?: Error) => {
      if (this.#isClosed) return
      if (error) this.#again(socket)
      else this.#timer = setInterval(() => this.#beat(socket), beatIntervalMs)
    })
  }

  /** There is no way there, or not yet. */
  #again(socket: Socket): void {
    this.#socket = null
    socket.close()
    this.#timer = setTimeout(() => this.#resolve(), againMs)
  }

  #beat(socket: Socket): void {
    const beat = { kind: 'beat', sentMs: monotonicMs(), atMs: 0 } as const
    // A send that fails is like a datagram that is lost.
    socket.send(encodeBeat(beat, this.#tag, this.#options.key), () => {})
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
