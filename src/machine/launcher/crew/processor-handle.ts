import type { ChildProcess } from 'node:child_process'
import type { ProcessorId } from '../../../base/index.ts'
import type { Link } from '../../../fabric/index.ts'
import { monotonicMs, type ToProcessor } from '../../wire/control.ts'

/** One processor as the launcher knows it. */
export class ProcessorHandle {
  readonly id: ProcessorId
  readonly pid: number
  readonly child: ChildProcess
  readonly startedMs = monotonicMs()
  link: Link | null = null
  /** Null before its heart beats. */
  lastHeardMs: number | null = null
  /** The thread that beats, by its number in the operating system; null if that is not known. */
  heart: number | null = null
  /** Heartbeats are missing. */
  silent = false
  /** Why it was last taken for silent. */
  silence: string | null = null
  /**
   * starting: not yet ready; serving: holds a place or is a spare; replaced: was given up while it was silent, and may
   * still wake; gone: its process has ended, or is about to.
   */
  status: 'starting' | 'serving' | 'replaced' | 'gone' = 'starting'
  /** When it was given its place; null if it has none. */
  heldSinceMs: number | null = null
  /** How the process ended, once it has. */
  ending: string | null = null
  /** When a fault that was asked for hit it; null if none has, or it has thawed since. */
  struckMs: number | null = null

  constructor(id: ProcessorId, child: ChildProcess, pid: number) {
    this.id = id
    this.child = child
    this.pid = pid
  }

  send(message: ToProcessor): void {
    this.link?.send(message)
  }

  /** Sends a signal, unless the process has ended. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    if (this.ending === null) this.child.kill(name)
  }

  /** Calls `tell` when it is known how the process ended, if it ends: often its connection closes a moment before. */
  whenEnded(tell: () => void): void {
    if (this.status === 'gone' && this.ending === null) this.child.once('exit', tell)
    else tell()
  }
}
