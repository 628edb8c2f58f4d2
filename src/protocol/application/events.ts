import type { Epoch } from '../../base/index.ts'
import type { Checksums } from '../../parity/index.ts'
import type { OutputKind, StoredFile } from '../frames.ts'
import type { Place } from '../places.ts'
import type { CommonEffect, ReceivedFrame } from '../receiving.ts'
import type { Arrived, Waiting } from './state.ts'

/** What a step did, told when it has ended: sends and outputs leave only now, so a step is wholly in or not. */
export interface StepEnded {
  readonly sends: readonly { readonly to: number; readonly tag: string; readonly payload: Uint8Array }[]
  readonly outputs: readonly { readonly kind: OutputKind; readonly payload: Uint8Array }[]
  readonly waiting: Waiting
  readonly vars: Uint8Array | null
}

export type ApplicationEvent =
  | ({ readonly type: 'frame' } & ReceivedFrame)
  | { readonly type: 'stepEnded'; readonly result: StepEnded }
  | { readonly type: 'stepFailed'; readonly site: string; readonly error: string }
  /** The longest time between two checkpoints has passed since `armTimeout`. */
  | { readonly type: 'timeoutPassed' }
  | { readonly type: 'bufferFull' }
  /** Answer to `restore`, `adopt` and `load`: what the memory holds beside the program's part. */
  | {
      readonly type: 'restored'
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly blobs: ReadonlyMap<string, Uint8Array>
    }
  /** `problem`: why a file cannot be read; without it these page groups have other checksums than at the capture. */
  | {
      readonly type: 'damaged'
      readonly epoch: Epoch
      readonly groups: readonly number[]
      readonly problem?: string
    }
  /** Answers to `store`: the file is durable, or could not be written; nothing of it is left then. */
  | { readonly type: 'stored'; readonly epoch: Epoch; readonly sequence: number; readonly file: StoredFile }
  | { readonly type: 'notStored'; readonly epoch: Epoch; readonly sequence: number; readonly reason: string }
  /** The conductor has told that this processor was replaced. */
  | { readonly type: 'fenced' }

export type ApplicationEffect =
  | CommonEffect
  /** The program is between steps. Held up: only as long as this takes. */
  | { readonly type: 'capture'; readonly checkpoint: number; readonly blobs: ReadonlyMap<string, Uint8Array> }
  /** Send the captured delta to all of these, behind the computation's back, then its checksums, while the epoch lasts. */
  | { readonly type: 'shipDelta'; readonly to: readonly Place[]; readonly epoch: Epoch; readonly checkpoint: number }
  /** Checkpoint `checkpoint` is committed: what is older may be forgotten. */
  | { readonly type: 'recycle'; readonly checkpoint: number }
  | { readonly type: 'armTimeout' }
  /** Synchronous: the program is between steps, and takes none until the thaw. */
  | { readonly type: 'freeze'; readonly checkpoint: number }
  | { readonly type: 'thaw'; readonly checkpoint: number }
  /** `first`: the program's `start`, else its `step` with what it asked for. */
  | { readonly type: 'runStep'; readonly first: boolean; readonly deliveries: readonly Arrived[] }
  /** End the program's thread; whatever it did since the recovery line does not count. */
  | { readonly type: 'stopProgram' }
  | { readonly type: 'restore'; readonly epoch: Epoch; readonly checkpoint: number }
  /** Write the checkpoint to disk while the epoch lasts, behind the computation's back; nothing older is needed. */
  | {
      readonly type: 'store'
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly sequence: number
      readonly since: number | null
    }
  /** The memory becomes what was written under this number, if its checksums are right. */
  | { readonly type: 'load'; readonly epoch: Epoch; readonly checkpoint: number; readonly sequence: number }
  /** What was absorbed is taken as a checkpoint if its checksums are right. */
  | {
      readonly type: 'adopt'
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly checksums: Checksums | null
    }
