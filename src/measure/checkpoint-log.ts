import type { CheckpointFigure } from '../machine/index.ts'

/** What one checkpoint cost, once for each process unless it says otherwise. */
export interface CheckpointCost {
  readonly heldUpMs: readonly number[]
  /** From a process's request, or from its capture where it was told to, to the news of the commit. */
  readonly latencyMs: readonly number[]
  /** Sent to all check processors together. */
  readonly deltaBytes: readonly number[]
  /** Of the whole machine: from the last process's capture to the first news of the commit. */
  readonly commitMs: number
}

interface Entry {
  readonly heldUpMs: Map<number, number>
  readonly latencyMs: Map<number, number>
  readonly deltaBytes: Map<number, number>
  readonly committed: Set<number>
  lastCaptureMs: number
  firstNewsMs: number
}

/** Puts together what single processes tell of their checkpoints. */
export class CheckpointLog {
  readonly #processes: number
  readonly #nowMs: () => number
  readonly #entries = new Map<number, Entry>()
  /** The newest capture of each process. */
  readonly #latest = new Map<number, number>()

  /** `nowMs` is the clock that the figures' times are of. */
  constructor(processes: number, nowMs: () => number) {
    this.#processes = processes
    this.#nowMs = nowMs
  }

  note(rank: number, figure: CheckpointFigure): void {
    switch (figure.type) {
      case 'captured': {
        const entry = this.#entry(figure.checkpoint)
        this.#latest.set(rank, figure.checkpoint)
        if (figure.blockedMs !== null) entry.heldUpMs.set(rank, figure.blockedMs)
        entry.lastCaptureMs = Math.max(entry.lastCaptureMs, figure.atMs)
        return
      }
      case 'thawed':
        this.#entry(figure.checkpoint).heldUpMs.set(rank, figure.frozenMs)
        return
      case 'shipped': {
        const { deltaBytes } = this.#entry(this.#latest.get(rank) ?? 0)
        deltaBytes.set(rank, (deltaBytes.get(rank) ?? 0) + figure.deltaBytes)
        return
      }
      case 'committed': {
        const entry = this.#entry(figure.checkpoint)
        entry.committed.add(rank)
        entry.firstNewsMs = Math.min(entry.firstNewsMs, this.#nowMs())
        if (figure.latencyMs !== null) entry.latencyMs.set(rank, figure.latencyMs)
      }
    }
  }

  /** The newest checkpoint of which every process has told that it is committed; 0 before the first. */
  get complete(): number {
    let newest = 0
    for (const [checkpoint, { committed }] of this.#entries) {
      if (committed.size === this.#processes) newest = Math.max(newest, checkpoint)
    }
    return newest
  }

  costOf(checkpoint: number): CheckpointCost {
    const { heldUpMs, latencyMs, deltaBytes, lastCaptureMs, firstNewsMs } = this.#entry(checkpoint)
    return {
      heldUpMs: [...heldUpMs.values()],
      latencyMs: [...latencyMs.values()],
      deltaBytes: [...deltaBytes.values()],
      commitMs: Math.max(0, firstNewsMs - lastCaptureMs),
    }
  }

  #entry(checkpoint: number): Entry {
    const found = this.#entries.get(checkpoint)
    if (found) return found
    const entry: Entry = {
      ...{ heldUpMs: new Map(), latencyMs: new Map(), deltaBytes: new Map(), committed: new Set() },
      lastCaptureMs: Number.NEGATIVE_INFINITY,
      firstNewsMs: Number.POSITIVE_INFINITY,
    }
    this.#entries.set(checkpoint, entry)
    return entry
  }
}
