import { type RunNews, type ThreadTimes, threadTimes } from '../machine/index.ts'

/**
 * What all threads but the programs' had between two looks for each millisecond that those had. Null where a thread has
 * ended in between, since what it had is not known any more, and where no program computed.
 */
export function otherByProgram(began: ThreadTimes, ended: ThreadTimes): number | null {
  for (const thread of began.keys()) if (!ended.has(thread)) return null
  let [programMs, otherMs] = [0, 0]
  for (const [thread, { ms, isProgram }] of ended) {
    const hadMs = ms - (began.get(thread)?.ms ?? 0)
    if (isProgram) programMs += hadMs
    else otherMs += hadMs
  }
  return programMs > 0 ? otherMs / programMs : null
}

/** Looks on as a run goes, at two points of the program's progress. */
export class ProcessorShare {
  readonly #fromShare: number
  readonly #toShare: number
  #pids: readonly number[] = []
  #began: ThreadTimes | null = null
  #isOver = false
  /** Between the two points; null until the run has come so far, and where it is not known. */
  otherByProgram: number | null = null

  constructor(fromShare: number, toShare: number) {
    this.#fromShare = fromShare
    this.#toShare = toShare
  }

  note(news: RunNews): void {
    if (news.type === 'started') this.#pids = [process.pid, ...news.processors.map(({ pid }) => pid)]
    if (news.type !== 'progress' || this.#isOver || news.share < this.#fromShare) return
    if (this.#began === null) this.#began = threadTimes(this.#pids)
    else if (news.share >= this.#toShare) this.#end(this.#began, threadTimes(this.#pids))
  }

  #end(began: ThreadTimes, ended: ThreadTimes | null): void {
    this.#isOver = true
    this.otherByProgram = ended && otherByProgram(began, ended)
  }
}
