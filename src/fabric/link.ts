/** What one end says it is when it connects: a small plain object that means something to the owner only. */
export type Hello = Readonly<Record<string, unknown>>

/** Why a link is over. A killed peer looks like one that ended: the kernel closes its sockets in good order. */
export interface LinkEnd {
  /**
   * `closed`: by this side. `ended`: by the peer, between two frames. `lost`: the connection broke, or ended inside a
   * frame. `damaged`: what arrived is no frame, or none that the owner takes.
   */
  readonly kind: 'closed' | 'ended' | 'lost' | 'damaged'
  /** One line for people. */
  readonly detail: string
}

/** One connection to another processor. Messages arrive whole, once, and in the order they were sent in. */
export interface Link {
  /** The hello of the side that connected; null on that side itself, which knows whom it called. */
  readonly peer: Hello | null
  /** Bytes of frames given to `send` that the kernel has not taken; a write that is half taken counts in full. */
  readonly queuedBytes: number
  /** Bytes that have come so far, those of long fields that go beside the link too. */
  readonly receivedBytes: number
  /** True from `close`, `destroy` or the end of the connection on: nothing is sent any more. */
  readonly closed: boolean
  /** Longest frame that is sent or accepted, in bytes. */
  readonly frameBytesMax: number
  /**
   * Receives every message. Reading starts when it is set, and with it the watch for the peer's end: what arrives
   * before waits in the kernel. Binary fields arrive as `Uint8Array`s that own their memory, but for a long one that its
   * sender made in a slot: that one is lent until the handler returns, and must not be written to.
   */
  onMessage: ((message: unknown) => void) | null
  /** Called when bytes have come and a message is not whole yet: one that is long may be long on its way. */
  onPartial: (() => void) | null
  /**
   * Called while a message is handled: the field that is lent with it stays lent until the function that this returns is
   * called. Null where it has to be copied to be kept.
   */
  keepLent(): (() => void) | null
  /** Called exactly once, after the last message. */
  onClose: ((end: LinkEnd) => void) | null
  /**
   * Queues a plain object of what MessagePack knows. Never blocks; does nothing once closed. The frames of one turn
   * of the event loop leave together. A long binary field is not copied and must not change until it has left; one that
   * was made in a slot of the fabric's pool is looked after by the pool.
   *
   * Returns how long the frame is, in bytes; 0 if it is not sent.
   *
   * @throws RangeError when the frame is longer than the fabric's `frameBytesMax`
   */
  send(message: unknown): number
  /** Resolves when at most `bytes` (256 KiB if not given) are queued, or the link is closed. */
  whenDrained(bytes?: number): Promise<void>
  /** Delivers nothing until `resume`, and reads no more from the kernel, so the peer's queue fills. */
  pause(): void
  resume(): void
  /** Delivers nothing more, sends what is queued, then ends. Waits for as long as a peer that does not read. */
  close(): void
  /** Ends at once; what is queued is lost. */
  destroy(): void
  /** Ends at once as `damaged`: a message that arrived is none that the owner takes. `reason`: one line, which names it. */
  reject(reason: string): void
}

/** A way to reach processors: sockets of one kind. */
export interface Fabric {
  /**
   * Accepts connections; `onLink` gets each one after its hello, and sets the handlers before it returns or later.
   * `onTurnedAway` hears in one line of each one that was ended since it began with something else.
   *
   * @throws Error naming the address, when nothing can listen there
   */
  listen(address: string, onLink: (link: Link) => void, onTurnedAway?: (why: string) => void): Promise<Listener>
  /**
   * Opens a link and says `hello` on it.
   *
   * @throws Error naming the address, when nobody answers there
   */
  connect(address: string, hello: Hello): Promise<Link>
}

export interface Listener {
  /** Where the listener can be reached. */
  readonly address: string
  /** Accepts no more and frees the address. Accepted links stay open unless told; else waits until they are over. */
  close(links?: 'keep' | 'close' | 'destroy'): Promise<void>
}
