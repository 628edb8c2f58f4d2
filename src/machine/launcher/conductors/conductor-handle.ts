import type { ChildProcess } from 'node:child_process'
import type { CandidateId } from '../../../protocol/index.ts'
import { type Store, StoreServer } from '../../../store/index.ts'
import type { CandidateConfiguration, CrewEvent, ToConductor } from '../../wire/conducting.ts'
import { ProcessHandle } from '../crew/process-handle.ts'

/** A process that conducts or stands by, as the launcher knows it. */
export class ConductorHandle extends ProcessHandle {
  readonly id: CandidateId
  readonly store: StoreServer
  /** starting: not yet connected; gone: its process has ended, or is about to. */
  status: 'starting' | 'serving' | 'gone' = 'starting'

  constructor(id: CandidateId, child: ChildProcess, pid: number, store: Store) {
    super(child, pid)
    this.id = id
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
}
