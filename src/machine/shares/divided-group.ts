import { accessSync, constants, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import type { ReadText } from '../limits/control-groups.ts'
import { readText } from '../limits/limits.ts'
import { type GroupController, type GroupTree, processesIn } from './group-tree.ts'
import type { GroupFile } from './limit-files.ts'

/** The files of control groups. What the system refuses is thrown, but for reading. */
export interface GroupFiles {
  read(path: string): string | null
  write(path: string, content: string): void
  make(folder: string): void
  /** Only where no process is in it. */
  remove(folder: string): void
  /** Of the groups in it, and of files; none where there is no such folder. */
  names(folder: string): string[]
  whyReadOnly(path: string): string | null
}

/** Of version 2: where those wait that have to leave the group that is divided. */
const waitingRoom = 'launcher'

/** Groups that are made in a divided one: a processor's, a host's, and one to try what the system takes. */
const innerGroup = /^[ph]\d+$|^trial$/

export const reading =
  (files: GroupFiles): ReadText =>
  (path) =>
    files.read(path)

/** A group of one's own below the one that this process is in, and with groups in it. Plain data, so that others can remove it. */
export interface DividedGroup {
  readonly tree: GroupTree
  readonly folder: string
  readonly controllers: readonly GroupController[]
  /** Of them, those that the groups around do not have yet. Of version 2 only. */
  readonly missing: readonly GroupController[]
}

/** Makes the group. What the system refuses is thrown; then it may be there in parts, for `removeGroup`. */
export function makeGroup({ tree, folder, controllers, missing }: DividedGroup, files: GroupFiles): void {
  files.make(folder)
  if (tree.version === 1) return
  const waiting = `${folder}/${waitingRoom}`
  files.make(waiting)
  const leaving = tree.hasToBeLeft ? processesIn(reading(files), tree.folder) : []
  for (const pid of leaving) writeTo(files, waiting, ['cgroup.procs', String(pid)])
  if (missing.length > 0) writeTo(files, tree.folder, control('+', missing))
  writeTo(files, folder, control('+', controllers))
}

const control = (sign: '+' | '-', controllers: readonly GroupController[]): GroupFile => [
  'cgroup.subtree_control',
  controllers.map((one) => `${sign}${one}`).join(' '),
]

/** Whether a group takes a limit shows only when it is given: now, and not when the first process has started. */
export function tryLimits({ folder }: DividedGroup, limits: readonly GroupFile[], files: GroupFiles): void {
  const group = `${folder}/trial`
  files.make(group)
  for (const file of limits) writeTo(files, group, file)
  files.remove(group)
}

export function writeTo(files: GroupFiles, group: string, [name, content]: GroupFile): void {
  files.write(`${group}/${name}`, content)
}

/** The groups in it that are there. */
export function innerGroups({ folder }: DividedGroup, files: GroupFiles): string[] {
  return files
    .names(folder)
    .filter((name) => innerGroup.test(name))
    .map((name) => `${folder}/${name}`)
}

/** The group with all groups in it. What had to leave its parent for it comes back. */
export function removeGroup(group: DividedGroup, files: GroupFiles): void {
  const { tree, folder, controllers, missing } = group
  for (const inner of innerGroups(group, files)) quietly(() => files.remove(inner))
  if (tree.version === 2) {
    const waiting = `${folder}/${waitingRoom}`
    quietly(() => writeTo(files, folder, control('-', controllers)))
    if (missing.length > 0) quietly(() => writeTo(files, tree.folder, control('-', missing)))
    const waiters = processesIn(reading(files), waiting)
    for (const pid of waiters) quietly(() => files.write(`${tree.folder}/cgroup.procs`, String(pid)))
    quietly(() => files.remove(waiting))
  }
  quietly(() => files.remove(folder))
}

/** What cannot be put in order now is a leftover, which the next one removes. */
export function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // A process is still in it, or it is gone already.
  }
}

export const systemFiles: GroupFiles = {
  read: readText,
  write: (path, content) => writeFileSync(path, content),
  make: (folder) => mkdirSync(folder),
  remove: (folder) => rmdirSync(folder),
  names(folder) {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  },
  whyReadOnly(path) {
    try {
      accessSync(path, constants.W_OK)
      return null
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'EACCES'
    }
  },
}
