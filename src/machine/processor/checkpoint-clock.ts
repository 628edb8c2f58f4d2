import { type FromProcessor, monotonicMs } from '../control.ts'
import type { CheckpointFigure } from '../run.ts'

type CaptureFigures = Omit<Extract<CheckpointFigure, { type: 'captured' }>, 'type' | 'checkpoint' | 'atMs'>

/** Times the checkpoints of one application processor: how long each held the program up, how long until its commit. */
export class CheckpointClock {
  readonly #tell: (message: FromProcessor) => void
  /** When the checkpoint that is asked for was asked for. */
  #requestedAtMs: number | null = null
  /** The same for the one that is captured and not yet committed. */
  #pending: { readonly checkpoint: number; readonly requestedAtMs: number } | null = null

  constructor(tell: (message: FromProcessor) => void) {
    this.#tell = tell
  }

  requested(): void {
    this.#requestedAtMs ??= monotonicMs()
  }

  /** One made to capture by a message counts from the capture: nobody waited for it before. */
  captured(checkpoint: number, { blockedMs, ...held }: CaptureFigures): void {
    const atMs = monotonicMs()
    this.#pending = { checkpoint, requestedAtMs: this.#requestedAtMs ?? atMs - blockedMs }
    this.#requestedAtMs = null
    this.#tell({ type: 'captured', checkpoint, atMs, blockedMs, ...held })
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
  }
}
