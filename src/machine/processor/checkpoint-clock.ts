import type { CheckpointFigure } from '../run.ts'
import { type FromProcessor, monotonicMs } from '../wire/control.ts'

/** Processor time of all threads of this process. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

type Held = Omit<Extract<CheckpointFigure, { type: 'captured' }>, 'type' | 'checkpoint' | 'atMs' | 'blockedMs'>

/** Times the checkpoints of one application processor: how long each held the program up, how long until its commit. */
export class CheckpointClock {
  readonly #tell: (message: FromProcessor) => void
  /** When the checkpoint that is asked for was asked for. */
  #requestedAtMs: number | null = null
  /** When the one that is captured and not yet committed was asked for. */
  #pending: { readonly checkpoint: number; readonly requestedAtMs: number } | null = null

  /** A synchronous checkpoint: since when the program stands still, and when everything had arrived. */
  #freeze: { readonly sinceMs: number; readonly sinceCpuMs: number; drainedMs: number } | null = null

  constructor(tell: (message: FromProcessor) => void) {
    this.#tell = tell
  }

  requested(): void {
    this.#requestedAtMs ??= monotonicMs()
  }

  frozen(): void {
    const nowMs = monotonicMs()
    this.#freeze = { sinceMs: nowMs, sinceCpuMs: ownCpuMs(), drainedMs: nowMs }
  }

  /**
   * The capture has taken from `beganMs` to `atMs`. A processor that has not asked for it, but was made to capture by a
   * message, or to freeze by others, counts from there: nobody waited for it before.
   */
  captured(
    checkpoint: number,
    { beganMs, atMs }: { readonly beganMs: number; readonly atMs: number },
    held: Held,
  ): void {
    const freeze = this.#freeze
    if (freeze) freeze.drainedMs = Math.max(freeze.sinceMs, beganMs)
    this.#pending = { checkpoint, requestedAtMs: this.#requestedAtMs ?? freeze?.sinceMs ?? beganMs }
    this.#requestedAtMs = null
    this.#tell({ type: 'captured', checkpoint, atMs, blockedMs: freeze ? null : atMs - beganMs, ...held })
  }

  thawed(checkpoint: number): void {
    if (!this.#freeze) return
    const { sinceMs, sinceCpuMs, drainedMs } = this.#freeze
    this.#freeze = null
    const [frozenMs, cpuMs] = [monotonicMs() - sinceMs, ownCpuMs() - sinceCpuMs]
    this.#tell({ type: 'thawed', checkpoint, frozenMs, drainMs: drainedMs - sinceMs, cpuMs })
  }

  committed(checkpoint: number): void {
    const latencyMs = this.#pending?.checkpoint === checkpoint ? monotonicMs() - this.#pending.requestedAtMs : null
    this.#pending = null
    this.#tell({ type: 'committed', checkpoint, latencyMs })
  }

  /** Back at a checkpoint: what was under way is void. */
  wentBack(): void {
    this.#requestedAtMs = null
    this.#pending = null
    this.#freeze = null
  }
}
