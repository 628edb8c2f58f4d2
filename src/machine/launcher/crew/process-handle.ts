import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Link } from '../../../fabric/index.ts'
import { lifelineDescriptor } from '../../local/processor-entry.ts'
import { monotonicMs } from '../../wire/control.ts'

/** A process that the launcher has started and watches over: of a processor, or of one that may conduct. */
export class ProcessHandle {
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
  /** How it ended, once it has. */
  ending: string | null = null
  /** When a fault that was asked for hit it; null if none has, or it has thawed since. */
  struckMs: number | null = null

  constructor(child: ChildProcess, pid: number) {
    this.child = child
    this.pid = pid
  }

  /** `onDying`: the first sign of an end, long before the process is gone. `onEnded`: it is, and `ending` says how. */
  watchEnd(onDying: () => void, onEnded: () => void): void {
    // Often it closes before the connections do.
    const lifeline = this.child.stdio[lifelineDescriptor] as Socket
    lifeline.on('error', () => {})
    lifeline.on('close', onDying)
    lifeline.resume()
    this.child.on('exit', (code, signal) => {
      this.ending = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
      onEnded()
    })
  }

  /** Takes a thread for the one that beats: what it said of itself. */
  noteHeart(thread: unknown): void {
    this.heart = Number.isSafeInteger(thread) ? (thread as number) : null
  }

  /** Sends a signal, unless the process has ended. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    if (this.ending === null) this.child.kill(name)
  }
}

/** Ends processes, frozen ones too. Resolves when all are gone. */
export async function endAll(handles: Iterable<ProcessHandle>): Promise<void> {
  const left = [...handles].filter(({ ending }) => ending === null)
  const endings = left.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)))
  for (const handle of left) handle.signal('SIGKILL')
  await Promise.all(endings)
}
