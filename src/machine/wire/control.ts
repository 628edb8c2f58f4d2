/**
 * What launcher and processors say to each other on the control link, in both directions. The links between processors
 * carry envelopes of the protocol only.
 */
import type { Epoch, ProcessorId } from '../../base/index.ts'
import type { AnySizes } from '../../program/index.ts'
import type { Frame, Happening, Place, Rest } from '../../protocol/index.ts'
import type { StoreFolder } from '../checkpoint-store.ts'
import type { CheckpointFigure } from '../run.ts'
import type { MachineSettings } from '../settings.ts'
import type { InputKind } from './input-kinds.ts'

/** One processor, as the others know it. */
export interface Member {
  readonly place: Place
  readonly processor: ProcessorId
  /** Its host's name, where the run has several; else null, as the address is. */
  readonly host: string | null
  /** Where processors of other hosts reach it, as `10.0.0.7:7501`. */
  readonly address: string | null
}

/** The host that a processor is on, where a run has several. */
export interface HostConfiguration {
  readonly name: string
  /** Where processors of other hosts reach those of this one: an address of the host, without a port. */
  readonly address: string
  /** Each of its processors listens at one of these; null for any that is free. */
  readonly ports: PortRange | null
}

/** Ports from the first to the last. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

export interface Configuration {
  readonly moduleUrl: string
  readonly machine: MachineSettings
  readonly sizes: AnySizes
  /** Where checkpoints are written to disk; null for nowhere. */
  readonly storeFolder: StoreFolder | null
  /** Whether protocol events are wanted for the trace. */
  readonly traced: boolean
  /** Null where all processors are on one computer. */
  readonly host: HostConfiguration | null
}

/** The input of process 0, which follows the assignment in parts. */
export interface InputHead {
  readonly kind: InputKind
  readonly byteLength: number
}

export type ToProcessor =
  /** Answer to the hello. */
  | { readonly type: 'configure'; readonly configuration: Configuration }
  /** No place is free: be warm, so that taking one later is quick. */
  | { readonly type: 'standBy' }
  /** `inspected`: a debugger shall be able to come to it. */
  | {
      readonly type: 'assign'
      readonly place: Place
      readonly epoch: Epoch
      readonly input: InputHead | null
      readonly inspected: boolean
    }
  | { readonly type: 'inputPart'; readonly offset: number; readonly bytes: Uint8Array }
  /** Who holds which place, and every process that runs on this host, by its id in the operating system. */
  | { readonly type: 'members'; readonly members: readonly Member[]; readonly pids: readonly number[] }
  | { readonly type: 'frame'; readonly epoch: Epoch; readonly frame: Frame }
  /** Of their program's memory, processes use these pages by now, in runs: about as many will be here when they are lost. */
  | { readonly type: 'expect'; readonly pages: readonly number[] }
  /** Say whether the process here rests. */
  | { readonly type: 'askRest'; readonly question: number }
  /** Answer: somebody cannot reach this processor. */
  | { readonly type: 'ask' }
  /** Send what there is of the trace, and `flushed` behind it: the run is over. */
  | { readonly type: 'flushTrace' }
  | { readonly type: 'fenced' }

export type FromProcessor =
  /** Listens for the others, and can take a place. `address`: where it does so for those of other hosts; null if there are none. */
  | { readonly type: 'ready'; readonly address: string | null }
  | { readonly type: 'frame'; readonly epoch: Epoch; readonly from: Place; readonly frame: Frame }
  | Measured
  /**
   * Of a check processor, when a checkpoint is committed: the parity, the delta that becomes part of it, and pages on their
   * way. Of a spare: what it has touched for a process.
   */
  | { readonly type: 'holding'; readonly bytes: number }
  /** The pages of its program's memory that the process uses by now, in runs: the first of each, and the one after its last. */
  | { readonly type: 'inUse'; readonly pages: readonly number[] }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  /** The process has been waiting for long until so much that it holds can be committed; 0: it goes on. */
  | { readonly type: 'held'; readonly bytes: number }
  /** Nobody was heard for so long, neither crew nor processors, and no step was taken; now somebody is. */
  | { readonly type: 'alone'; readonly silentMs: number }
  | RestAnswer
  | { readonly type: 'trace'; readonly lines: readonly TraceLine[] }
  /** Answer to `flushTrace`: no more lines come. */
  | { readonly type: 'flushed' }
  /** Nothing gets through to this processor any more, on whatever link, though it should live. */
  | { readonly type: 'unreachable'; readonly processor: ProcessorId; readonly detail: string }
  /** It does again. */
  | { readonly type: 'reachable'; readonly processor: ProcessorId }
  /** Answer to `ask`. */
  | { readonly type: 'answer' }
  /** A link was closed since it carried what is no frame. `processor`: who sent on it; null if it did not say so. */
  | { readonly type: 'rejected'; readonly processor: ProcessorId | null; readonly detail: string }
  /** What the program is or does makes it impossible to go on; below the reason, the program's part of the stack. */
  | { readonly type: 'unfit'; readonly reason: string }
  /** The system refuses what the processor needs. */
  | { readonly type: 'refused'; readonly reason: string }
  /** A mistake in Paritas itself. */
  | { readonly type: 'defect'; readonly reason: string }

/** Answer to `askRest`. `stepMs`: for how long the process has been in its step; null between two. */
export interface RestAnswer {
  readonly type: 'rest'
  readonly question: number
  readonly rest: Rest
  readonly stepMs: number | null
}

/** Figures of an application processor. Times are of `monotonicMs`. */
export type Measured =
  | CheckpointFigure
  /** Its file of a checkpoint is on disk. */
  | { readonly type: 'written'; readonly bytes: number; readonly beganMs: number; readonly endedMs: number }
  /** The program's thread has the restored memory and goes on. */
  | { readonly type: 'computing'; readonly epoch: Epoch; readonly atMs: number }

export type TraceLine = Happening & {
  readonly atMs: number
  readonly place: Place
  readonly epoch: Epoch
  /** What happened, for people. */
  readonly text: string
}

/** Names of the sockets in a run's folder. */
export const controlSocket = 'c.sock'

export function processorSocket(processor: ProcessorId): string {
  return `p${processor}.sock`
}

/** What a processor says it is when it connects; twice, since its heartbeats have a link of their own. */
export interface ProcessorHello {
  readonly processor: ProcessorId
  readonly link: 'control' | 'heartbeat'
  /** Which of its threads beats, so that the launcher can look at it; null where the system does not tell. */
  readonly thread?: number | null
}

export const heartbeatIntervalMs = 100

/** Milliseconds of a clock that never jumps and that all processes of one machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
