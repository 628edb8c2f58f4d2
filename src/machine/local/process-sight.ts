/** What the system says of a process of this computer; nothing where there is no /proc. */
import { readFileSync, readlinkSync } from 'node:fs'

/** A process or one of its threads, as it is seen from outside. */
export interface ProcessSight {
  /** R: runs, or waits for a core; S, I: sleeps; D: waits for a device or for memory; T, t: is stopped; Z, X: has ended. */
  readonly state: string
  /** Processor time that it has had so far. */
  readonly cpuMs: number
}

/** A unit of time in /proc, which is 1/100 s for every program, whatever the kernel's own is. */
const tickMs = 10

/** The whole process, with the state of its main thread. Null: it is gone, or the system does not tell. */
export function sightOfProcess(pid: number): ProcessSight | null {
  return readSight(`/proc/${pid}/stat`)
}

export function sightOfThread(pid: number, thread: number): ProcessSight | null {
  return readSight(`/proc/${pid}/task/${thread}/stat`)
}

/** The number by which others can look at the thread that asks; null where the system does not tell. */
export function ownThread(): number | null {
  try {
    return Number(/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1] ?? Number.NaN) || null
  } catch {
    return null
  }
}

/** Who started the process, who started that one, and so on; as far as the system tells. */
export function ancestorsOf(pid: number, read: (path: string) => string | null): number[] {
  const ancestors: number[] = []
  for (let stat = read(`/proc/${pid}/stat`); stat !== null; stat = read(`/proc/${ancestors.at(-1)}/stat`)) {
    const parent = Number(fieldsOf(stat)[1])
    if (!(parent > 0) || ancestors.includes(parent)) break
    ancestors.push(parent)
  }
  return ancestors
}

function readSight(path: string): ProcessSight | null {
  try {
    const fields = fieldsOf(readFileSync(path, 'latin1'))
    return { state: fields[0]!, cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs }
  } catch {
    return null
  }
}

/** Of a stat file, from the third field on: the name before it may hold anything, spaces and parentheses too. */
export function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
