/**
 * A folder of files, as a disk keeps it. What was written is durable when the file was synced, and which names there are
 * when the folder was: a power cut takes back any part of the rest. What goes wrong is a `DiskError`.
 */
import type { Random } from '../../base/index.ts'
import type { Checksums, PageBatch } from '../../parity/index.ts'
import type { OutputMark } from '../../protocol/index.ts'

/** Which files a checkpoint consists of. */
export interface SimulatedManifest {
  readonly sequence: number
  readonly checkpoint: number
  /** By rank: names of files, a full one and what changed after it, oldest first. */
  readonly chains: readonly (readonly string[])[]
  /** By rank. */
  readonly outputs: readonly OutputMark[]
}

/** A piece of a file that is written at once, and lost at once. */
export type FilePart =
  | { readonly type: 'pages'; readonly batch: PageBatch }
  | { readonly type: 'manifest'; readonly manifest: SimulatedManifest }
  /** A file without it is cut off. Of a manifest there are no checksums. */
  | { readonly type: 'end'; readonly checksums: Checksums | null }

export interface SimulatedFile {
  readonly parts: FilePart[]
  /** This many parts, from the first on, survive whatever happens. */
  durableParts: number
  /** Why it cannot be read; null: it can. */
  problem: string | null
}

/** What the operating system or the reader of a file says. */
export class DiskError extends Error {
  override name = 'DiskError'
}

type Naming =
  | { readonly type: 'name'; readonly name: string; readonly file: SimulatedFile }
  | { readonly type: 'rename'; readonly name: string; readonly newName: string }
  | { readonly type: 'remove'; readonly name: string }

/** A folder in which nothing is being written: what it holds, and what it would hold if no name since it was synced counted. */
export interface FolderContent {
  readonly names: ReadonlyMap<string, Readonly<SimulatedFile>>
  readonly durableNames: ReadonlyMap<string, Readonly<SimulatedFile>>
}

export class SimulatedFolder {
  #names = new Map<string, SimulatedFile>()
  #durableNames = new Map<string, SimulatedFile>()
  /** Since the folder was synced. */
  #namings: Naming[] = []
  /** There is no room for the next write. */
  isFull = false
  /** Something was damaged at some time. */
  hasBeenDamaged = false
  /** There was no room at some time. */
  hasBeenFull = false

  static holding({ names, durableNames }: FolderContent): SimulatedFolder {
    const folder = new SimulatedFolder()
    for (const [name, { parts, ...file }] of durableNames)
      folder.#durableNames.set(name, { parts: [...parts], ...file })
    folder.#names = new Map(folder.#durableNames)
    for (const name of durableNames.keys()) if (!names.has(name)) folder.remove(name)
    for (const [name, { parts, ...file }] of names) {
      if (!durableNames.has(name)) folder.#doName({ type: 'name', name, file: { parts: [...parts], ...file } })
    }
    return folder
  }

