/**
 * What must hold, checked from outside while a world runs. The oracle keeps a copy of everything that was captured.
 *
 * O1: the captured numbers of two processors differ by at most one.
 * O2: what check processors hold is the sum of the applications' memories at that checkpoint, as the code has it.
 * O3: what a processor goes back to is, byte for byte, what it captured.
 * O4: no message is consumed twice, and none that its sender, as it is now, has not sent.
 * O5: what a committed checkpoint's sender has sent and its receiver has not consumed lies in the sender's log, or, under
 *     a synchronous scheme, in the receiver's mailbox; a mailbox holds nothing else.
 * O6: output is released once, in order, and never taken back.
 * O7: memory and log are bounded to two intervals (bounds-check.ts says what that means).
 * O8: nothing is recycled before every copy of every check row holds the next checkpoint (recycling-check.ts).
 * O9: no frame of an old epoch takes effect (epoch-check.ts).
 * O10: no program is said to wait for ever that goes on (rest-check.ts, in random runs).
 * O12: what counts as stored on disk is durable (disk-check.ts).
 */
import type { Epoch, Rank } from '../../base/index.ts'
import type { LogRules } from '../../log/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { ErasureCode, ParityStore } from '../../parity/index.ts'
import { type Arrived, type DiskCheckpoint, decodeProcess, type Place, rowOf } from '../../protocol/index.ts'
import type { ApplicationHost } from '../world/application-host.ts'
import { type MemoryPages, memoryPages, noPages, PagesSum, samePages } from '../world/memory-pages.ts'
import { CapturedMessages } from './captured-messages.ts'
import { idOf, type Journal, type JournalEntry } from './journal.ts'
import { LiveCheck } from './live-check.ts'

export type ViolationKind =
  | 'LOST'
  | 'DUPLICATE'
  | 'ORPHAN'
  | 'OUT OF ORDER'
  | 'TAKEN BACK'
  | 'WRONG PARITY'
  | 'WRONG MEMORY'
  | 'TOO FAR AHEAD'
  | 'UNBOUNDED'
  | 'RECYCLED TOO EARLY'
  | 'OLD FRAME'
  | 'NOT DURABLE'
  | 'TOLD BEFORE AGREED'
  | 'STALE ORDER'
  | 'HOST NOT AS ONE'
  | 'BADLY PLACED'
  | 'STUCK'
  | 'ASSERTION'

export interface Violation {
  readonly kind: ViolationKind
  readonly detail: string
}

/** What one processor captured. */
interface Shadow {
  readonly epoch: Epoch
  readonly pages: MemoryPages
  readonly journal: Journal
  /** The process's own state, as it was captured. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/** One process as it is now: its journal, and what it has begun to consume. */
export interface LiveProcess {
  readonly rank: Rank
  readonly journal: Journal
  readonly consuming: readonly JournalEntry[]
}

export interface OracleOptions {
  readonly processes: number
  /** Null under the scheme `none`. */
  readonly code: ErasureCode | null
  readonly rules: LogRules
  readonly nameOf: (id: number) => string
  readonly report: (violation: Violation) => void
}

/** Mostly all pages at once: nothing changes while the oracle reads. */
const batch = 128

export class Oracle {
  readonly #processes: number
  readonly #code: ErasureCode | null
  readonly #rules: LogRules
  readonly #nameOf: (id: number) => string
  readonly #report: (violation: Violation) => void
  readonly #shadows = new Map<string, Shadow>()
  readonly #released = new Map<Rank, number[]>()
  readonly #live: LiveCheck
  /** By row, what it was compared with last. */
  readonly #parity: { checkpoint: number; readonly sum: PagesSum }[] = []
  readonly #committed = new Set<number>()

