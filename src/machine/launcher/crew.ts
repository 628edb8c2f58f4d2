import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ProcessorId, processorId } from '../../base/index.ts'
import type { Link } from '../../fabric/index.ts'
import { processorEntry } from '../processor-entry.ts'
import { monotonicMs, type ToProcessor } from '../wire/control.ts'

/** One processor as the launcher knows it. */
export class Hand {
  readonly id: ProcessorId
  readonly pid: number
  readonly child: ChildProcess
  readonly startedMs = monotonicMs()
  link: Link | null = null
  /** Null before its heart beats. */
  lastHeardMs: number | null = null
  /** Heartbeats are missing. */
  silent = false
  /**
   * starting: not yet ready; serving: holds a place or is a spare; replaced: was given up while it was silent, and may
   * still wake; gone: its process has ended, or is about to.
   */
  status: 'starting' | 'serving' | 'replaced' | 'gone' = 'starting'
  /** How the process ended, once it has. */
  ending: string | null = null

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
}

export interface CrewOptions {
  readonly folder: string
  onEnded(hand: Hand): void
  /** No process could be started. */
  onUnstartable(error: Error): void
}

/** The processes of one run. */
export class Crew {
  readonly #options: CrewOptions
  readonly #hands = new Map<ProcessorId, Hand>()
  #started = 0

  constructor(options: CrewOptions) {
    this.#options = options
  }

  /** Those whose process has not ended, oldest first. */
  get living(): Hand[] {
    return [...this.#hands.values()].filter(({ ending }) => ending === null)
  }

  find(id: ProcessorId): Hand | null {
    return this.#hands.get(id) ?? null
  }

  start(): void {
    this.#started += 1
    const id = processorId(this.#started)
    const { folder, onEnded, onUnstartable } = this.#options
    // What programs print goes to stderr: stdout belongs to the run's own outcome.
    const child = spawn(process.execPath, [processorEntry, folder, String(id)], { stdio: ['ignore', 2, 2] })
    child.on('error', onUnstartable)
    if (child.pid === undefined) return
    const hand = new Hand(id, child, child.pid)
    this.#hands.set(id, hand)
    child.on('exit', (code, signal) => {
      hand.ending = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
      this.#hands.delete(id)
      onEnded(hand)
    })
  }

  /** Ends every process, frozen ones too, and waits until they are gone. */
  async end(): Promise<void> {
    const endings = this.living.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)))
    for (const hand of this.living) hand.signal('SIGKILL')
    await Promise.all(endings)
  }
}

/** Processes that were killed leave theirs behind. */
export function removeSockets(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith('.sock')) rmSync(join(folder, name), { force: true })
}
