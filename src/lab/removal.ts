import { rmdirSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { innerGroups, processesIn, removeGroup, systemFiles } from '../machine/index.ts'
import { stateOf } from '../ownership/index.ts'
import { allProcesses, contentOf, signal } from './processes.ts'
import { type LabRecord, labFolder, labNames, labsFolder, readRecord } from './record.ts'

/** How long to wait for processes that were killed. */
const endingMsMax = 10_000
/** The kernel tells nobody but its parent when a process has ended, nor when a group of version 1 is empty. */
const lookMs = 4

/**
 * Ends all that is in a laboratory whose own process has ended or is about to, and removes its groups and its folder. Says
 * false if something of it cannot be removed: then the folder is there still, for the next one who tries.
 */
export async function removeLab(name: string): Promise<boolean> {
  const folder = labFolder(name)
  const record = readRecord(folder)
  if (record !== null && !(await emptied(name, record))) return false
  for (const group of record?.groups ?? []) removeGroup(group, systemFiles)
  if (record?.groups.some(({ folder: left }) => systemFiles.names(left).length > 0)) return false
  rmSync(folder, { recursive: true, force: true })
  try {
    rmdirSync(labsFolder())
  } catch {
    // There are others.
  }
  return true
}

/** Removes those whose own process has ended. Says which ones were removed, and which could not be. */
export async function removeEndedLabs(): Promise<{ readonly removed: string[]; readonly left: string[] }> {
  const ended = labNames().filter((name) => {
    const record = readRecord(labFolder(name))
    return record !== null && stateOf(record.owner) === 'ended'
  })
  const outcomes = await Promise.all(ended.map(removeLab))
  return { removed: ended.filter((_, at) => outcomes[at]), left: ended.filter((_, at) => !outcomes[at]) }
}

/** Kills all of its processes, and waits until they have ended. */
async function emptied(name: string, { operator, groups }: LabRecord): Promise<boolean> {
  const pids = (): number[] => [
    ...(operator !== null && stateOf(operator) === 'lives' ? [operator.pid] : []),
    ...groups
      .flatMap((group) => innerGroups(group, systemFiles))
      .flatMap((folder) => processesIn(systemFiles.read, folder)),
  ]
  for (let waitedMs = 0; waitedMs < endingMsMax; waitedMs += lookMs) {
    const left = pids()
    if (left.length === 0) return true
    for (const pid of left) signal(pid, 'SIGKILL')
    wakeEntering(name, null)
    await sleep(lookMs)
  }
  return false
}

/**
 * Has those go that have entered a host that is being ended, or any (null), and stand still: each stops with the one that it has
 * started, and a namespace of processes has not ended before such a one has seen that end. First that is killed, so that it
 * does nothing more when it is woken.
 */
export function wakeEntering(lab: string, host: string | null): void {
  const processes = allProcesses()
  for (const { pid } of processes.filter(({ command, state }) => command === 'nsenter' && state === 'T')) {
    const env = contentOf(`/proc/${pid}/environ`).split('\0')
    const isIts = env.includes(`PARITAS_LAB=${lab}`) && (host === null || env.includes(`PARITAS_LAB_HOST=${host}`))
    if (!isIts) continue
    for (const one of processes) if (one.parent === pid) signal(one.pid, 'SIGKILL')
    signal(pid, 'SIGCONT')
  }
}
