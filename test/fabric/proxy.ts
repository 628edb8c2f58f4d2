/** Stands between the two ends of links, and does to their bytes what networks do. */
import { connect, createServer, type ListenOptions, type NetConnectOpts, type Server, type Socket } from 'node:net'

/**
 * cut: the frame and all behind it are lost, and the connection breaks; halve: so it does in the middle of the frame;
 * delay: nothing passes for a while; swallow: nothing passes any more, either way, and nobody hears of an end;
 * mute: the same for answers alone.
 */
export type StrikeKind = 'cut' | 'halve' | 'delay' | 'swallow' | 'mute'
export const strikeKinds: readonly StrikeKind[] = ['cut', 'halve', 'delay', 'swallow', 'mute']

export interface ProxyOptions {
  readonly listen: ListenOptions
  readonly target: NetConnectOpts
  /** What befalls the next frame on its way to the target; null for nothing. `frames`: how many passed before, on all links. */
  strike(frames: number, frame: Uint8Array): StrikeKind | null
  /** Each frame that passes, whole. */
  onFrame?(frame: Uint8Array, link: number): void
  readonly delayMs?: number
  /** It is frames from the target that are looked at, and struck. */
  readonly isReversed?: boolean
  /** So many bytes pass in each millisecond, that way; all at once if not given. */
  readonly bytesPerMs?: number
}

export class LinkProxy {
  readonly #options: ProxyOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #frames = 0
  #links = 0
  /** How often it struck. */
  strikes = 0

  constructor(options: ProxyOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (near) => this.#join(near))
  }

  get links(): number {
    return this.#links
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#options.listen, resolve)
    })
    return this
  }

  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.breakAll()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(near: Socket): void {
    const far = connect(this.#options.target)
    const link = this.#links
    this.#links += 1
    const [from, to] = this.#options.isReversed ? [far, near] : [near, far]
    new ProxiedLink(from, to, this.#options, (frame) => this.#next(frame, link)).open()
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    }
  }

  #next(frame: Uint8Array, link: number): StrikeKind | null {
    const kind = this.#options.strike(this.#frames, frame)
    this.#frames += 1
    if (kind === null) this.#options.onFrame?.(frame, link)
    else this.strikes += 1
    return kind
  }
}

/** Looks at the frames that `near` sends. */
class ProxiedLink {
  readonly #near: Socket
  readonly #far: Socket
  readonly #delayMs: number
  readonly #bytesPerMs: number | null
  readonly #next: (frame: Uint8Array) => StrikeKind | null
  #bytes: Buffer = Buffer.alloc(0)
  #isMute = false
  #isDeaf = false
  #isDelayed = false
  #isEnded = false

  constructor(near: Socket, far: Socket, options: ProxyOptions, next: (frame: Uint8Array) => StrikeKind | null) {
    this.#near = near
    this.#far = far
    this.#delayMs = options.delayMs ?? 20
    this.#bytesPerMs = options.bytesPerMs ?? null
    this.#next = next
  }

  open(): void {
    const [near, far] = [this.#near, this.#far]
    if (this.#bytesPerMs !== null) this.#passSlowly(this.#bytesPerMs)
    else {
      near.on('data', (chunk: Buffer) => {
        this.#bytes = Buffer.concat([this.#bytes, chunk])
        this.#pass()
      })
    }
    far.on('data', (chunk: Buffer) => {
      if (!this.#isMute) near.write(chunk)
    })
    near.on('end', () => {
      this.#isEnded = true
      this.#pass()
    })
    far.on('end', () => near.end())
    for (const socket of [near, far]) socket.on('error', () => this.#break())
    for (const socket of [near, far]) socket.on('close', () => this.#isDeaf || this.#break())
  }

  /** A narrow network: what does not get through waits at its sender's. */
  #passSlowly(bytesPerMs: number): void {
    this.#near.on('data', (chunk: Buffer) => {
      this.#near.pause()
      this.#far.write(chunk)
      setTimeout(() => this.#near.resume(), chunk.length / bytesPerMs)
    })
  }

  #pass(): void {
    if (this.#isDelayed) return
    while (!this.#isDeaf && this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readUInt32LE(0)) {
      const length = 4 + this.#bytes.readUInt32LE(0)
      const frame = this.#bytes.subarray(0, length)
      const kind = this.#next(frame)
      if (kind !== null && kind !== 'mute') {
        this.#strike(kind, frame)
        return
      }
      this.#isMute ||= kind === 'mute'
      this.#far.write(frame)
      this.#bytes = this.#bytes.subarray(length)
    }
    if (this.#isEnded && !this.#isDeaf) this.#far.end()
  }

  #strike(kind: Exclude<StrikeKind, 'mute'>, frame: Uint8Array): void {
    if (kind === 'swallow') {
      this.#isDeaf = this.#isMute = true
      return
    }
    if (kind === 'delay') {
      this.#isDelayed = true
      setTimeout(() => {
        this.#far.write(frame)
        this.#bytes = this.#bytes.subarray(frame.length)
        this.#isDelayed = false
        this.#pass()
      }, this.#delayMs).unref()
      return
    }
    this.#isDeaf = true
    if (kind === 'cut') this.#break()
    else this.#far.write(frame.subarray(0, frame.length >> 1), () => this.#break())
  }

  #break(): void {
    this.#isDeaf = true
    this.#near.destroy()
    this.#far.destroy()
  }
}
