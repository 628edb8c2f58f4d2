import type { Epoch, Rank } from '../../../base/index.ts'
import type { Place } from '../../../protocol/index.ts'
import type { DiskUse, Recovery, RunOutcome, Spread } from '../../run.ts'
import { type Measured, monotonicMs } from '../../wire/control.ts'
import { Samples } from './samples.ts'

/** A recovery that is not over. A loss before all is restored becomes part of it. */
interface OpenRecovery {
  epoch: Epoch
  rollback: boolean
  fromDisk: boolean
  readonly lost: Place[]
  /** When the first processor was hit, if that is known. */
  readonly lossMs: number | null
  readonly detectedMs: number
  line: number
  lostWorkMs: number
  restoredMs: number | null
  readonly computing: Set<Rank>
}

/** Adds up what a run costs, out of what its processors measure. */
export class Ledger {
  readonly #processes: number
  readonly #blockedMs = new Samples()
  readonly #latencyMs = new Samples()
  readonly #frozenMs = new Samples()
  readonly #drainMs = new Samples()
  readonly #recoveries: Recovery[] = []
  /** When each rank captured its checkpoints that may still become a recovery line. */
  readonly #capturedMs = new Map<Rank, Map<number, number>>()
  readonly #disk: { newest: number | null; before: number; bytes: number; readonly writeMs: Samples } | null
  #deltaBytes = 0
  #committed = 0
  #beganMs: number | null = null
  #endedMs: number | null = null
  #open: OpenRecovery | null = null
  /** All is restored, and yet another is lost before every program computes again: that loss is a recovery of its own. */
  #resuming: OpenRecovery | null = null
  /** Where the last recovery that took programs back went to, and when they computed again. */
  #lastReturn = { line: 0, atMs: 0 }

  /** `isStored`: checkpoints are written to disk. */
  constructor(processes: number, isStored = false) {
    this.#processes = processes
    this.#disk = isStored ? { newest: null, before: 0, bytes: 0, writeMs: new Samples() } : null
  }

  /** The global checkpoint number, as far as any processor has told. */
  get committed(): number {
    return this.#committed
  }

  /** Bytes of delta that were sent so far. */
  get deltaBytes(): number {
    return this.#deltaBytes
  }

  /** A recovery is under way. */
  get isRecovering(): boolean {
    return this.#open !== null
  }

  /** When the program began to compute; null before. */
  get beganMs(): number | null {
    return this.#beganMs
  }

  /** Milliseconds since then; 0 before. */
  sinceBeginMs(atMs = monotonicMs()): number {
    return this.#beganMs === null ? 0 : atMs - this.#beganMs
  }

  begin(): void {
    this.#beganMs = monotonicMs()
    this.#lastReturn = { line: 0, atMs: this.#beganMs }
  }

  end(): void {
    this.#endedMs = monotonicMs()
  }

