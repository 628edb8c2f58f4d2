/**
 * The bundles of a host, by their digests, in one folder that several runs share. A bundle counts from the moment when its
 * folder gets its name, which it gets when every byte of it is checked and on the disk. Whatever is interrupted leaves
 * only what the next to open the store removes.
 */
import { randomBytes } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inBytes, UsageError } from '../../base/index.ts'
import { nodeFolder } from '../../checkpoint-files/index.ts'
import { fileError, isSystemError } from '../../file-errors/index.ts'
import { decodeOwnerTag, ownerTag, stateOf, thisProcess } from '../../ownership/index.ts'
import { holdsWhole, type ReadPart, requireLoadable, writeBundle } from './bundle-folder.ts'
import {
  BundleError,
  type BundleManifest,
  bytesOf,
  isDigest,
  manifestName,
  moduleName,
  shortDigest,
} from './manifest.ts'

/** So much all bundles of a host take, if nothing else is said. */
export const usualStoreBytes = 2 ** 30

/** A bundle that is there, and stays at least until it is released. */
export interface OpenBundle {
  readonly digest: string
  /** The program's name. */
  readonly program: string
  /** What a thread imports. */
  readonly moduleUrl: string
  /** Absolute paths, the module's among them. */
  readonly files: readonly string[]
  release(): Promise<void>
}

interface Held {
  readonly digest: string
  readonly bytes: number
  readonly usedMs: number
}

