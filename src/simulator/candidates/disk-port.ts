import type { ConductorEvent, StorageOrder } from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import type { SimulatedManifests } from '../disk/manifests.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { CandidateEnd, Links } from '../world/links.ts'

/**
 * The disk where the conductor may be lost: it obeys whoever conducts in the newest epoch, and says what it holds (C7).
 * Checked: once somebody has asked it, it does nothing for anybody before, and one manifest is written at a time.
 */
export class DiskPort {
  readonly #manifests: SimulatedManifests
  readonly #links: Links
  readonly #canary: Pick<Canary, 'diskObeysStale'> | undefined
  readonly #report: (violation: Violation) => void
  #epoch = 0
  /** Who is answered. */
  #follows: CandidateEnd | null = null
  /** Who has asked last; null: nobody has taken over yet. */
  #asker: CandidateEnd | null = null

  constructor(
    manifests: SimulatedManifests,
    links: Links,
    canary: Pick<Canary, 'diskObeysStale'> | undefined,
    report: (violation: Violation) => void,
  ) {
    this.#manifests = manifests
    this.#links = links
    this.#canary = canary
    this.#report = report
  }

  take(from: CandidateEnd, epoch: number, order: StorageOrder): void {
    if (epoch < this.#epoch && !this.#obeysStale(order)) {
      this.#links.put('disk', from, { type: 'refused', epoch: this.#epoch })
      return
    }
    if (order.type === 'askDisk') this.#asker = from
    else if (this.#asker !== null && this.#asker !== from) {
      this.#report({ kind: 'STALE ORDER', detail: `the disk, from ${from}, which conducted before: ${order.type}` })
    }
    this.#epoch = Math.max(epoch, this.#epoch)
    this.#follows = from
    if (order.type === 'askDisk') this.answer({ type: 'diskHolds', epoch, ...this.#manifests.holds })
    else if (order.type === 'seal') this.#seal(order)
    else this.#manifests.tell(order)
  }

  #obeysStale({ type }: StorageOrder): boolean {
    return type !== 'askDisk' && this.#canary?.diskObeysStale === (type === 'seal' ? 'seal' : 'clear')
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