  /** A figure of rank `rank`. Returns the recovery that is over with it, if one is. */
  note(rank: Rank, measured: Measured): Recovery | null {
    switch (measured.type) {
      case 'captured': {
        const times = this.#capturedMs.get(rank) ?? new Map<number, number>()
        this.#capturedMs.set(rank, times)
        times.set(measured.checkpoint, measured.atMs)
        if (!this.#disk) times.delete(measured.checkpoint - 2)
        if (measured.blockedMs !== null) this.#blockedMs.add(measured.blockedMs)
        return null
      }
      case 'thawed':
        this.#blockedMs.add(measured.frozenMs)
        this.#frozenMs.add(measured.frozenMs)
        this.#drainMs.add(measured.drainMs)
        return null
      case 'shipped':
        this.#deltaBytes += measured.deltaBytes
        return null
      case 'committed':
        this.#committed = Math.max(this.#committed, measured.checkpoint)
        if (measured.latencyMs !== null) this.#latencyMs.add(measured.latencyMs)
        return null
      case 'written':
        if (this.#disk) this.#disk.bytes += measured.bytes
        return null
      case 'computing':
        return this.#noteComputing(rank, measured.epoch)
    }
  }

  /** A checkpoint has become whole on disk, `ms` after its first byte was written. */
  stored(checkpoint: number, ms: number): void {
    if (!this.#disk) return
    const { newest, writeMs } = this.#disk
    writeMs.add(ms)
    this.#disk.before = newest ?? 0
    this.#disk.newest = checkpoint
    for (const times of this.#capturedMs.values()) {
      for (const one of times.keys()) if (one < this.#disk.before) times.delete(one)
    }
  }

  /**
   * `lossMs`: when the lost processor was hit, if that was of our making. Returns the recovery that is over with it, if
   * one is: programs that are about to compute again, and have to go back once more.
   */
  recoveryBegan(epoch: Epoch, lost: readonly Place[], rollback: boolean, lossMs: number | null): Recovery | null {
    if (this.#open && this.#open.restoredMs !== null) {
      this.#resuming = this.#open
      this.#open = null
    }
    const cutShort = rollback && this.#resuming ? this.#close(this.#resuming) : null
    // Whoever takes over a machine that is whole begins an epoch in which all go on.
    if (!this.#open && lost.length === 0 && !rollback) return null
    this.#open ??= {
      epoch,
      rollback,
      fromDisk: false,
      lost: [],
      lossMs,
      detectedMs: monotonicMs(),
      line: 0,
      lostWorkMs: 0,
      restoredMs: null,
      computing: new Set(),
    }
    this.#open.epoch = epoch
    this.#open.rollback = rollback
    this.#open.lost.push(...lost)
    return cutShort
  }

  lineFound(line: number, fromDisk = false): void {
    this.#committed = fromDisk ? line : Math.max(this.#committed, line)
    if (!this.#open) return
    this.#open.line = line
    this.#open.fromDisk = fromDisk
    if (!this.#open.rollback) return
    const endMs = this.#open.lossMs ?? this.#open.detectedMs
    for (let rank = 0; rank < this.#processes; rank += 1) {
      const lostMs = endMs - this.#computedSinceMs(rank, line)
      this.#open.lostWorkMs = Math.max(this.#open.lostWorkMs, lostMs)
      const times = this.#capturedMs.get(rank)
      for (const checkpoint of times?.keys() ?? []) if (checkpoint > line) times?.delete(checkpoint)
    }
  }

  /** Everybody is restored. Returns the recovery if it is over with that, since no program was stopped. */
  restored(): Recovery | null {
    if (!this.#open) return null
    this.#open.restoredMs = monotonicMs()
    return this.#open.rollback ? null : this.#close(this.#open)
  }

  outcome(): Pick<RunOutcome, 'elapsedMs' | 'checkpoints' | 'recoveries'> {
    for (const one of [this.#resuming, this.#open]) if (one) this.#close(one)
    return {
      elapsedMs: this.sinceBeginMs(this.#endedMs ?? monotonicMs()),
      checkpoints: {
        committed: this.#committed,
        blockedMs: this.#blockedMs.spread(),
        frozenMs: spreadOrNull(this.#frozenMs),
        drainMs: spreadOrNull(this.#drainMs),
        latencyMs: this.#latencyMs.spread(),
        deltaBytes: this.#deltaBytes,
        disk: this.#diskUse(),
      },
      recoveries: this.#recoveries,
    }
  }

  #diskUse(): DiskUse | null {
    if (!this.#disk) return null
    const { newest, bytes, writeMs } = this.#disk
    return { newest, bytes, writeMs: writeMs.spread() }
  }

  #noteComputing(rank: Rank, epoch: Epoch): Recovery | null {
    const awaited = [this.#resuming, this.#open].find((one) => one?.epoch === epoch)
    if (!awaited) return null
    awaited.computing.add(rank)
    return awaited.computing.size === this.#processes ? this.#close(awaited) : null
  }

  /** Since when the work has been done that a return to `line` undoes. */
  #computedSinceMs(rank: Rank, line: number): number {
    const capturedMs = this.#capturedMs.get(rank)?.get(line) ?? this.#beganMs ?? 0
    return line === this.#lastReturn.line ? Math.max(capturedMs, this.#lastReturn.atMs) : capturedMs
  }

  #close(open: OpenRecovery): Recovery {
    const nowMs = monotonicMs()
    const restoredMs = open.restoredMs ?? nowMs
    const detectMs = open.lossMs === null ? null : open.detectedMs - open.lossMs
    const rebuildMs = restoredMs - open.detectedMs
    const resumeMs = open.rollback ? nowMs - restoredMs : 0
    const recovery: Recovery = {
      lost: open.lost,
      toCheckpoint: open.line,
      rollback: open.rollback,
      fromDisk: open.fromDisk,
      detectMs,
      rebuildMs,
      resumeMs,
      totalMs: (detectMs ?? 0) + rebuildMs + resumeMs,
      lostWorkMs: open.lostWorkMs,
    }
    if (open.rollback) this.#lastReturn = { line: open.line, atMs: nowMs }
    this.#recoveries.push(recovery)
    if (open === this.#open) this.#open = null
    else this.#resuming = null
    return recovery
  }
}

function spreadOrNull(samples: Samples): Spread | null {
  const spread = samples.spread()
  return spread.count === 0 ? null : spread
}
