import type { ErasureCode } from '../../../parity/index.ts'
import { furtherLosses, type Place, uncoveredHosts } from '../../../protocol/index.ts'
import type { MachineView } from '../../wire/conducting.ts'

/** Hosts whose loss is not covered, each with the places that are on it. */
export type UncoveredHosts = ReadonlyMap<string, readonly Place[]>

/** Whom the teller tells. */
interface Told {
  coverage(missing: readonly Place[], furtherLosses: number): void
  hostCoverage(uncovered: UncoveredHosts): void
}

/** Tells when a loss leaves less that is covered, until all is whole again; on hosts also which of them may not be lost then. */
export class CoverageTeller {
  readonly #code: ErasureCode | null
  readonly #tell: Told
  /** How many further losses were last told to be covered; null: all that the code covers. */
  #told: number | null = null
  /** The hosts that were last told not to be covered, as a text. */
  #toldHosts = ''
  /** Where places were when that was looked at. */
  #lookedAt = ''

  constructor(code: ErasureCode | null, tell: Told) {
    this.#code = code
    this.#tell = tell
  }

  /** `hosts`: of the places that are held; empty on one computer. */
  show({ missing, begun, fromDisk }: MachineView, hosts: ReadonlyMap<Place, string>): void {
    const code = this.#code
    if (!begun || code === null || fromDisk) return
    this.#showPlaces(code, missing)
    if (hosts.size > 0 && missing.length === 0) this.#showHosts(code, hosts)
  }

  #showPlaces(code: ErasureCode, missing: readonly Place[]): void {
    const further = furtherLosses(code, new Set(missing))
    const isLess = further < (this.#told ?? furtherLosses(code, new Set()))
    const isWhole = missing.length === 0 && this.#told !== null
    if (!isLess && !isWhole) return
    this.#told = isWhole ? null : further
    this.#tell.coverage(missing, further)
  }

  /** All is whole: what was placed where counts. */
  #showHosts(code: ErasureCode, hosts: ReadonlyMap<Place, string>): void {
    // A view comes with every commit, and hardly ever has anybody moved.
    const where = JSON.stringify([...hosts])
    if (where === this.#lookedAt) return
    this.#lookedAt = where
    const uncovered = uncoveredHosts(code, hosts, new Set())
    const text = [...uncovered].map(([host, places]) => `${host}: ${places.join(' ')}`).join(', ')
    if (text === this.#toldHosts) return
    this.#toldHosts = text
    this.#tell.hostCoverage(uncovered)
  }
}
