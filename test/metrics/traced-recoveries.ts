import type { TraceRecord } from '../../src/trace/index.ts'

/** R and its parts, as a trace tells them. */
export interface TracedRecovery {
  /** Places. */
  readonly lost: readonly string[]
  /** From the fault to its detection; null where the trace does not tell of all the faults. */
  readonly detectMs: number | null
  readonly rebuildMs: number
  readonly resumeMs: number
  readonly totalMs: number
}

interface OpenRecovery {
  epoch: number
  readonly lost: string[]
  readonly hitMs: number | null
  readonly detectedMs: number
  /** Whether programs go back; they compute on where only check processors were lost. */
  rollback: boolean
  restoredMs: number | null
  readonly computing: Set<string>
}

/** Follows recoveries through the lines of a trace. A loss that interrupts one becomes part of it. */
export class RecoveryBook {
  readonly finished: TracedRecovery[] = []
  readonly #processes: number
  readonly #holders = new Map<string, number>()
  readonly #hitMs = new Map<number, number>()
  /** The start of the machine is a recovery too, but none to tell of. */
  #hasBegun = false
  #open: OpenRecovery | null = null

  constructor(records: readonly TraceRecord[]) {
    this.#processes = new Set(records.map(({ place }) => place).filter((place) => /^a\d/.test(place))).size
  }

  noteConductor({ at, what }: TraceRecord): void {
    switch (what.type) {
      case 'fault':
        if (what.fault === 'thaw') this.#hitMs.delete(what.processor)
        else this.#hitMs.set(what.processor, at)
        return
      case 'assign':
        this.#holders.set(what.place, what.processor)
        return
      case 'recoveryBegan':
        if (this.#hasBegun) this.#begin(at, what.epoch, what.lost)
        return
      case 'send':
        if (what.frame.type === 'recover' && this.#open) this.#open.rollback &&= what.frame.rollback
        return
      case 'resumed':
        this.#restored(at)
        return
      default:
    }
  }

  noteProcessor({ at, epoch, place, what }: TraceRecord): void {
    if (what.type !== 'computing' || this.#open?.epoch !== epoch) return
    this.#open.computing.add(place)
    if (this.#open.computing.size === this.#processes) this.#close(this.#open, at)
  }

  #begin(at: number, epoch: number, lost: readonly string[]): void {
    const times = lost.map((place) => this.#hitMs.get(this.#holders.get(place) ?? -1) ?? null)
    const hitMs = times.length === 0 || times.includes(null) ? null : Math.min(...times.map(Number))
    const fresh = {
      epoch,
      lost: [],
      hitMs,
      detectedMs: at,
      rollback: true,
      restoredMs: null,
      computing: new Set<string>(),
    }
    this.#open ??= fresh
    this.#open.epoch = epoch
    this.#open.lost.push(...lost)
    this.#open.rollback = true
    this.#open.restoredMs = null
    this.#open.computing.clear()
  }

  #restored(at: number): void {
    this.#hasBegun = true
    if (!this.#open) return
    this.#open.restoredMs = at
    if (!this.#open.rollback) this.#close(this.#open, at)
  }

  #close(open: OpenRecovery, at: number): void {
    const restoredMs = open.restoredMs ?? at
    const detectMs = open.hitMs === null ? null : open.detectedMs - open.hitMs
    const rebuildMs = restoredMs - open.detectedMs
    const resumeMs = open.rollback ? at - restoredMs : 0
    const totalMs = (detectMs ?? 0) + rebuildMs + resumeMs
    this.finished.push({ lost: open.lost, detectMs, rebuildMs, resumeMs, totalMs })
    this.#open = null
  }
}
