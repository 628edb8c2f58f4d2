import { randomBytes } from 'node:crypto'
import { assert } from '../base/index.ts'

/** How long the nonce is that lies behind the slots of an arena. */
export const nonceBytes = 32

/** Memory that other processes of this computer can map, without a name in any file system. */
export interface MemorySharing {
  /** Throws Error. Others can open the memory until its descriptor is closed. */
  create(bytes: number): { readonly buffer: ArrayBuffer; readonly descriptor: number }
  /** Gives a part of it memory, without which it must not be touched. Throws Error. */
  allocate(descriptor: number, offset: number, bytes: number): void
  /** What another process has made, to be read only: writing to it ends this process. Throws Error. */
  open(pid: number, descriptor: number, bytes: number): ArrayBuffer
  close(descriptor: number): void
}

export interface SlotPoolOptions {
  readonly slotBytes: number
  readonly slots: number
  /** How many slots are kept from those who can wait; 0 if not given. */
  readonly reservedSlots?: number
  /** Null where memory cannot be shared: the slots serve all the same, and what is in them goes through sockets. */
  readonly sharing: MemorySharing | null
}

/** A piece of an arena that holds one long field on its way. */
export interface Slot {
  readonly arena: Arena
  readonly index: number
  /** How many links still need what is in it. */
  holds: number
  /** Whether the system has given it memory. */
  hasMemory: boolean
}

/** All slots, in one piece of memory, and where it is shared a nonce behind them. */
export interface Arena {
  readonly buffer: ArrayBuffer
  readonly slotBytes: number
  /** Null where the memory is not shared, or not any more. */
  descriptor: number | null
  /** No other memory has it: whoever finds it in what he has mapped has mapped this arena. Empty where nothing is shared. */
  readonly nonce: Uint8Array
}

/**
 * Where long fields are made that are about to be sent: in a few slots that are used again and again, so that sending
 * makes no garbage and what is written is still in the caches when it is read. A slot can leave on several links; it is
 * free again when each has said that it is through with it.
 */
export class SlotPool {
  readonly sharing: MemorySharing | null
  readonly #slotBytes: number
  readonly #slots: number
  readonly #reservedSlots: number
  #arena: Arena | null = null
  /** Free slots of the present arena, the one that was used last first. */
  #free: Slot[] = []
  readonly #slotsOf = new WeakMap<ArrayBufferLike, readonly Slot[]>()
  /** The slots that the work under way has taken. */
  #taken: Slot[] | null = null
  #waiters: { readonly mayTakeLast: boolean; readonly resolve: () => void }[] = []

  constructor({ slotBytes, slots, reservedSlots = 0, sharing }: SlotPoolOptions) {
    assert(reservedSlots < slots, 'slots: some are left for those who can wait')
    this.#slotBytes = slotBytes
    this.#slots = slots
    this.#reservedSlots = reservedSlots
    this.sharing = sharing
  }

  /** Memory for a field of this length: a slot while one is free and `using` runs, else memory of its own. */
  readonly room = (bytes: number): Uint8Array => {
    const slot = this.#taken && bytes > 0 && bytes <= this.#slotBytes ? this.#take() : null
    // Not zeroed, as `new Uint8Array` would.
    if (!slot) return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
    this.#taken!.push(slot)
    return new Uint8Array(slot.arena.buffer, slot.index * this.#slotBytes, bytes)
  }

  /** Runs `work`, which makes fields in rooms and sends them. What it sent nowhere is free again afterwards. */
  using<Result>(work: () => Result): Result {
    assert(this.#taken === null, 'slots: one work at a time')
    const taken: Slot[] = []
    this.#taken = taken
    try {
      return work()
    } finally {
      this.#taken = null
      for (const slot of taken) this.release(slot)
    }
  }

  /** The slot in which a field was made, if it was made in one: at its start, which is where receivers look for it. */
  slotOf(field: Uint8Array): Slot | null {
    return this.#slotsOf.get(field.buffer)?.[field.byteOffset / this.#slotBytes] ?? null
  }

  hold(slot: Slot): void {
    slot.holds += 1
  }

  release(slot: Slot): void {
    assert(slot.holds > 0, 'slots: only what is held is released')
    slot.holds -= 1
    if (slot.holds > 0 || slot.arena !== this.#arena) return
    this.#free.push(slot)
    this.#wake()
  }

  /** Has the system give memory to the first of the next `count` free slots that has none. False: there is none, or it does not. */
  prepareOne(count: number): boolean {
    this.#arena ??= this.#makeArena()
    const next = this.#free.slice(-count).findLast(({ hasMemory }) => !hasMemory)
    return next !== undefined && this.#hasMemory(next)
  }

  /** What the slots take of the system's memory. */
  get bytes(): number {
    const slots = this.#arena === null ? [] : (this.#slotsOf.get(this.#arena.buffer) ?? [])
    return slots.filter(({ hasMemory }) => hasMemory).length * this.#slotBytes
  }

  /** Resolves when a slot is free, at least for a moment. `mayTakeLast`: also one of those that are reserved. */
  whenFree(mayTakeLast = false): Promise<void> {
    if (this.isFreeFor(mayTakeLast)) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ mayTakeLast, resolve }))
  }