  /** Without files that have not got their names: nobody ever reads those. */
  get content(): FolderContent {
    return { names: withoutPartial(this.#names), durableNames: withoutPartial(this.#durableNames) }
  }

  names(): string[] {
    return [...this.#names.keys()]
  }

  create(name: string): SimulatedFile {
    this.#takeRoom()
    const file: SimulatedFile = { parts: [], durableParts: 0, problem: null }
    this.#doName({ type: 'name', name, file })
    return file
  }

  write(file: SimulatedFile, part: FilePart): void {
    this.#takeRoom()
    file.parts.push(part)
  }

  syncFile(file: SimulatedFile): void {
    this.#takeRoom()
    file.durableParts = file.parts.length
  }

  rename(name: string, newName: string): void {
    this.#takeRoom()
    if (!this.#names.has(name)) throw new DiskError(`${name} is missing`)
    this.#doName({ type: 'rename', name, newName })
  }

  remove(name: string): void {
    if (this.#names.has(name)) this.#doName({ type: 'remove', name })
  }

  sync(): void {
    this.#takeRoom()
    this.#durableNames = new Map(this.#names)
    this.#namings = []
  }

  /** The parts of a whole file but its end, and the checksums in that. */
  read(name: string): { readonly parts: readonly FilePart[]; readonly checksums: Checksums | null } {
    const file = this.#names.get(name)
    if (!file) throw new DiskError(`${name} is missing`)
    const end = file.parts.at(-1)
    if (file.problem !== null) throw new DiskError(`${name}: ${file.problem}`)
    if (end?.type !== 'end') throw new DiskError(`${name}: it is cut off`)
    return { parts: file.parts.slice(0, -1), checksums: end.checksums }
  }

  /** The files that a process's checkpoint consists of: a full one and what changed after it, oldest first. */
  chainOf(sequence: number, rank: number): readonly string[] {
    const [first] = this.read(manifestName(sequence)).parts
    return first?.type === 'manifest' ? first.manifest.chains[rank]! : []
  }

  isReadable(name: string): boolean {
    const file = this.#names.get(name)
    return file !== undefined && file.problem === null && file.parts.at(-1)?.type === 'end'
  }

  /** Whether a file is there, whole and to be found under this name, even after a power cut at this moment. */
  isDurable(name: string): boolean {
    const file = this.#durableNames.get(name)
    return file !== undefined && file.parts.at(-1)?.type === 'end' && file.durableParts === file.parts.length
  }

  /** The file cannot be read any more. */
  damage(name: string, problem: string): boolean {
    const file = this.#names.get(name)
    if (!file || file.problem !== null) return false
    file.problem = problem
    this.hasBeenDamaged = true
    return true
  }

  /** Of what is not durable, each name is lost or not, and files are torn anywhere. */
  cutPower(random: Pick<Random, 'integer'>): void {
    const names = new Map(this.#durableNames)
    for (const naming of this.#namings) if (random.integer(0, 1) === 1) apply(names, naming)
    for (const file of new Set(names.values())) {
      file.parts.length = random.integer(file.durableParts, file.parts.length)
      file.durableParts = file.parts.length
    }
    this.#names = names
    this.#durableNames = new Map(names)
    this.#namings = []
    this.isFull = false
  }

  #doName(naming: Naming): void {
    this.#namings.push(naming)
    apply(this.#names, naming)
  }

  #takeRoom(): void {
    if (!this.isFull) return
    this.isFull = false
    this.hasBeenFull = true
    throw new DiskError('no space left on device')
  }
}

function apply(names: Map<string, SimulatedFile>, naming: Naming): void {
  if (naming.type === 'name') names.set(naming.name, naming.file)
  if (naming.type === 'remove') names.delete(naming.name)
  if (naming.type !== 'rename') return
  const file = names.get(naming.name)
  if (file) names.set(naming.newName, file)
  names.delete(naming.name)
}

const partialEnding = '.partial'

function withoutPartial(names: ReadonlyMap<string, SimulatedFile>): Map<string, SimulatedFile> {
  return new Map([...names].filter(([name]) => !name.endsWith(partialEnding)))
}

/** Writes a file that gets its name only when all of it is durable: one operation at a time, and nothing when it fails. */
export function* writeWhole(folder: SimulatedFolder, name: string, parts: Iterable<FilePart>): Generator<void, void> {
  const partial = name + partialEnding
  try {
    const file = folder.create(partial)
    for (const part of parts) {
      folder.write(file, part)
      yield
    }
    folder.syncFile(file)
    yield
    folder.rename(partial, name)
    yield
    folder.sync()
  } catch (error) {
    folder.remove(partial)
    throw error
  }
}

/** Files carry the number of their run too: one that was cut off may have written the same checkpoint. */
export function pagesName(sequence: number, run: number, rank: number): string {
  return `pages-${sequence}-${run}-${rank}`
}

export function manifestName(sequence: number): string {
  return `manifest-${sequence}`
}

/** The checkpoint that a file is or was to be a part of. */
export function sequenceOf(name: string): number {
  return Number(name.split(/[-.]/)[1])
}

export const isManifest = (name: string): boolean => /^manifest-\d+$/.test(name)