export class BundleStore {
  readonly #folder: string
  readonly #bytesMax: number
  readonly #tag = ownerTag(thisProcess())
  /** Bundles that are being fetched. */
  readonly #fetching = new Map<string, Promise<void>>()
  /** One at a time makes room and takes it. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, bytesMax: number) {
    this.#folder = folder
    this.#bytesMax = bytesMax
  }

  /**
   * The store in `folder`, which is made if it is not there, for this user alone. Removes what processes have left that
   * were ended in the middle of something. `bytesMax`: what all bundles may take; the least recently used go beyond that,
   * but none that is in use. Throws a `UsageError` if the folder cannot be used.
   */
  static async open(folder: string, bytesMax = usualStoreBytes): Promise<BundleStore> {
    const store = new BundleStore(folder, bytesMax)
    await store.#telling(async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await store.#removeLeftovers()
    })
    return store
  }

  /** Whether it is there; `open` looks at its bytes. */
  async has(digest: string): Promise<boolean> {
    return isDigest(digest) && (await isThere(join(this.#folder, digest, manifestName)))
  }

  /**
   * Fetches a bundle part by part and keeps it. Throws a `BundleError` if what `read` gives is not the bundle, a
   * `UsageError` if it is none for this version of Paritas or there is no room for it, and whatever `read` throws. Then
   * nothing of it is kept.
   */
  async put(digest: string, read: ReadPart): Promise<void> {
    const incoming = this.#newName('incoming')
    try {
      await this.#telling(async () => {
        const manifest = await writeBundle(incoming, digest, read, (coming) => this.#requireFit(coming))
        await this.#inTurn(async () => {
          await this.#makeRoom(bytesOf(manifest))
          await this.#settle(incoming, digest)
        })
      })
    } finally {
      await rm(incoming, { recursive: true, force: true })
    }
  }

  /**
   * The bundle, with all of its bytes checked; null if it is not there, or damaged: then it is removed. Throws a
   * `UsageError` if it is for another version of Paritas.
   */
  async open(digest: string): Promise<OpenBundle | null> {
    if (!(await this.has(digest))) return null
    const mark = join(this.#folder, `${digest}.${this.#tag}.${randomBytes(4).toString('hex')}.used`)
    const release = (): Promise<void> => rm(mark, { force: true })
    let opened: OpenBundle | null = null
    try {
      opened = await this.#telling(async () => {
        await writeFile(mark, '', { mode: 0o600 })
        return this.#openMarked(digest, release)
      })
      return opened
    } finally {
      if (opened === null) await release()
    }
  }

  async #openMarked(digest: string, release: OpenBundle['release']): Promise<OpenBundle | null> {
    const folder = join(this.#folder, digest)
    const manifest = await holdsWhole(folder, digest)
    if (manifest === null) {
      await this.#discard(digest)
      return null
    }
    requireLoadable(manifest)
    await this.#noteUse(digest)
    const files = manifest.files.map(({ name }) => join(folder, name))
    const moduleUrl = pathToFileURL(join(folder, moduleName)).href
    return { digest, program: manifest.program, moduleUrl, files, release }
  }

  /** The bundle, fetched if it is not there or damaged; once, though several ask at a time. Throws as `put` does. */
  async obtain(digest: string, read: ReadPart): Promise<OpenBundle> {
    for (let fetched = 0; fetched < 2; ) {
      const there = await this.open(digest)
      if (there !== null) return there
      const other = this.#fetching.get(digest)
      // Who fetches for somebody else may have lost whom it fetches from.
      if (other !== undefined) await other.catch(() => {})
      else {
        fetched += 1
        await this.#fetch(digest, read)
      }
    }
    throw new BundleError(`program bundle ${shortDigest(digest)} is damaged as soon as it is in ${this.#folder}`)
  }

  async #fetch(digest: string, read: ReadPart): Promise<void> {
    const fetching = this.put(digest, read)
    this.#fetching.set(digest, fetching)
    try {
      await fetching
    } finally {
      this.#fetching.delete(digest)
    }
  }

  /** Gives what has come its name, unless it is here by now. */
  async #settle(incoming: string, digest: string): Promise<void> {
    try {
      await rename(incoming, join(this.#folder, digest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    }
    await nodeFolder(this.#folder).sync()
  }

  #requireFit(manifest: BundleManifest): void {
    requireLoadable(manifest)
    const bytes = bytesOf(manifest)
    if (bytes <= this.#bytesMax) return
    const room = inBytes(this.#bytesMax)
    throw new UsageError(`${this.#folder} keeps ${room} of program bundles, and this one takes ${inBytes(bytes)}`)
  }

  async #makeRoom(bytes: number): Promise<void> {
    const held = await this.#held()
    let left = held.reduce((sum, one) => sum + one.bytes, bytes)
    for (const one of held) {
      if (left <= this.#bytesMax) return
      if (await this.#evict(one.digest)) left -= one.bytes
    }
    if (left <= this.#bytesMax) return
    const used = inBytes(left - bytes)
    const room = `${this.#folder} keeps ${inBytes(this.#bytesMax)} of program bundles`
    throw new UsageError(`${room}: ${used} are in use, and this one takes ${inBytes(bytes)}`)
  }

  /** What is there, the one that was not used for longest first. */
  async #held(): Promise<Held[]> {
    const held: Held[] = []
    for (const digest of (await readdir(this.#folder)).filter(isDigest)) {
      const folder = join(this.#folder, digest)
      try {
        const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size)
        const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
        held.push({ digest, bytes, usedMs: (await stat(folder)).mtimeMs })
      } catch {
        // Another process has just removed it.
      }
    }
    return held.sort((a, b) => a.usedMs - b.usedMs)
  }

  /** Whether it is gone. Whoever opens it meanwhile finds it gone, or has it back. */
  async #evict(digest: string): Promise<boolean> {
    if (await this.#isUsed(digest)) return false
    const outgoing = await this.#takeAway(digest)
    if (outgoing === null) return true
    if ((await this.#isUsed(digest)) && (await this.#bringBack(outgoing, digest))) return false
    await rm(outgoing, { recursive: true, force: true })
    return true
  }

  /** Removes a damaged one, though a run may use it: what is fetched anew takes its place. */
  async #discard(digest: string): Promise<void> {
    const outgoing = await this.#takeAway(digest)
    if (outgoing === null) return
    // Another process may have fetched it since it was looked at.
    if ((await holdsWhole(outgoing, digest)) !== null && (await this.#bringBack(outgoing, digest))) return
    await rm(outgoing, { recursive: true, force: true })
  }

  /** At once, so that nobody finds a part of it. Null if it is not there. */
  async #takeAway(digest: string): Promise<string | null> {
    const outgoing = this.#newName('outgoing')
    try {
      await rename(join(this.#folder, digest), outgoing)
      return outgoing
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  /** Whether it has its name again: false if another one came in its place. */
  #bringBack(outgoing: string, digest: string): Promise<boolean> {
    return rename(outgoing, join(this.#folder, digest)).then(
      () => true,
      () => false,
    )
  }

  async #isUsed(digest: string): Promise<boolean> {
    const names = await readdir(this.#folder)
    return names.some(
      (name) => name.startsWith(`${digest}.`) && name.endsWith('.used') && !hasEnded(name.split('.')[1]!),
    )
  }

  async #noteUse(digest: string): Promise<void> {
    const now = new Date()
    try {
      await utimes(join(this.#folder, digest), now, now)
    } catch {
      // Then it counts as used when it came.
    }
  }

  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const [, moved] = /^(?:incoming|outgoing)\.([^.]+)\.[\da-f]{8}$/.exec(name) ?? []
      const [, using] = /^[\da-f]{64}\.([^.]+)\.[\da-f]{8}\.used$/.exec(name) ?? []
      const tag = moved ?? using
      if (tag !== undefined && hasEnded(tag)) await rm(join(this.#folder, name), { recursive: true, force: true })
    }
  }

  #newName(what: 'incoming' | 'outgoing'): string {
    return join(this.#folder, `${what}.${this.#tag}.${randomBytes(4).toString('hex')}`)
  }

  /** What the system refuses is told as users can read it. */
  async #telling<Value>(action: () => Promise<Value>): Promise<Value> {
    try {
      return await action()
    } catch (error) {
      throw isSystemError(error) ? fileError(`cannot keep program bundles in ${this.#folder}`, error) : error
    }
  }

  #inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const turn = this.#turn.then(action)
    this.#turn = turn.catch(() => {})
    return turn
  }
}

function hasEnded(tag: string): boolean {
  const owner = decodeOwnerTag(tag)
  return owner !== null && stateOf(owner) === 'ended'
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
