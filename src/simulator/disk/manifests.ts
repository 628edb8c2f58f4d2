import type { ManifestPort } from '../../carrier/index.ts'
import type { ConductorEvent, DiskCheckpoint, StorageOptions } from '../../protocol/index.ts'
import {
  type FilePart,
  isManifest,
  manifestName,
  pagesName,
  type SimulatedFolder,
  type SimulatedManifest,
  sequenceOf,
  writeWhole,
} from './folder.ts'
import { problemOf } from './share.ts'

type Seal = Parameters<ManifestPort['seal']>[0]
type Told = Parameters<ManifestPort['tell']>[0]

/** When checkpoints go to disk. */
export interface StorageSetting {
  readonly every: number
  readonly isIncremental: boolean
}

/** The launcher's part in checkpoints on disk: manifests, what there is to go on from, and clearing old files away. */
export class SimulatedManifests implements ManifestPort {
  readonly #folder: SimulatedFolder
  readonly #run: number
  /** Newest last. */
  #whole: readonly SimulatedManifest[]
  readonly #lastSequence: number
  #sealing: { readonly manifest: SimulatedManifest; readonly steps: Generator<void, void> } | null = null

  /** Goes on from what is whole in the folder. */
  constructor(folder: SimulatedFolder, run: number) {
    this.#folder = folder
    this.#run = run
    const manifests = folder.names().filter(isManifest)
    this.#lastSequence = Math.max(0, ...manifests.map(sequenceOf))
    this.#whole = wholeIn(folder).slice(-2)
  }

  get isSealing(): boolean {
    return this.#sealing !== null
  }

  /** What a conductor who takes over has to know. */
  get holds(): Pick<Extract<ConductorEvent, { type: 'diskHolds' }>, 'whole' | 'sealing' | 'lastSequence'> {
    const sealing = this.#sealing && diskCheckpoint(this.#sealing.manifest)
    const whole = this.#whole.map(diskCheckpoint)
    const lastSequence = Math.max(this.#lastSequence, ...[...whole, ...(sealing ? [sealing] : [])].map(sequenceIn))
    return { whole, sealing, lastSequence }
  }

  optionsFor(setting: StorageSetting): StorageOptions {
    return { ...setting, whole: this.#whole.map(diskCheckpoint), lastSequence: this.#lastSequence }
  }

  seal({ sequence, checkpoint, since, shares }: Seal): void {
    const before = this.#whole.find((one) => one.sequence === since)
    const chains = shares.map(({ file }, rank) => {
      const own = pagesName(sequence, this.#run, rank)
      return [...(file.isFull ? [] : before!.chains[rank]!), own]
    })
    const outputs = shares.map(({ released, isFinished }) => ({ released, isFinished }))
    const manifest = { sequence, checkpoint, chains, outputs }
    const parts: FilePart[] = [
      { type: 'manifest', manifest },
      { type: 'end', checksums: null },
    ]
    this.#sealing = { manifest, steps: writeWhole(this.#folder, manifestName(sequence), parts) }
  }

  /** Writes on. Returns what the protocol is to hear of it. */
  write(): ConductorEvent | null {
    if (!this.#sealing) return null
    const { manifest, steps } = this.#sealing
    const { sequence } = manifest
    try {
      if (!steps.next().done) return null
    } catch (error) {
      this.#sealing = null
      return { type: 'notSealed', sequence, reason: problemOf(error) }
    }
    this.#sealing = null
    this.#whole = [...this.#whole.slice(-1), manifest]
    this.#clear(sequence)
    return { type: 'sealed', sequence }
  }

  tell(effect: Told): void {
    // The damaged one is the newest.
    if (effect.type === 'passedOver') this.#whole = this.#whole.slice(0, -1)
    if (effect.type === 'notStored') this.#clear(effect.sequence)
  }

  /** Removes what was written up to this checkpoint and is not needed. What speaks of other files goes first. */
  #clear(last: number): void {
    const needed = new Set(this.#whole.flatMap(filesOf))
    const old = this.#folder.names().filter((name) => sequenceOf(name) <= last && !needed.has(name))
    for (const name of [...old.filter(isManifest), ...old.filter((one) => !isManifest(one))]) this.#folder.remove(name)
  }
}

/** The checkpoints of which every file can be read, oldest first. */
export function wholeIn(folder: SimulatedFolder): SimulatedManifest[] {
  const whole: SimulatedManifest[] = []
  for (const name of folder.names()) {
    if (!isManifest(name) || !folder.isReadable(name)) continue
    const [first] = folder.read(name).parts
    if (first?.type !== 'manifest') continue
    if (filesOf(first.manifest).every((one) => folder.isReadable(one))) whole.push(first.manifest)
  }
  return whole.sort((one, other) => one.sequence - other.sequence)
}

export function filesOf({ sequence, chains }: SimulatedManifest): string[] {
  return [manifestName(sequence), ...chains.flat()]
}

const sequenceIn = ({ sequence }: DiskCheckpoint): number => sequence

function diskCheckpoint({ sequence, checkpoint, chains, outputs }: SimulatedManifest): DiskCheckpoint {
  const changesInARow = Math.max(...chains.map(({ length }) => length)) - 1
  return { sequence, checkpoint, changesInARow, outputs }
}
