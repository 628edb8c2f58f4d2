import type { ConductorEvent, StorageOrder } from '../../protocol/index.ts'
import type { SimulatedManifests } from '../disk/manifests.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { CandidateEnd, Links } from '../world/links.ts'

/** Obeys whoever conducted before, where it is to write a manifest or to clear files away; null: never, as it should. */
type Broken = 'seal' | 'clear' | null

/**
 * The disk where the conductor may be lost: it obeys whoever conducts in the newest epoch, and says what it holds (C7).
 * Checked: once somebody has asked it, it does nothing for anybody before, and one manifest is written at a time.
 */
export class DiskPort {
  readonly #manifests: SimulatedManifests
  readonly #links: Links
  readonly #report: (violation: Violation) => void
  readonly #broken: Broken
  #epoch = 0
  /** Who is answered. */
  #follows: CandidateEnd | null = null
  /** Who has asked last, and in which epoch; null: nobody has taken over yet. */
  #asker: { readonly end: CandidateEnd; readonly epoch: number } | null = null

  constructor(
    manifests: SimulatedManifests,
    links: Links,
    report: (violation: Violation) => void,
    obeysStale: Broken = null,
  ) {
    this.#manifests = manifests
    this.#links = links
    this.#report = report
    this.#broken = obeysStale
  }

  take(from: CandidateEnd, epoch: number, order: StorageOrder): void {
    if (epoch < this.#epoch && !this.#obeysStale(order)) {
      this.#links.put('disk', from, { type: 'refused', epoch: this.#epoch })
      return
    }
    if (order.type === 'askDisk') this.#asker = { end: from, epoch }
    else if (this.#isStale(from, epoch, order)) {
      this.#report({ kind: 'STALE ORDER', detail: `the disk, from ${from}, which conducted before: ${order.type}` })
    }
    this.#epoch = Math.max(epoch, this.#epoch)
    this.#follows = from
    if (order.type === 'askDisk') this.answer({ type: 'diskHolds', epoch, ...this.#manifests.holds })
    else if (order.type === 'seal') this.#seal(order)
    else this.#manifests.tell(order)
  }

  /** Whoever takes over a run that is over begins no epoch and asks nothing, but says how it ended. */
  #isStale(from: CandidateEnd, epoch: number, order: StorageOrder): boolean {
    if (this.#asker === null || this.#asker.end === from) return false
    return epoch < this.#asker.epoch || order.type !== 'notStored' || !order.ends
  }

  #obeysStale({ type }: StorageOrder): boolean {
    return type !== 'askDisk' && this.#broken === (type === 'seal' ? 'seal' : 'clear')
  }

  #seal(order: Extract<StorageOrder, { type: 'seal' }>): void {
    if (this.#manifests.isSealing) {
      this.#report({ kind: 'UNBOUNDED', detail: `manifest ${order.sequence} is ordered while another is written` })
    }
    this.#manifests.seal(order)
  }

  /** What it has to say is for whom it obeys now. */
  answer(event: ConductorEvent): void {
    if (this.#follows !== null) this.#links.put('disk', this.#follows, { type: 'news', event })
  }
}
