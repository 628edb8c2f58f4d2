import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { fieldsOf, sightOfProcess } from './process-sight.ts'

/** What one thread has had of the processor. */
interface ThreadTime {
  readonly ms: number
  /** A program computes in it: it gives way to all others. */
  readonly isProgram: boolean
}

/** Of all threads of some processes, by where /proc has them. */
export type ThreadTimes = ReadonlyMap<string, ThreadTime>

/** Null where the system does not tell. */
export function threadTimes(pids: readonly number[]): ThreadTimes | null {
  const usualNice = getPriority()
  try {
    return new Map(pids.flatMap(threadsOf).map((thread) => [thread, timeOf(thread, usualNice)]))
  } catch {
    // A thread has ended meanwhile, or this is no Linux.
    return null
  }
}

/** What a process has had of the processor. */
export interface ProcessTime {
  /** All threads, those that have ended too; in steps of 10 ms. */
  readonly allMs: number
  /** Those that live, but for the programs'. */
  readonly protocolMs: number
}

/** Null where the process is gone, or the system does not tell. */
export function processTime(pid: number): ProcessTime | null {
  const sight = sightOfProcess(pid)
  if (sight === null) return null
  const times = threadsOf(pid).flatMap((thread) => {
    try {
      return [timeOf(thread, getPriority())]
    } catch {
      // Threads that end are a program's.
      return []
    }
  })
  if (times.length === 0) return null
  const protocolMs = times.reduce((sum, { ms, isProgram }) => sum + (isProgram ? 0 : ms), 0)
  return { allMs: sight.cpuMs, protocolMs }
}

function timeOf(thread: string, usualNice: number): ThreadTime {
  const ms = Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e6
  return { ms, isProgram: niceOf(thread) > usualNice }
}

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
}

/** The 19th field. */
function niceOf(thread: string): number {
  return Number(fieldsOf(readFileSync(`${thread}/stat`, 'utf8'))[16])
}
