import type { Epoch, Rank } from '../base/index.ts'
import type { Checksums, PageBatch } from '../parity/index.ts'
import type { Place } from './places.ts'

/** One frame with its address. Every frame carries the epoch: older ones are dropped, newer ones held (trap 7). */
export interface Envelope {
  readonly epoch: Epoch
  readonly from: Place
  readonly to: Place
  readonly frame: Frame
}

export type Frame = ApplicationFrame | CheckpointFrame | StorageFrame | OutsideFrame | RecoveryFrame

/** Between application processors. */
export type ApplicationFrame =
  /** `interval` is the sender's, so that the receiver captures before it delivers from a later one (trap 6). */
  | {
      readonly type: 'message'
      readonly sequence: number
      readonly interval: number
      readonly tag: string
      readonly payload: Uint8Array
    }
  /** The message was consumed, in this interval of the receiver's. */
  | { readonly type: 'ack'; readonly sequence: number; readonly interval: number }
  /** The sender holds as much as it may for this receiver, and waits for acks before its next step. */
  | { readonly type: 'pressed' }
  /** Answer to `pressed`: the receiver will consume nothing more unless the sender goes on. */
  | { readonly type: 'stuck' }
  /** Synchronous: the sender is frozen for this checkpoint, and has sent so many messages on this channel in all. */
  | { readonly type: 'marker'; readonly checkpoint: number; readonly messages: number }
  /** Synchronous, where all go on when all have captured: the sender has. */
  | { readonly type: 'captured'; readonly checkpoint: number }

/** The checksums of one process's checkpoint. */
export interface RankChecksums {
  readonly rank: Rank
  readonly sums: Checksums
}

/** Taking and committing checkpoints. */
export type CheckpointFrame =
  /** `urgent`: every processor shall capture soon, since the program waits for this commit. */
  | { readonly type: 'request'; readonly checkpoint: number; readonly urgent: boolean }
  | { readonly type: 'grant'; readonly checkpoint: number }
  | { readonly type: 'delta'; readonly checkpoint: number; readonly part: number; readonly batch: PageBatch }
  | { readonly type: 'deltaEnd'; readonly checkpoint: number; readonly parts: number; readonly checksums: Checksums }
  | { readonly type: 'merged'; readonly checkpoint: number; readonly part: number; readonly batch: PageBatch }
  | {
      readonly type: 'mergedEnd'
      readonly checkpoint: number
      readonly parts: number
      readonly checksums: readonly RankChecksums[]
    }
  /** The sender, and all below it in the tree of checkpoint processors, hold all of this checkpoint's delta. */
  | { readonly type: 'held'; readonly checkpoint: number }
  /**
   * Between checkpoint processors: this checkpoint has begun, so all processes shall capture it, one after another, or,
   * since somebody waits for it, all at once.
   */
  | { readonly type: 'begun'; readonly checkpoint: number }
  | { readonly type: 'hurry'; readonly checkpoint: number }
  | { readonly type: 'commit'; readonly checkpoint: number }

/** The file in which a process has written one checkpoint. */
export interface StoredFile {
  readonly bytes: number
  readonly checksum: number
  /** Whether it can be read without any file before it. */
  readonly isFull: boolean
}

/** Checkpoints on disk, led by the conductor. */
export type StorageFrame =
  /**
   * Write this checkpoint once it is committed. `sequence`: the number of the writing; `since`: that of a checkpoint that
   * is whole, so that changes since then will do.
   */
  | {
      readonly type: 'store'
      readonly checkpoint: number
      readonly sequence: number
      readonly since: number | null
    }
  /** The file is durable. `committed`: the newest known; `released` and `isFinished` tell of the output at the checkpoint. */
  | {
      readonly type: 'stored'
      readonly sequence: number
      readonly committed: number
      readonly released: number
      readonly isFinished: boolean
      readonly file: StoredFile
    }
  /** `reason`: what the disk said; null where a newer checkpoint was committed already. */
  | {
      readonly type: 'notStored'
      readonly sequence: number
      readonly committed: number
      readonly reason: string | null
    }

/** Between a process and the outside world, which the conductor stands for. */
export type OutsideFrame =
  | { readonly type: 'output'; readonly index: number; readonly kind: OutputKind; readonly payload: Uint8Array }
  | { readonly type: 'outputAck'; readonly index: number }
  /** A step threw, or the program's thread died. `site` names the place in the program, to know it again. */
  | { readonly type: 'failure'; readonly step: number; readonly site: string; readonly error: string }

/** What `self.emit`, `self.done` and `self.log` are given. Stored processes number them in this order. */
export const outputKinds = ['emit', 'done', 'log'] as const
export type OutputKind = (typeof outputKinds)[number]

/** Recovery, led by the conductor. */
export type RecoveryFrame =
  /** `takeOver`: another conductor begins, so newcomers report too, and everybody says whether its program is stopped. */
  | { readonly type: 'recover'; readonly rollback: boolean; readonly takeOver?: true }
  /**
   * The checkpoints that a survivor can go back to (application) or whose parity it can give (check processor); none:
   * a newcomer that is not restored. `stopped`: its program stands still, and only going back sets it going.
   */
  | { readonly type: 'report'; readonly checkpoints: readonly number[]; readonly stopped?: true }
  /**
   * `line` is the recovery line. `rebuild`: how each lost place is made of what the others hold at the line. `disk`: all
   * application processors, whatever they hold, go back to what was written under this number; null: to what they hold.
   */
  | {
      readonly type: 'plan'
      readonly line: number
      readonly rebuild: readonly Rebuild[]
      readonly disk: number | null
    }
  /** A part of the sum that rebuilds `target`, as far as the chain has come (see chain.ts). */
  | { readonly type: 'image'; readonly target: Place; readonly part: number; readonly batch: PageBatch }
  | {
      readonly type: 'imageEnd'
      readonly target: Place
      readonly parts: number
      /** As far as they are known. */
      readonly checksums: readonly RankChecksums[]
    }
  | { readonly type: 'restored' }
  /** The pages that arrived do not have the checksums that were taken at the capture. */
  | { readonly type: 'damaged'; readonly reason: string }
  | { readonly type: 'resume' }

/**
 * A lost place is rebuilt as the sum of its sources' images, each times its coefficient, which the sources pass along in
 * this order. No source: there is nothing but zeros yet.
 */
export interface Rebuild {
  readonly target: Place
  readonly sources: readonly Source[]
}

export interface Source {
  readonly place: Place
  readonly coefficient: number
}