  /** Whether fields that are made now may lie in slots. */
  get isMaking(): boolean {
    return this.#taken !== null
  }

  get isFree(): boolean {
    return this.isFreeFor(false)
  }

  isFreeFor(mayTakeLast: boolean): boolean {
    return this.#arena === null || this.#free.length > (mayTakeLast ? 0 : this.#reservedSlots)
  }

  /** None of its slots is used again, since somebody may still be reading in one of them. */
  retire(arena: Arena): void {
    if (arena !== this.#arena) return
    if (arena.descriptor !== null) this.sharing?.close(arena.descriptor)
    arena.descriptor = null
    this.#arena = null
    this.#free = []
    this.#wake()
  }

  #take(): Slot | null {
    this.#arena ??= this.#makeArena()
    const slot = this.#free.at(-1)
    if (!slot || !this.#hasMemory(slot)) return null
    this.#free.pop()
    slot.holds = 1
    return slot
  }

  #makeArena(): Arena {
    const arena: Arena = { ...this.#memory(this.#slots * this.#slotBytes), slotBytes: this.#slotBytes }
    const hasMemory = arena.descriptor === null
    const slots = Array.from({ length: this.#slots }, (_, index): Slot => ({ arena, index, holds: 0, hasMemory }))
    this.#slotsOf.set(arena.buffer, slots)
    this.#free = slots.toReversed()
    return arena
  }

  /** Each gets it when it is used first: mostly a few are used again and again. */
  #hasMemory(slot: Slot): boolean {
    const { descriptor } = slot.arena
    if (slot.hasMemory || descriptor === null) return true
    try {
      this.sharing?.allocate(descriptor, slot.index * this.#slotBytes, this.#slotBytes)
      slot.hasMemory = true
    } catch {
      // The system has none left. What would lie there goes through the socket.
    }
    return slot.hasMemory
  }

  /** Where the system gives no shared memory, ordinary memory serves. */
  #memory(bytes: number): Pick<Arena, 'buffer' | 'descriptor' | 'nonce'> {
    try {
      if (this.sharing) return shared(this.sharing, bytes)
    } catch {
      // A system without memfd_create, or a limit on memory.
    }
    return { buffer: new ArrayBuffer(bytes), descriptor: null, nonce: new Uint8Array(0) }
  }

  /** Has those who wait look again, since there may be nothing left to wait for. */
  wakeAll(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const { resolve } of waiters) resolve()
  }

  #wake(): void {
    if (this.#waiters.length === 0) return
    const waiters = this.#waiters
    this.#waiters = waiters.filter(({ mayTakeLast }) => !this.isFreeFor(mayTakeLast))
    for (const { mayTakeLast, resolve } of waiters) if (this.isFreeFor(mayTakeLast)) resolve()
  }
}

/** So many bytes for slots, and a nonce behind them. */
function shared(sharing: MemorySharing, bytes: number): Pick<Arena, 'buffer' | 'descriptor' | 'nonce'> {
  const { buffer, descriptor } = sharing.create(bytes + nonceBytes)
  try {
    sharing.allocate(descriptor, bytes, nonceBytes)
  } catch (error) {
    sharing.close(descriptor)
    throw error
  }
  const nonce = new Uint8Array(randomBytes(nonceBytes))
  new Uint8Array(buffer, bytes).set(nonce)
  return { buffer, descriptor, nonce }
}