  constructor(options: OracleOptions) {
    this.#processes = options.processes
    this.#code = options.code
    this.#rules = options.rules
    this.#nameOf = options.nameOf
    this.#report = options.report
    this.#live = new LiveCheck({
      duplicate: (id, from, to) => this.#say('DUPLICATE', this.#nameOfMessage(id, from, to)),
      orphan: (id, from, to) => this.#say('ORPHAN', this.#nameOfMessage(id, from, to)),
      takenBack: (rank, index, id) => this.#say('TAKEN BACK', `output ${index} of a${rank}: ${this.#nameOf(id)}`),
    })
  }

  /** O1, O4 and O6: to be called whenever all processes compute in the same epoch. */
  checkNow(hosts: readonly ApplicationHost[]): void {
    this.#live.check(hosts, this.#released)
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    for (const { state } of hosts) {
      if (state.captured < least) least = state.captured
      if (state.captured > most) most = state.captured
    }
    if (most - least > 1) this.#say('TOO FAR AHEAD', `captured: ${hosts.map(({ state }) => state.captured).join(' ')}`)
  }

  /**
   * A processor that was replaced may still capture: that counts if its delta reaches a checkpoint processor that has
   * not heard of the loss either, but never once the rank has captured the checkpoint in a later epoch.
   */
  noteCapture({ state, memory: { real }, journal }: ApplicationHost, checkpoint: number): void {
    const { epoch } = state
    const key = keyOf(state.options.rank, checkpoint)
    if ((this.#shadows.get(key)?.epoch ?? 0) > epoch) return
    const pages = memoryPages(real.pages(checkpoint, batch))
    for (const known of this.#parity) if (known?.checkpoint === checkpoint) known.checkpoint = -1
    this.#shadows.set(key, { epoch, pages, journal: journal.copy(), blobs: real.blobs() })
  }

  /** O3. */
  noteRestored(rank: Rank, checkpoint: number, memory: ProtectedMemory): void {
    const actual = memoryPages(memory.pages(checkpoint, batch))
    const expected = this.#shadows.get(keyOf(rank, checkpoint))?.pages ?? noPages
    if (!samePages(actual, expected)) this.#say('WRONG MEMORY', `a${rank} at checkpoint ${checkpoint}`)
  }

  /** O2. */
  noteParity(place: Place, checkpoint: number, store: ParityStore): void {
    if (!this.#parityOf(rowOf(place)!, checkpoint).equals(memoryPages(store.pages(batch)))) {
      this.#say('WRONG PARITY', `${place} at checkpoint ${checkpoint}`)
    }
  }

  /** The row's sum of what all captured. Both its processors are compared with it, mostly with the same one. */
  #parityOf(row: number, checkpoint: number): PagesSum {
    this.#parity[row] ??= { checkpoint: -1, sum: new PagesSum() }
    const known = this.#parity[row]
    if (known.checkpoint === checkpoint) return known.sum
    known.checkpoint = checkpoint
    known.sum.clear()
    for (let rank = 0; rank < this.#processes; rank += 1) {
      const pages = this.#shadows.get(keyOf(rank, checkpoint))?.pages ?? noPages
      known.sum.add(pages, this.#code?.coefficient(row, rank) ?? 0)
    }
    return known.sum
  }

  /** O5, and O4 on the checkpoints themselves. */
  noteCommit(checkpoint: number): void {
    if (this.#committed.has(checkpoint)) return
    this.#committed.add(checkpoint)
    const shadows = Array.from({ length: this.#processes }, (_, rank) => this.#shadows.get(keyOf(rank, checkpoint)))
    if (!shadows.every((shadow) => shadow !== undefined)) return
    const messages = shadows.map(({ blobs }) => new CapturedMessages(this.#rules, blobs, checkpoint))
    const journals = shadows.map(({ journal }) => journal)
    this.#checkJournals(
      journals.map((journal, rank) => ({ rank, journal, consuming: messages[rank]!.arrived.map(entryOf) })),
    )
    const consumed = journals.map((journal) => idsOf(journal, 'consumed'))
    for (const [from, journal] of journals.entries()) {
      for (let row = 0; row < journal.count('sent'); row += 1) {
        const [to, id] = [journal.peerAt('sent', row), journal.idAt('sent', row)]
        if (!consumed[to]!.has(id)) this.#requireLogged(messages[from]!, messages[to]!, { from, to, id, checkpoint })
      }
    }
  }

  /** O4, on journals. */
  #checkJournals(processes: readonly LiveProcess[]): void {
    const sent = processes.map(({ journal }) => idsOf(journal, 'sent'))
    for (const { rank, journal, consuming } of processes) {
      const seen = new Set<number>()
      const check = (peer: Rank, id: number): void => {
        if (seen.has(id)) this.#say('DUPLICATE', this.#nameOfMessage(id, peer, rank))
        seen.add(id)
        if (!sent[peer]?.has(id)) this.#say('ORPHAN', this.#nameOfMessage(id, peer, rank))
      }
      for (let row = 0; row < journal.count('consumed'); row += 1) {
        check(journal.peerAt('consumed', row), journal.idAt('consumed', row))
      }
      for (const { peer, id } of consuming) check(peer, id)
    }
  }

  #nameOfMessage(id: number, from: Rank, to: Rank): string {
    return `${this.#nameOf(id)} from a${from} to a${to}`
  }

  /** O6, the first half: `index` counts the outputs of the rank. */
  noteReleased(rank: Rank, index: number, payload: Uint8Array): void {
    const released = this.#released.get(rank) ?? []
    this.#released.set(rank, released)
    if (index !== released.length) this.#say('OUT OF ORDER', `output ${index} of a${rank} after ${released.length}`)
    released.push(idOf(payload))
  }

  /**
   * F3: everybody goes back to the disk. Outputs count as the checkpoint says, which must be as it was captured; what is
   * released again stands in place of the rest. `isKept`: nothing else may have been released.
   */
  noteLineOnDisk({ checkpoint, outputs }: DiskCheckpoint, isKept: boolean): void {
    for (const known of this.#committed) if (known > checkpoint) this.#committed.delete(known)
    for (const [rank, { released }] of outputs.entries()) {
      const shadow = this.#shadows.get(keyOf(rank, checkpoint))
      const { outputs: waiting, nextOutput } = decodeProcess(shadow?.blobs ?? new Map())
      const counted = waiting[0]?.index ?? nextOutput
      if (released !== counted) {
        this.#say('TAKEN BACK', `checkpoint ${checkpoint} says ${released} outputs of a${rank}, which had ${counted}`)
      }
      const known = this.#released.get(rank) ?? []
      if (isKept && shadow) this.#checkReleased({ rank, journal: shadow.journal, consuming: [] })
      known.length = Math.min(known.length, counted)
    }
  }

  /** The power was cut: numbers of epochs begin again. `isNew`: so does the program. */
  powerWasCut(isNew: boolean): void {
    for (const [key, shadow] of this.#shadows) this.#shadows.set(key, { ...shadow, epoch: 0 })
    this.#committed.clear()
    if (isNew) this.#released.clear()
  }

  /** O6, the second half: what was released is what the process, as it is now, has put out. */
  #checkReleased({ rank, journal }: LiveProcess): void {
    for (const [index, id] of (this.#released.get(rank) ?? []).entries()) {
      if (index < journal.count('emitted') && journal.idAt('emitted', index) === id) continue
      this.#say('TAKEN BACK', `output ${index} of a${rank}: ${this.#nameOf(id)}`)
      return
    }
  }

  /** At the end everything that was sent is consumed, and everything put out is released. */
  checkFinished(processes: readonly LiveProcess[]): void {
    this.#checkJournals(processes)
    const consumed = processes.map(({ journal }) => idsOf(journal, 'consumed'))
    for (const process of processes) {
      const { rank, journal } = process
      for (let row = 0; row < journal.count('sent'); row += 1) {
        const [to, id] = [journal.peerAt('sent', row), journal.idAt('sent', row)]
        if (!consumed[to]!.has(id)) this.#say('LOST', this.#nameOfMessage(id, rank, to))
      }
      const [emitted, released] = [journal.count('emitted'), (this.#released.get(rank) ?? []).length]
      if (released !== emitted) this.#say('LOST', `a${rank} put out ${emitted}, ${released} were released`)
      this.#checkReleased(process)
    }
    this.#checkOrder(processes)
  }

  /** Ids ascend as messages are sent; of one channel and one tag they must be consumed in that order. */
  #checkOrder(processes: readonly LiveProcess[]): void {
    for (const { rank, journal } of processes) {
      const last = new Map<string, number>()
      for (let row = 0; row < journal.count('consumed'); row += 1) {
        const [peer, id] = [journal.peerAt('consumed', row), journal.idAt('consumed', row)]
        const channel = `${peer}/${this.#nameOf(id).replace(/\d+$/, '')}`
        if (id < (last.get(channel) ?? -1)) this.#say('OUT OF ORDER', this.#nameOfMessage(id, peer, rank))
        last.set(channel, id)
      }
    }
  }

  #requireLogged(
    sender: CapturedMessages,
    receiver: CapturedMessages,
    { from, to, id, checkpoint }: { from: Rank; to: Rank; id: number; checkpoint: number },
  ): void {
    const what = `${this.#nameOfMessage(id, from, to)} crosses checkpoint ${checkpoint}`
    const isHere = receiver.arrived.find((one) => idOf(one.payload) === id)
    const entry = isHere ?? sender.replayed.find((one) => one.to === to && idOf(one.payload) === id)
    if (!entry) this.#say('LOST', `${what}, nobody would send it again`)
    else if (this.#rules.wasConsumed(receiver.log, from, entry.sequence)) {
      this.#say('LOST', `${what}, its receiver would ignore it`)
    }
  }

  #say(kind: ViolationKind, detail: string): void {
    this.#report({ kind, detail })
  }
}

/** Sent already, and bound to be consumed. */
function entryOf({ from, payload }: Arrived): JournalEntry {
  return { peer: from, id: idOf(payload) }
}

function idsOf(journal: Journal, list: 'sent' | 'consumed'): Set<number> {
  const ids = new Set<number>()
  for (let row = 0; row < journal.count(list); row += 1) ids.add(journal.idAt(list, row))
  return ids
}

function keyOf(rank: Rank, checkpoint: number): string {
  return `${rank}/${checkpoint}`
}
