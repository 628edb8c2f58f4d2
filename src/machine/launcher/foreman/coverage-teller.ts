import type { ErasureCode } from '../../../parity/index.ts'
import { furtherLosses, type Place } from '../../../protocol/index.ts'
import type { MachineView } from '../../wire/conducting.ts'

/** Tells when a loss leaves less that is covered, until all is whole again. */
export class CoverageTeller {
  readonly #code: ErasureCode | null
  readonly #tell: (missing: readonly Place[], furtherLosses: number) => void
  /** How many further losses were last told to be covered; null: all that the code covers. */
  #told: number | null = null

  constructor(code: ErasureCode | null, tell: (missing: readonly Place[], furtherLosses: number) => void) {
    this.#code = code
    this.#tell = tell
  }

  show({ missing, begun, fromDisk }: MachineView): void {
    const code = this.#code
    if (!begun || code === null || fromDisk) return
    const further = furtherLosses(code, new Set(missing))
    const isLess = further < (this.#told ?? furtherLosses(code, new Set()))
    const isWhole = missing.length === 0 && this.#told !== null
    if (!isLess && !isWhole) return
    this.#told = isWhole ? null : further
    this.#tell(missing, further)
  }
}
