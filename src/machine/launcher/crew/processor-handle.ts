import type { ProcessorId } from '../../../base/index.ts'
import type { ToProcessor } from '../../wire/control.ts'
import { ProcessHandle, type WatchedProcess } from './process-handle.ts'

/** One processor as the launcher knows it. */
export class ProcessorHandle extends ProcessHandle {
  readonly id: ProcessorId
  /** Why it was last taken for silent. */
  silence: string | null = null
  /**
   * starting: not yet ready; serving: holds a place or is a spare; replaced: was given up while it was silent, and may
   * still wake; gone: its process has ended, or is about to.
   */
  status: 'starting' | 'serving' | 'replaced' | 'gone' = 'starting'
  /** When it was given its place; null if it has none. */
  heldSinceMs: number | null = null
  /** The host that it is on; null where the run is on one computer. */
  host: string | null = null
  /** Where processors of other hosts reach it; null before it is ready, and where there are none. */
  address: string | null = null

  constructor(id: ProcessorId, process: WatchedProcess, pid: number) {
    super(process, pid)
    this.id = id
  }

  send(message: ToProcessor): void {
    this.link?.send(message)
  }

  /** Calls `tell` when it is known how the process ended, if it ends: often its connection closes a moment before. */
  whenEnded(tell: () => void): void {
    if (this.status === 'gone' && this.ending === null) this.process.once('exit', tell)
    else tell()
  }
}
