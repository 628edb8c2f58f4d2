/**
 * What the launcher of a run and the daemon of a host say to each other, in both directions. The daemon keeps the crew of
 * the processors that the run has on its host; what those say and hear goes through it.
 */
import type { ProcessorId } from '../../base/index.ts'
import type { BundleAnswer, BundleWanted } from './bundles.ts'
import type { Configuration, FromProcessor, ToProcessor } from './control.ts'

/** What a launcher says it is when it connects to a daemon. */
export interface LauncherHello {
  /** Names the run among all that there have ever been. */
  readonly run: string
  /** The name of the host that it looks for. */
  readonly host: string
  /** Paritas' own; daemons of other versions refuse. */
  readonly version: string
}

/** What the processors of a run have in common on all hosts. What is the host's own, its daemon adds. */
export type HostedConfiguration = Omit<Configuration, 'moduleUrl' | 'host'>

export type ToDaemon =
  /** First of all. `beatKey`: 32 bytes, with which the beats of this run are authenticated. */
  | {
      readonly type: 'open'
      readonly configuration: HostedConfiguration
      /** Of the program's bundle, which the daemon asks for if it has not got it. */
      readonly digest: string
      /** The program opens connections of its own, and needs certificates for them. */
      readonly mayConnect: boolean
      readonly beatKey: Uint8Array
    }
  /** Start a processor, with a number that no other one of the run has. */
  | { readonly type: 'start'; readonly processor: ProcessorId }
  | { readonly type: 'tell'; readonly processor: ProcessorId; readonly message: ToProcessor }
  | {
      readonly type: 'signal'
      readonly processor: ProcessorId
      readonly signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'
    }
  /** Nothing gets through to it from others: it counts as silent until it beats again. */
  | { readonly type: 'giveUp'; readonly processor: ProcessorId }
  /** What it does cannot be trusted any more. */
  | { readonly type: 'lose'; readonly processor: ProcessorId; readonly why: string }
  | BundleAnswer
  /** The run is over: end everybody. `flushes`: ask for the last of the trace first. */
  | { readonly type: 'close'; readonly flushes: boolean }

export type FromDaemon =
  /** Answer to `open`: processors can be started. */
  | { readonly type: 'opened' }
  | BundleWanted
  /** Answer to `open`: there will be none here, and why. */
  | { readonly type: 'refused'; readonly reason: string }
  /** Its process is there. */
  | { readonly type: 'started'; readonly processor: ProcessorId; readonly pid: number }
  /** It can be given a place. `address`: where processors of other hosts reach it. */
  | { readonly type: 'ready'; readonly processor: ProcessorId; readonly address: string | null }
  | { readonly type: 'news'; readonly processor: ProcessorId; readonly news: HostedNews }
  /** It is gone, though nobody told it to end. */
  | { readonly type: 'lost'; readonly processor: ProcessorId; readonly why: string }
  /** Its process has ended. */
  | { readonly type: 'ended'; readonly processor: ProcessorId; readonly ending: string }
  | { readonly type: 'silent'; readonly processor: ProcessorId; readonly why: string }
  | { readonly type: 'heard'; readonly processor: ProcessorId }
  | { readonly type: 'slow'; readonly processor: ProcessorId; readonly silentMs: number }
  /** The start of those here takes long. */
  | { readonly type: 'starting' }
  /** No processor can be started here. `isUsage`: the user can do something about it. */
  | { readonly type: 'hopeless'; readonly reason: string; readonly isUsage: boolean }
  | { readonly type: 'warning'; readonly text: string }
  /** All processors here end, though nobody has told them to. `reason` goes on from 'it is lost:'. */
  | { readonly type: 'leaving'; readonly reason: string }
  /** Nothing of the run is left on this host: answer to `close`, or said when the daemon ends or has not heard the launcher for long. */
  | { readonly type: 'closed' }

/** What a daemon passes on of what a processor says. */
export type HostedNews = Exclude<FromProcessor, { type: 'ready' | 'flushed' }>
