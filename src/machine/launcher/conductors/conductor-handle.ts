import type { ChildProcess } from 'node:child_process'
import type { Link } from '../../../fabric/index.ts'
import type { CandidateId } from '../../../protocol/index.ts'
import { type Store, StoreServer } from '../../../store/index.ts'
import type { CandidateConfiguration, CrewEvent, ToConductor } from '../../wire/conducting.ts'

/** A process that conducts or stands by, as the launcher knows it. */
export class ConductorHandle {
  readonly id: CandidateId
  readonly pid: number
  readonly child: ChildProcess
  readonly store: StoreServer
  link: Link | null = null
  /** Null before its heart beats. */
  lastHeardMs: number | null = null
  /** The thread that beats, by its number in the operating system; null if that is not known. */
  heart: number | null = null
  /** Heartbeats are missing. */
  silent = false
  /** starting: not yet connected; gone: its process has ended, or is about to. */
  status: 'starting' | 'serving' | 'gone' = 'starting'
  /** How the process ended, once it has. */
  ending: string | null = null
  /** When a fault that was asked for hit it; null if none has, or it has thawed since. */
  struckMs: number | null = null

  constructor(id: CandidateId, child: ChildProcess, pid: number, store: Store) {
    this.id = id
    this.child = child
    this.pid = pid
    this.store = new StoreServer(store, (message) => this.#send({ type: 'store', message }))
  }

  configure(configuration: CandidateConfiguration): void {
    this.#send({ type: 'configure', configuration })
  }

  tell(event: CrewEvent): void {
    this.#send({ type: 'event', event })
  }

  #send(message: ToConductor): void {
    this.link?.send(message)
  }

  /** Sends a signal, unless the process has ended. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    if (this.ending === null) this.child.kill(name)
  }
}
