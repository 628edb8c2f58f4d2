/**
 * What effects are carried out with. Each adapter has its own: processes and sockets, real bytes under virtual time,
 * symbols, mere counts.
 */
import type { Epoch, ProcessorId } from '../base/index.ts'
import type { ProtectedMemory } from '../memory/index.ts'
import type { Checksums, PageBatch, ParityStore, Room } from '../parity/index.ts'
import type {
  ApplicationEffect,
  Arrived,
  CandidateEffect,
  CandidateId,
  CandidateMessage,
  CheckEffect,
  ConductorEffect,
  ConductorRecord,
  Frame,
  Place,
  StoreRequest,
} from '../protocol/index.ts'

/** Pages that travel behind the computation's back. Plain data: what they hold is read when they are sent. */
export type Shipment = Extract<ApplicationEffect | CheckEffect, { type: 'shipDelta' | 'shipMerged' | 'shipImage' }>

export function receiversOf({ to }: Shipment): readonly Place[] {
  return typeof to === 'string' ? [to] : to
}

/** Pages in parts, and then the end, which says how many parts there were. */
export interface Contents {
  /** The pages of each part, made where the room says, in memory of their own if nothing is said. */
  batches(room?: Room): Iterable<PageBatch>
  /** The frame of the `index`-th of them. */
  part(batch: PageBatch, index: number): Frame
  /** The last frame, after `count` of them. */
  end(count: number): Frame
}

export interface TransportPort {
  /** Pages in one frame. All processors of a machine have the same. */
  readonly pagesPerPart: number
  /** Sends to whoever holds the place; while nobody does, the frame is lost. */
  send(to: Place, epoch: Epoch, frame: Frame): void
  /** The same with a frame of pages, which `make` makes where the room says, as soon as there is some. */
  sendPages(to: Place, epoch: Epoch, make: (room?: Room) => Frame): void
  /** Begins to send all of a shipment to each of its receivers; a new epoch ends it. The pace is the adapter's. */
  ship(shipment: Shipment, contents: Contents): void
}

/** The timer for the longest time between two checkpoints; when it has passed, `timeoutPassed` comes. */
export interface TimerPort {
  /** Anew, if it is armed already. */
  arm(): void
  disarm(): void
}

/** The pages that one place of a chain adds to an image. */
export interface ChainShare {
  /** One past the last page that may hold anything. */
  readonly pageEnd: number
  /** incoming + coefficient * the own pages with numbers in [first, end), over GF(2^8), where `room` says. */
  add(coefficient: number, incoming: PageBatch, first: number, end: number, room?: Room): PageBatch
}

/** What is read of a memory, or of what stands for one, to be shipped. */
export interface MemoryContent {
  /** The newest capture's. */
  delta(pagesPerPart: number, room?: Room): Iterable<PageBatch>
  checksums(checkpoint: number): Checksums
  chainShare(checkpoint: number): ChainShare
}

/** What a recovery does to a memory. */
export type MemoryWork = Extract<ApplicationEffect, { type: 'restore' | 'clear' | 'absorb' | 'adopt' }>

export interface MemoryPort {
  readonly content: MemoryContent
  /** The program is between steps, and held up only as long as this takes. */
  capture(checkpoint: number, blobs: Blobs): void
  recycle(checkpoint: number): void
  /** To be done (see `doMemoryWork`) after all that was put here before, when no step runs any more. */
  put(work: MemoryWork): void
}

/** A memory that recoveries work on. */
export interface Restorable extends Pick<ProtectedMemory, 'restore' | 'clear' | 'absorb' | 'adopt'> {
  blobs(): Blobs
}

type Blobs = ReadonlyMap<string, Uint8Array>

/** The parity of a check processor, or what stands for one. */
export type ParityPort = Pick<
  ParityStore,
  'stage' | 'applyStaged' | 'dropStaged' | 'staged' | 'clear' | 'absorb' | 'pageEnd' | 'addPages'
>

export interface ProgramPort {
  /** Begins a step; when it has ended, `stepEnded` or `stepFailed` comes. `first`: the program's `start`. */
  run(first: boolean, deliveries: readonly Arrived[]): void
  /** Ends the step under way; what it did does not count. */
  stop(): void
  /** A synchronous checkpoint holds the program up from `freeze` to `thaw`. No step is begun in between. */
  freeze(checkpoint: number): void
  thaw(checkpoint: number): void
}

/** Checkpoints of one application processor on disk. */
export interface StorePort {
  /** Writes behind the computation's back; `stored` or `notStored` comes, unless a new epoch ends it. */
  store(order: Extract<ApplicationEffect, { type: 'store' }>): void
  /** Reads, after all work that was put to the memory; `restored` or `damaged` comes. */
  load(order: Extract<ApplicationEffect, { type: 'load' }>): void
}

const nowhere = (): never => {
  throw new Error('nothing is written to disk here')
}

/** Where there is no disk. */
export const noStore: StorePort = { store: nowhere, load: nowhere }

type Of<Type extends ConductorEffect['type']> = Extract<ConductorEffect, { type: Type }>

/** Who takes part, as the conductor decides. */
export interface CrewPort {
  /** Gives a place to a processor, and tells everybody who holds what. */
  assign(place: Place, processor: ProcessorId, epoch: Epoch): void
  /** The processor was replaced: it must take no further part. */
  fence(processor: ProcessorId): void
}

/** Told how a recovery goes. */
export interface RecoveryPort {
  began(effect: Of<'recoveryBegan'>): void
  lineFound(effect: Of<'lineFound'>): void
  resumed(effect: Of<'resumed'>): void
}

/** The world outside the machine. */
export interface OutsidePort {
  output(effect: Of<'output'>): void
  /** The run is over. */
  end(effect: Ending): void
}

export type Ending = Of<'finished' | 'uncovered' | 'programFailed' | 'repeatedLoss' | 'damaged'>

/** Manifests, and what becomes of checkpoints on disk. */
export interface ManifestPort {
  /** Writes a manifest; `sealed` or `notSealed` comes. */
  seal(effect: Of<'seal'>): void
  tell(effect: Of<'stored' | 'notStored' | 'passedOver'>): void
}

type OfCandidate<Type extends CandidateEffect['type']> = Extract<CandidateEffect, { type: Type }>

/** Output that leaves the machine. */
export interface ReleasePort {
  release(effect: OfCandidate<'release'>): void
}

/** The record of a run, which all its candidates read; each answer is an event of the candidate. */
export interface RecordPort {
  carryOut(request: StoreRequest): void
}

/** The other candidates. */
export interface CandidatePort {
  tell(to: CandidateId, message: CandidateMessage): void
}

/** Told who conducts. */
export interface OfficePort {
  took(revision: number): void
  resigned(revision: number): void
  /** Everybody hears that another one conducts, and who held what when the claim was made. */
  introduce(epoch: Epoch, members: ConductorRecord['members']): void
  /** The disk obeys nobody who conducted before this epoch, and says what it holds: `diskHolds` comes. */
  askDisk(epoch: Epoch): void
}

export const noManifests: ManifestPort = { seal: nowhere, tell: nowhere }
