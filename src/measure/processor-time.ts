import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import type { RunNews } from '../machine/index.ts'

/** What the threads of a run have had of the processor, in milliseconds. */
export interface ProcessorTime {
  /** Of those in which programs compute: the ones that give way to all others. */
  readonly programMs: number
  readonly otherMs: number
}

/** Of all threads that are there. Null where the system does not tell, or no thread gives way. */
export function processorTime(pids: readonly number[]): ProcessorTime | null {
  let [programMs, otherMs] = [0, 0]
  const usualNice = getPriority()
  try {
    for (const thread of pids.flatMap(threadsOf)) {
      const ms = Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e6
      if (niceOf(thread) > usualNice) programMs += ms
      else otherMs += ms
    }
  } catch {
    // A thread has ended meanwhile, or this is no Linux.
    return null
  }
  return programMs > 0 ? { programMs, otherMs } : null
}

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
}

/** The 19th field; the second one, the name in parentheses, may hold spaces. */
function niceOf(thread: string): number {
  const stat = readFileSync(`${thread}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}

/** Looks on as a run goes, and says what its other threads had for each millisecond of its programs'. */
export class ProcessorShare {
  readonly #fromShare: number
  readonly #toShare: number
  #pids: readonly number[] = []
  #began: ProcessorTime | null = null
  /** Null until the run has come so far, and where the system does not tell. */
  otherByProgram: number | null = null

  /** Counts between two points of the program's progress. */
  constructor(fromShare: number, toShare: number) {
    this.#fromShare = fromShare
    this.#toShare = toShare
  }

  note(news: RunNews): void {
    if (news.type === 'started') this.#pids = [process.pid, ...news.processors.map(({ pid }) => pid)]
    if (news.type !== 'progress' || this.otherByProgram !== null) return
    if (this.#began === null && news.share >= this.#fromShare) this.#began = processorTime(this.#pids)
    else if (this.#began !== null && news.share >= this.#toShare) this.#end(this.#began, processorTime(this.#pids))
  }

  #end(began: ProcessorTime, ended: ProcessorTime | null): void {
    if (!ended) return
    this.otherByProgram = (ended.otherMs - began.otherMs) / (ended.programMs - began.programMs)
  }
}
