import type { FileInWriting, Folder } from '../../src/checkpoint-files/index.ts'

type Content = Uint8Array

/** One thing that was done to the disk. Files are known by number, since names move. */
type Operation =
  | { readonly type: 'create'; readonly file: number; readonly name: string }
  | { readonly type: 'write'; readonly file: number; readonly at: number; readonly bytes: Content }
  | { readonly type: 'syncFile'; readonly file: number }
  | { readonly type: 'rename'; readonly name: string; readonly newName: string }
  | { readonly type: 'remove'; readonly name: string }
  | { readonly type: 'syncFolder' }

/** What a disk may hold after a power cut, and what was said to be done by then. */
export interface AfterPowerCut {
  readonly what: string
  readonly done: number
  readonly files: ReadonlyMap<string, Content>
}

const nothing = new Uint8Array(0)

/** Names that are not durable yet, up to so many, are tried in every combination. */
const pendingMax = 7

/** A folder in memory that remembers every operation, so that the power can be cut between any two, and within. */
export class FragileDisk implements Folder {
  readonly operations: Operation[] = []
  readonly #names = new Map<string, number>()
  readonly #files = new Map<number, Content>()
  #created = 0
  /** Fails the operation with this number, as a full disk does; removing needs no room, so then the one after it. */
  failsAt: number | null = null

  names(): Promise<string[]> {
    return Promise.resolve([...this.#names.keys()])
  }

  create(name: string): Promise<FileInWriting> {
    this.#created += 1
    const file = this.#created
    this.#do({ type: 'create', file, name })
    this.#names.set(name, file)
    this.#files.set(file, nothing)
    return Promise.resolve({
      write: async (at, bytes) => {
        const copy = bytes.slice()
        this.#do({ type: 'write', file, at, bytes: copy })
        this.#files.set(file, written(this.#files.get(file)!, at, copy))
        return Promise.resolve()
      },
      sync: async () => Promise.resolve(this.#do({ type: 'syncFile', file })),
      close: () => Promise.resolve(),
    })
  }

  async read(name: string, from: number, bytes: number): Promise<Uint8Array> {
    const file = this.#names.get(name)
    if (file === undefined) throw Object.assign(new Error(`no such file: ${name}`), { code: 'ENOENT', path: name })
    return Promise.resolve(this.#files.get(file)!.slice(from, from + bytes))
  }

  async rename(name: string, newName: string): Promise<void> {
    this.#do({ type: 'rename', name, newName })
    this.#names.set(newName, this.#names.get(name)!)
    this.#names.delete(name)
    return Promise.resolve()
  }

  async remove(name: string): Promise<void> {
    if (!this.#names.has(name)) return
    this.#do({ type: 'remove', name })
    this.#names.delete(name)
    return Promise.resolve()
  }

  async sync(): Promise<void> {
    return Promise.resolve(this.#do({ type: 'syncFolder' }))
  }

  #do(operation: Operation): void {
    if (this.failsAt !== null && this.operations.length >= this.failsAt && operation.type !== 'remove') {
      this.failsAt = null
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' })
    }
    this.operations.push(operation)
  }

  /** A disk that holds these files, all durable. */
  static holding(files: ReadonlyMap<string, Content>): FragileDisk {
    const disk = new FragileDisk()
    for (const [name, content] of files) {
      disk.#created += 1
      disk.#names.set(name, disk.#created)
      disk.#files.set(disk.#created, content)
    }
    return disk
  }

  /** Everything that the disk may hold if the power is cut while or after one of the operations from `from` on. */
  *powerCuts(from = 0): Generator<AfterPowerCut> {
    for (let done = from; done <= this.operations.length; done += 1) {
      const state = replay(this.operations.slice(0, done))
      const choices = [...namesAfter(state)]
      for (const [index, names] of choices.entries()) {
        // Names and the bytes of a file do not depend on each other: the bytes are cut in one of the choices.
        const next = index === choices.length - 1 ? this.operations[done] : undefined
        for (const { what, contents } of contentsAfter(state, next)) {
          const files = new Map([...names].map(([name, file]) => [name, contents.get(file) ?? nothing]))
          yield { what: `after operation ${done}, ${what}`, done, files }
        }
      }
    }
  }
}

function written(before: Content, at: number, bytes: Content): Content {
  const after = new Uint8Array(Math.max(before.length, at + bytes.length))
  after.set(before)
  after.set(bytes, at)
  return after
}

interface Replayed {
  /** What is on the disk for certain. */
  readonly durableNames: ReadonlyMap<string, number>
  readonly durable: Map<number, Content>
  /** Not durable yet. */
  readonly namings: Operation[]
  readonly written: Map<number, Content>
  readonly unsynced: ReadonlySet<number>
}

function replay(operations: readonly Operation[]): Replayed {
  let durableNames = new Map<string, number>()
  let namings: Operation[] = []
  const [durable, current, unsynced] = [new Map<number, Content>(), new Map<number, Content>(), new Set<number>()]
  for (const operation of operations) {
    switch (operation.type) {
      case 'write': {
        const { file, at, bytes } = operation
        current.set(file, written(current.get(file) ?? nothing, at, bytes))
        unsynced.add(file)
        break
      }
      case 'syncFile':
        durable.set(operation.file, current.get(operation.file) ?? nothing)
        unsynced.delete(operation.file)
        break
      case 'syncFolder':
        durableNames = named(durableNames, namings)
        namings = []
        break
      default:
        namings.push(operation)
    }
  }
  return { durableNames, durable, namings, written: current, unsynced }
}

function named(before: ReadonlyMap<string, number>, namings: readonly Operation[]): Map<string, number> {
  const names = new Map(before)
  for (const naming of namings) {
    if (naming.type === 'create') names.set(naming.name, naming.file)
    if (naming.type === 'remove') names.delete(naming.name)
    if (naming.type !== 'rename') continue
    const file = names.get(naming.name)
    if (file !== undefined) names.set(naming.newName, file)
    names.delete(naming.name)
  }
  return names
}

/** Any of the namings that are not durable may have been lost; of very many, any number of the last. */
function* namesAfter({ durableNames, namings }: Replayed): Generator<Map<string, number>> {
  if (namings.length > pendingMax) {
    for (let kept = 0; kept <= namings.length; kept += 1) yield named(durableNames, namings.slice(0, kept))
    return
  }
  for (let choice = 0; choice < 2 ** namings.length; choice += 1) {
    yield named(
      durableNames,
      namings.filter((_, index) => (choice >> index) % 2 === 1),
    )
  }
}

interface Contents {
  readonly what: string
  readonly contents: ReadonlyMap<number, Content>
}

/** What is not durable is there, or not, or only its length is; and a write that is under way is cut at each byte. */
function* contentsAfter(state: Replayed, next: Operation | undefined): Generator<Contents> {
  yield { what: 'all written', contents: state.written }
  if (state.unsynced.size > 0) {
    yield { what: 'nothing written since the last sync', contents: state.durable }
    const lengths = new Map(state.durable)
    for (const file of state.unsynced) {
      const zeros = new Uint8Array(state.written.get(file)!.length)
      lengths.set(file, written(zeros, 0, state.durable.get(file) ?? nothing))
    }
    yield { what: 'zeros in place of what was not synced', contents: lengths }
  }
  if (next?.type !== 'write') return
  for (let bytes = 1; bytes < next.bytes.length; bytes += 1) {
    const cut = new Map(state.written)
    cut.set(next.file, written(cut.get(next.file) ?? nothing, next.at, next.bytes.subarray(0, bytes)))
    yield { what: `${bytes} bytes into the next write`, contents: cut }
  }
}
