import type { Epoch, Rank } from '../../base/index.ts'
import { emptyLog, type MessageLog } from '../../log/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import type { Frame, OutputKind, Rebuild } from '../frames.ts'
import { applicationPlace } from '../places.ts'
import { rowsOf } from '../protection.ts'
import type { Receiver } from '../receiving.ts'
import { defaultRules, type Rules } from '../rules.ts'
import { emptyMailbox, type Mailbox, type ReceivePattern } from './mailbox.ts'

export type { Arrived, ReceivePattern } from './mailbox.ts'

/** What a process does next, as the end of its last step said. */
export type Waiting =
  | { readonly kind: 'start' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'receive'; readonly patterns: readonly ReceivePattern[] }
  | { readonly kind: 'finished' }

/** Output that the outside world has not acknowledged. `interval`: the one it was made in. */
export interface Output {
  readonly index: number
  readonly kind: OutputKind
  readonly interval: number
  readonly payload: Uint8Array
}

/** Everything of a process that a checkpoint holds, beside the program's own memory. */
export interface ProcessState {
  steps: number
  waiting: Waiting
  readonly log: MessageLog
  outputs: Output[]
  nextOutput: number
  /** The program's `vars`, encoded; null while there are none. */
  vars: Uint8Array | null
}

/** What a checkpoint says of output: how many had been released, and whether the result had. */
export interface OutputMark {
  readonly released: number
  readonly isFinished: boolean
}

/** The writing of a checkpoint that the conductor has ordered. */
export interface Storing {
  readonly sequence: number
  readonly checkpoint: number
  readonly since: number | null
  /** What the checkpoint says of output; null until it is committed, and the writing begins. */
  mark: OutputMark | null
}

export interface ApplicationOptions {
  readonly rank: Rank
  readonly processes: number
  /** The check rows that protect this process; the first is its home. None: files do, or else nothing is captured. */
  readonly rows: readonly number[]
  /** How much a process may hold of what others have yet to take, before its next step waits (flow.ts). */
  readonly logBytesMax: number
  /** What a message counts for beside its payload: its row in the tables takes memory too. */
  readonly rowBytes: number
  readonly rules: Rules
  /** Checkpoints are written to disk now and then. */
  readonly isStored: boolean
}

export interface ApplicationState extends Receiver {
  readonly options: ApplicationOptions
  /** Newest checkpoint captured here. */
  captured: number
  /** Newest checkpoint known to be committed: the global checkpoint number as far as the news has come. */
  committed: number
  /** Why a checkpoint is due: the timeout has passed or the buffer is full, or the program waits for the commit. */
  due: 'no' | 'due' | 'urgent'
  /** Whether checkpoint captured + 1 was asked for, and how. */
  asked: 'no' | 'due' | 'urgent'
  /** Checkpoint captured + 1 is authorized: capture at the next step boundary. Under a synchronous scheme: see freeze. */
  authorized: boolean
  /** The synchronous checkpoint that is being taken here; null between two. */
  freeze: Freeze | null
  /** From a loss until the machine is whole again: no captures. */
  suspended: boolean
  /** The recovery under way takes the program back. */
  rollingBack: boolean
  /** What that plan has to say of rebuilding, for when this processor is back at the recovery line. */
  rebuild: readonly Rebuild[]
  /** A step failed; nothing goes on here until the conductor has taken everybody back. */
  failure: Frame | null
  /** A step is under way in the program's thread. */
  stepping: boolean
  process: ProcessState
  /** What the kept checkpoints say of output; empty where nothing is stored. */
  readonly marks: Map<number, OutputMark>
  /** The last order to write a checkpoint to disk, obeyed or not yet. */
  storing: Storing | null
  /** Outputs below this index have been sent in this epoch. */
  releasedTo: number
  mailbox: Mailbox
  flow: Flow
}

/** A synchronous checkpoint that is being taken. */
export interface Freeze {
  readonly checkpoint: number
  /** called: freezes at the next step boundary; draining: frozen, and waits for what is in transit; captured. */
  phase: 'called' | 'draining' | 'captured'
  /** How many messages each other process has sent here in all, as far as they have told. */
  readonly markers: Map<Rank, number>
  /** Those of which all of that has arrived. */
  readonly drainedFrom: Set<Rank>
  /** Those who have told that they have captured; told only where that is what all wait for. */
  readonly capturedBy: Set<Rank>
}

/** Keeps what a process holds from growing without bound, and from waiting for a receiver that waits for it (flow.ts). */
export interface Flow {
  /** Bytes of messages sent to others and not known to be consumed. */
  unconsumedBytes: number
  /** Bytes of those that are known to be consumed in the interval after ours. */
  aheadBytes: number
  /** Bytes of output that is kept. */
  outputBytes: number
  /** Receivers that were told `pressed` and have not answered. */
  readonly pressing: Set<Rank>
  /** Receivers that have said since our last step that they are stuck. */
  readonly stuck: Set<Rank>
  /** Senders that told us `pressed` and have no answer yet. */
  readonly pressedBy: Set<Rank>
  /** Senders that were told since our last step that we are stuck, since we are held by B1. */
  readonly answered: Set<Rank>
}

export function freshProcess(): ProcessState {
  return { steps: 0, waiting: { kind: 'start' }, log: emptyLog(), outputs: [], nextOutput: 0, vars: null }
}

export function freshFlow(): Flow {
  return {
    ...{ unconsumedBytes: 0, aheadBytes: 0, outputBytes: 0 },
    ...{ pressing: new Set(), stuck: new Set(), pressedBy: new Set(), answered: new Set() },
  }
}

/** All freeze together for a checkpoint, and nothing is logged. */
export function isSynchronous({ options }: ApplicationState): boolean {
  return options.rules.coordination !== 'independent'
}

/** False under the scheme `none`. */
export function isProtected({ options }: ApplicationState): boolean {
  return options.rows.length > 0 || options.isStored
}

/** Nothing but files keeps checkpoints: they are written when they are captured, and the conductor leads. */
export function isOnDiskAlone({ options }: ApplicationState): boolean {
  return options.rows.length === 0 && options.isStored
}

/** An application processor that holds nothing yet: it waits for the conductor's plan. */
export function createApplication(
  epoch: Epoch,
  {
    code,
    ...options
  }: Omit<ApplicationOptions, 'rules' | 'rowBytes' | 'rows' | 'isStored'> & {
    /** Null under the scheme `none`. */
    code: ErasureCode | null
    rules?: Rules
    isStored?: boolean
    rowBytes?: number
  },
): ApplicationState {
  return {
    options: {
      rowBytes: 0,
      isStored: false,
      ...options,
      rows: code ? rowsOf(code, options.rank) : [],
      rules: options.rules ?? defaultRules,
    },
    place: applicationPlace(options.rank),
    epoch,
    mode: 'newcomer',
    captured: 0,
    committed: 0,
    due: 'no',
    asked: 'no',
    authorized: false,
    freeze: null,
    suspended: true,
    rollingBack: true,
    planned: false,
    rebuild: [],
    failure: null,
    stepping: false,
    process: freshProcess(),
    marks: new Map(),
    storing: null,
    releasedTo: 0,
    mailbox: emptyMailbox(),
    rebuilding: null,
    hops: null,
    early: [],
    flow: freshFlow(),
  }
}
