import { join } from 'node:path'
import { type Link, unixFabric } from '../../fabric/index.ts'
import type { CandidateId } from '../../protocol/index.ts'
import { LinkedStore } from '../../store/index.ts'
import { systemClock } from '../local/system-clock.ts'
import { beginBeating } from '../processor/beating.ts'
import type { CandidateConfiguration, ConductorHello, FromConductor, ToConductor } from '../wire/conducting.ts'
import { controlSocket, type TraceLine } from '../wire/control.ts'
import { effectLine, eventLine } from '../wire/trace-line.ts'
import { toConductorProblem } from '../wire/validate-conducting.ts'
import { ConductorDriver } from './conductor-driver.ts'

/** A process that conducts, or stands by to take over. */
export class ConductorProcess {
  readonly #folder: string
  readonly #id: CandidateId
  readonly #store = new LinkedStore((message) => this.#tell({ type: 'store', message }))
  #control: Link | null = null
  #driver: ConductorDriver | null = null
  #traceLines: TraceLine[] = []

  constructor(folder: string, id: CandidateId) {
    this.#folder = folder
    this.#id = id
  }

  /** Connects to the launcher, and from there on conducts when it has to. */
  async run(): Promise<void> {
    const address = join(this.#folder, controlSocket)
    const hello = (link: ConductorHello['link']): ConductorHello => ({ conductor: this.#id, link })
    // Whether it is heard it learns by the store.
    const onError = (error: Error): void => this.fail(error)
    await beginBeating(address, hello('heartbeat'), { onEchoes: () => {}, onError })
    const control = await unixFabric().connect(address, { ...hello('control') })
    this.#control = control
    control.onClose = () => process.exit(0)
    control.onMessage = (message) => {
      const problem = toConductorProblem(message)
      if (problem === null) this.#take(message as ToConductor)
      else control.reject(problem)
    }
  }

  /** An error that nothing here can mend: the launcher hears of it and ends the run, or sees this process end. */
  fail(error: unknown): void {
    if (this.#control === null) process.exit(1)
    this.#tell({ type: 'defect', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }

  #tell(message: FromConductor): void {
    this.#control?.send(message)
  }

  #take(message: ToConductor): void {
    switch (message.type) {
      case 'configure':
        this.#driver = this.#makeDriver(message.configuration)
        process.title = `paritas: conductor ${this.#folder} ${this.#id}`
        return
      case 'event':
        this.#driver?.take(message.event)
        return
      case 'store': {
        const problem = this.#store.take(message.message)
        if (problem !== null) this.#control?.reject(problem)
      }
    }
  }

  #makeDriver(configuration: CandidateConfiguration): ConductorDriver {
    const { isTraced } = configuration
    return new ConductorDriver({
      configuration,
      store: this.#store,
      clock: systemClock,
      send: (message) => this.#tell(message),
      onEvent: (event, epoch) => isTraced && this.#trace(eventLine('conductor', epoch, event)),
      onEffect: (effect, epoch) => isTraced && this.#trace(effectLine('conductor', epoch, effect)),
    })
  }

  /** The lines of one turn of the event loop travel together. */
  #trace(line: TraceLine): void {
    if (this.#traceLines.length === 0) {
      setImmediate(() => {
        this.#tell({ type: 'trace', lines: this.#traceLines })
        this.#traceLines = []
      })
    }
    this.#traceLines.push(line)
  }
}
