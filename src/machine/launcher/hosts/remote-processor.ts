import { EventEmitter } from 'node:events'
import type { ProcessorId } from '../../../base/index.ts'
import type { Link } from '../../../fabric/index.ts'
import type { ToDaemon } from '../../wire/hosting.ts'
import type { MessageOutlet, WatchedProcess } from '../crew/process-handle.ts'
import { ProcessorHandle } from '../crew/processor-handle.ts'

/** A process on another host: what is wanted of it is asked of the daemon there. */
class RemoteProcess extends EventEmitter<{ exit: [] }> implements WatchedProcess {
  readonly #id: ProcessorId
  readonly #tell: (order: ToDaemon) => void

  constructor(id: ProcessorId, tell: (order: ToDaemon) => void) {
    super()
    this.#id = id
    this.#tell = tell
  }

  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#tell({ type: 'signal', processor: this.#id, signal })
  }
}

/** A processor on a host, as the launcher of its run knows it. */
export class RemoteProcessor extends ProcessorHandle {
  readonly #remote: RemoteProcess
  #isOwnSilent = false
  #isHostSilent = false

  constructor(id: ProcessorId, host: string, link: Link) {
    const tell = (order: ToDaemon): void => void link.send(order)
    const process = new RemoteProcess(id, tell)
    super(id, process, 0)
    this.#remote = process
    this.host = host
    this.link = outletTo(id, link)
  }

  /** Its daemon hears it, or nothing gets through to it from others. Returns whether that makes it silent, or heard. */
  noteOwn(isSilent: boolean): boolean {
    this.#isOwnSilent = isSilent
    return this.#noteSilence()
  }

  /** Its host is heard or not. Returns whether that makes it silent, or heard. */
  noteHost(isSilent: boolean): boolean {
    this.#isHostSilent = isSilent
    return this.#noteSilence()
  }

  /** What is known of a processor on a host that is not heard is old. */
  #noteSilence(): boolean {
    const before = this.silent
    this.silent = this.#isOwnSilent || this.#isHostSilent
    return this.silent !== before
  }

  /** Its process has ended. */
  ended(ending: string): void {
    if (this.ending !== null) return
    this.ending = ending
    this.#remote.emit('exit')
  }
}

/** Messages for a processor go by its host's daemon. */
function outletTo(processor: ProcessorId, link: Link): MessageOutlet {
  return {
    get closed() {
      return link.closed
    },
    send: (message: unknown) => link.send({ type: 'tell', processor, message }),
    whenDrained: (bytes?: number) => link.whenDrained(bytes),
  }
}
