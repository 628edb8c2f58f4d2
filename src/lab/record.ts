/**
 * The folder of a laboratory, by which commands find it, and in it what is needed to remove it, whatever has ended it. Where
 * folders of laboratories are is the same for all commands of a user.
 */
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, type Check, flag, listOf, objectOf, oneOf, orNull, text } from '../base/index.ts'
import { fileError } from '../file-errors/index.ts'
import type { DividedGroup, GroupTree } from '../machine/index.ts'
import { type Owner, ownerCheck } from '../ownership/index.ts'

export interface LabRecord {
  /** The laboratory's own process: what it leaves may be removed when it has ended. */
  readonly owner: Owner
  /** The first process of all that is in it; null before that is started. */
  readonly operator: Owner | null
  readonly groups: readonly DividedGroup[]
}

const controllers = listOf(oneOf(['cpu', 'memory']))
const recordCheck: Check = objectOf<LabRecord>({
  owner: ownerCheck,
  operator: orNull(ownerCheck),
  groups: listOf(
    objectOf<DividedGroup>({
      tree: objectOf<GroupTree>({ version: oneOf([1, 2]), folder: text, isDivided: flag, hasToBeLeft: flag }),
      ...{ folder: text, controllers, missing: controllers },
    }),
  ),
})

const recordName = 'laboratory.json'

/** What tells those that run on a host where the folders of laboratories are: there another user may seem to be asking. */
export const labsVariable = 'PARITAS_LABS'

/** Only the user can enter it. */
export function labsFolder(): string {
  const told = process.env[labsVariable]
  if (told !== undefined) return told
  const user = process.getuid?.() ?? 0
  return isWritable('/run') ? '/run/paritas-lab' : join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), `paritas-lab-${user}`)
}

/** Paths in a laboratory's folder. */
export const labFiles = (folder: string) =>
  ({
    /** The socket where commands come in. */
    control: join(folder, 'control'),
    /** Names and addresses, as /etc/hosts has them. */
    hosts: join(folder, 'hosts'),
    /** Scripts. */
    operator: join(folder, 'operator'),
    host: join(folder, 'host'),
    /** Where the operator has what the kernel tells of the switch's devices. */
    switch: join(folder, 'switch'),
  }) as const

/** Makes the folder of a laboratory; null if there is one of this name. */
export function makeLabFolder(name: string): string | null {
  const parent = labsFolder()
  const folder = join(parent, name)
  for (;;) {
    try {
      mkdirSync(parent, { recursive: true, mode: 0o700 })
      mkdirSync(folder, { mode: 0o700 })
      mkdirSync(labFiles(folder).switch)
      return folder
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') return null
      // The last one of others has gone meanwhile, and the folder of all with it.
      if (code !== 'ENOENT') throw fileError(`cannot make a laboratory's folder in ${parent}`, error)
    }
  }
}

/** The names of all that have a folder, whether they still are. */
export function labNames(): string[] {
  return attempt(() => readdirSync(labsFolder()).sort(), [])
}

export const labFolder = (name: string): string => join(labsFolder(), name)

/** At once whole. */
export function writeRecord(folder: string, record: LabRecord): void {
  const path = join(folder, recordName)
  writeFileSync(`${path}.new`, JSON.stringify(record))
  renameSync(`${path}.new`, path)
}

/** Null if there is none, or something else. */
export function readRecord(folder: string): LabRecord | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, recordName), 'utf8'))
    return recordCheck(value) === null ? (value as LabRecord) : null
  } catch {
    return null
  }
}

function isWritable(folder: string): boolean {
  return attempt(() => accessSync(folder, constants.W_OK) === undefined, false)
}
