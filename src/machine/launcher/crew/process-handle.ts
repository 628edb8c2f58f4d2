import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { PacedEnd } from '../../../fabric/index.ts'
import { lifelineDescriptor } from '../../local/processor-entry.ts'
import { monotonicMs } from '../../wire/control.ts'

/** A process of the operating system, on this computer or another one, as far as who watches over it needs it. */
export interface WatchedProcess {
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): unknown
  once(event: 'exit', tell: () => void): unknown
}

/** What takes messages for a process: its link, or a way to where that is. */
export type MessageOutlet = PacedEnd & { send(message: unknown): unknown }

/** A process that was started for the run and is watched over: of a processor, or of one that may conduct. */
export class ProcessHandle {
  pid: number
  readonly process: WatchedProcess
  readonly startedMs = monotonicMs()
  /** Where messages for it go; null before it can be told anything. */
  link: MessageOutlet | null = null
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

  constructor(process: WatchedProcess, pid: number) {
    this.process = process
    this.pid = pid
  }

  /**
   * Of a process that was started here. `onDying`: the first sign of an end, long before the process is gone. `onEnded`: it
   * is, and `ending` says how.
   */
  watchEnd(child: ChildProcess, onDying: () => void, onEnded: () => void): void {
    // Often it closes before the connections do.
    const lifeline = child.stdio[lifelineDescriptor] as Socket
    lifeline.on('error', () => {})
    lifeline.on('close', onDying)
    lifeline.resume()
    child.on('exit', (code, signal) => {
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
    if (this.ending === null) this.process.kill(name)
  }
}

/** Ends processes, frozen ones too. Resolves when all are gone. */
export async function endAll(handles: Iterable<ProcessHandle>): Promise<void> {
  const left = [...handles].filter(({ ending }) => ending === null)
  const endings = left.map(({ process: one }) => new Promise<void>((resolve) => one.once('exit', resolve)))
  for (const handle of left) handle.signal('SIGKILL')
  await Promise.all(endings)
}
