import { processTime, type RunNews } from '../machine/index.ts'

/** Processor time of all processors of a role together, in milliseconds. */
export interface RoleTimes {
  /** The programs' threads. */
  readonly program: number
  /** All other threads of application processors. */
  readonly application: number
  readonly checkpoint: number
  readonly backup: number
}

/** What one run took of the processor, since its program began. */
export interface ProcessorTimes {
  /** Until the first checkpoint was committed, and when that was; null where none was. */
  readonly start: (RoleTimes & { readonly ms: number }) | null
  /** Until the program's end. */
  readonly whole: RoleTimes
}

type Processors = Extract<RunNews, { type: 'started' }>['processors']

/** Looks on as a run goes, at its begin, its first commit and its end. `look`: what the processors have had so far. */
export class ProcessorTimesLog {
  readonly #look: (processors: Processors) => RoleTimes | null
  #processors: Processors = []
  #began: RoleTimes | null = null
  #start: ProcessorTimes['start'] = null
  /** Null until the run has ended, and where a processor was lost or the system does not tell. */
  times: ProcessorTimes | null = null

  constructor(look: (processors: Processors) => RoleTimes | null = roleTimes) {
    this.#look = look
  }

  note(news: RunNews): void {
    if (news.type === 'started') {
      this.#processors = news.processors
      this.#began = this.#look(news.processors)
    } else if (news.type === 'commit' && this.#start === null) {
      const since = this.#sinceBegin()
      this.#start = since && { ...since, ms: news.atMs }
    } else if (news.type === 'ended') {
      const since = this.#sinceBegin()
      this.times = since && { start: this.#start, whole: since }
    }
  }

  #sinceBegin(): RoleTimes | null {
    const now = this.#began && this.#look(this.#processors)
    if (!now || !this.#began) return null
    const began = this.#began
    const since = (role: keyof RoleTimes): number => Math.round(1000 * (now[role] - began[role])) / 1000
    const [program, application] = [since('program'), since('application')]
    return { program, application, checkpoint: since('checkpoint'), backup: since('backup') }
  }
}

function roleTimes(processors: Processors): RoleTimes | null {
  const times = { program: 0, application: 0, checkpoint: 0, backup: 0 }
  for (const { name, pid } of processors) {
    const time = processTime(pid)
    if (time === null) return null
    const role = (['application', 'checkpoint', 'backup'] as const).find((one) => name.startsWith(one))
    if (role === undefined) continue
    times[role] += time.protocolMs
    if (role === 'application') times.program += time.allMs - time.protocolMs
  }
  return times
}
