import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { monotonicMs } from '../wire/control.ts'
import { decodeBeat, encodeBeat, readTag, tagOf } from './beat.ts'

interface BeatenRun {
  readonly tag: Buffer
  readonly key: Uint8Array
  /** When its newest beat was sent, by the launcher's clock. */
  sentMs: number
  onBeat(): void
}

/** A daemon's end of the beats of all runs: answers those that it can authenticate. */
export class BeatAnswerer {
  readonly #socket: Socket
  readonly #runs = new Map<string, BeatenRun>()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (datagram, from) => this.#answer(datagram, from))
  }

  /** `host`: a name, or an address of version 4 or 6. Throws Error where something else listens there, or it has no address. */
  static async listen(host: string, port: number): Promise<BeatAnswerer> {
    const { address, family } = await lookup(host)
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    socket.bind(port, address)
    try {
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw error
    }
    socket.on('error', () => {})
    return new BeatAnswerer(socket)
  }

  /** From now on the run's beats are answered, and each is told. */
  admit(run: string, key: Uint8Array, onBeat: () => void): void {
    const tag = tagOf(run)
    this.#runs.set(tag.toString('hex'), { tag, key, sentMs: Number.NEGATIVE_INFINITY, onBeat })
  }

  forget(run: string): void {
    this.#runs.delete(tagOf(run).toString('hex'))
  }

  close(): void {
    this.#socket.close()
  }

  #answer(datagram: Uint8Array, { address, port }: RemoteInfo): void {
    const run = this.#runs.get(readTag(datagram)?.toString('hex') ?? '')
    const beat = run && decodeBeat(datagram, run.tag, run.key)
    if (!run || beat?.kind !== 'beat' || beat.sentMs <= run.sentMs) return
    run.sentMs = beat.sentMs
    run.onBeat()
    const answer = encodeBeat({ kind: 'answer', sentMs: beat.sentMs, atMs: monotonicMs() }, run.tag, run.key)
    this.#socket.send(answer, port, address, () => {})
  }
}
