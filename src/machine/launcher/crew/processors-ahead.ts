import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { type ProcessorId, processorId } from '../../../base/index.ts'
import { loadAddon } from '../../../memory/native/index.ts'
import { processorEnvironment, spawnProcessor } from '../../local/processor-entry.ts'

/**
 * The first processors of a run as processes that have loaded their code, while the launcher still makes out what they are
 * for. They keep nothing from ending: without their launcher they end too.
 */
export class ProcessorsAhead {
  readonly #waiting = new Map<ProcessorId, ChildProcess>()

  /** In the run's own folder, with the numbers from 1 on. What the system refuses here is seen when it refuses again. */
  constructor(folder: string, count: number) {
    const environment = processorEnvironment(process.env, { mayConnect: false, addon: loadAddon().path })
    for (let number = 1; number <= count; number += 1) this.#start(folder, processorId(number), environment)
  }

  /** The process of this number, which goes on now; null if there is none. */
  take(id: ProcessorId): ChildProcess | null {
    const child = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (child === undefined) return null
    child.ref()
    for (const socket of socketsOf(child)) socket.ref()
    child.stdin!.end('.')
    return child
  }

  /** Ends those that nobody has taken, and waits until they are gone. */
  async close(): Promise<void> {
    const left = [...this.#waiting.values()]
    const endings = left.map((child) => new Promise((resolve) => child.once('exit', resolve)))
    for (const child of left) {
      child.ref()
      child.kill('SIGKILL')
    }
    await Promise.all(endings)
  }

  #start(folder: string, id: ProcessorId, environment: NodeJS.ProcessEnv): void {
    const child = spawnProcessor(folder, id, environment, true)
    child.on('error', () => {})
    if (child.pid === undefined) return
    this.#waiting.set(id, child)
    child.on('exit', () => this.#waiting.delete(id))
    child.unref()
    for (const socket of socketsOf(child)) socket.on('error', () => {}).unref()
  }
}

function socketsOf({ stdio }: ChildProcess): Socket[] {
  return stdio.filter((stream) => stream !== null && stream !== undefined) as Socket[]
}
