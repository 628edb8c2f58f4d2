import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isCount, type ProcessorId } from '../../../base/index.ts'
import { type Link, type Listener, unixFabric } from '../../../fabric/index.ts'
import type { ConductorHello } from '../../wire/conducting.ts'
import { controlSocket, type ProcessorHello } from '../../wire/control.ts'
import type { ProcessorHandle } from './processor-handle.ts'

export interface ReceptionOptions {
  readonly folder: string
  /** Null: nobody of this name is expected. */
  find(id: ProcessorId): ProcessorHandle | null
  onControl(handle: ProcessorHandle, link: Link): void
  onHeartbeat(handle: ProcessorHandle, link: Link): void
  onConductor(hello: ConductorHello, link: Link): void
  onTurnedAway(why: string): void
}

/** Where processors and conductors connect to, each twice; whoever else comes is turned away. */
export class Reception {
  readonly #options: ReceptionOptions
  #listener: Listener | null = null

  constructor(options: ReceptionOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { folder, onTurnedAway } = this.#options
    this.#listener = await unixFabric().listen(join(folder, controlSocket), (link) => this.#welcome(link), onTurnedAway)
  }

  /** Removes all sockets of the run's folder, for processes that were killed leave theirs behind. */
  async close(): Promise<void> {
    await this.#listener?.close('destroy')
    const { folder } = this.#options
    for (const name of readdirSync(folder)) if (name.endsWith('.sock')) rmSync(join(folder, name), { force: true })
  }

  #welcome(link: Link): void {
    const { find, onControl, onHeartbeat, onConductor } = this.#options
    const { processor, conductor, link: purpose } = (link.peer ?? {}) as Partial<ProcessorHello & ConductorHello>
    const handle = processor === undefined ? null : find(processor)
    if (isCount(conductor) && purpose !== undefined) onConductor(link.peer as unknown as ConductorHello, link)
    else if (handle && purpose === 'heartbeat') onHeartbeat(handle, link)
    else if (handle && purpose === 'control' && handle.link === null) onControl(handle, link)
    else link.destroy()
  }
}
