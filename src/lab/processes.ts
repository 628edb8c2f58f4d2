/** The processes of this computer, as far as /proc tells of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { attempt } from '../base/index.ts'

interface SeenProcess {
  readonly pid: number
  readonly command: string
  /** As in /proc: T stands still. */
  readonly state: string
  readonly parent: number
}

export function allProcesses(): SeenProcess[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    const [, command, state, parent] = /^\d+ \((.*)\) (\w) (\d+)/s.exec(contentOf(`/proc/${entry}/stat`)) ?? []
    return parent === undefined
      ? []
      : [{ pid: Number(entry), command: command!, state: state!, parent: Number(parent) }]
  })
}

/** Empty if it cannot be read. */
export function contentOf(path: string): string {
  return attempt(() => readFileSync(path, 'latin1'), '')
}

/** Says nothing if it has ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended.
  }
}
