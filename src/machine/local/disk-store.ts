import { basename } from 'node:path'
import { UsageError } from '../../base/index.ts'
import type { ManifestPort } from '../../carrier/index.ts'
import {
  clearBut,
  clearFailed,
  type Folder,
  type LoggedOutput,
  type Manifest,
  OutputLog,
  outputLogName,
  pageFileName,
  readOutputLog,
  writeManifest,
} from '../../checkpoint-files/index.ts'
import {
  type ConductorEffect,
  type ConductorEvent,
  type DiskCheckpoint,
  placeName,
  type StorageOptions,
} from '../../protocol/index.ts'
import { type CheckpointStore, diskProblem, resumeCommand } from '../checkpoint-store.ts'
import { pageSizeBytes } from '../page-size.ts'
import { monotonicMs } from '../wire/control.ts'

type Seal = Extract<ConductorEffect, { type: 'seal' }>

type Told = Parameters<ManifestPort['tell']>[0]

/** Whom the store tells. */
export interface DiskStoreListener {
  dispatch(event: Extract<ConductorEvent, { type: 'sealed' | 'notSealed' }>): void
  /** A checkpoint has become whole, `ms` after the first byte of its files was written. */
  onStored(checkpoint: number, ms: number): void
  warn(text: string): void
  /** The run is over. */
  fail(error: Error): void
}

/** The launcher's part in checkpoints on disk: the log of released outputs, manifests, and clearing away old files. */
export class DiskStore implements ManifestPort {
  readonly #store: CheckpointStore
  readonly #listener: DiskStoreListener
  readonly #folder: Folder
  #log: OutputLog | null = null
  /** Outputs that are in no log yet. */
  #outputs: LoggedOutput[] = []
  /** The newest whole checkpoints, newest last. */
  #whole: readonly Manifest[]
  /** When the first process began to write the checkpoint that is being written. */
  #beganMs: number | null = null
  /** The newest could not be written. */
  #isFailing = false
  /** Old files could not be removed the last time. */
  #isCluttered = false
  #sealing: Promise<void> = Promise.resolve()
  /** What is about to be whole; null: no manifest is being written. */
  #beingSealed: DiskCheckpoint | null = null
  #clearing: Promise<unknown> = Promise.resolve()
  #isClosed = false

  /** `folder`: the one at the store's path. */
  constructor(store: CheckpointStore, folder: Folder, listener: DiskStoreListener) {
    this.#store = store
    this.#listener = listener
    this.#folder = folder
    this.#whole = [store.older, store.from].filter((manifest) => manifest !== null)
  }

  /** For the conductor. */
  get options(): StorageOptions {
    const { every, isIncremental, lastSequence } = this.#store
    return { every, isIncremental, lastSequence, whole: this.#whole.map(diskCheckpoint) }
  }

  /** For a conductor who takes over. */
  get holds(): Pick<Extract<ConductorEvent, { type: 'diskHolds' }>, 'whole' | 'sealing' | 'lastSequence'> {
    const whole = this.#whole.map(diskCheckpoint)
    const sealing = this.#beingSealed
    const seen = [...whole, ...(sealing ? [sealing] : [])].map(({ sequence }) => sequence)
    return { whole, sealing, lastSequence: Math.max(this.#store.lastSequence, ...seen) }
  }

  /** There is something to go back to, or to go on from. */
  get hasWhole(): boolean {
    return this.#whole.length > 0
  }

  /** Outputs that had been released when the checkpoint was taken that the run goes on from. */
  async released(): Promise<readonly LoggedOutput[]> {
    const { from } = this.#store
    if (from === null) return []
    const logged = await readOutputLog(this.#folder, from.outputs)
    const released = logged.filter(({ rank, index }) => index < (from.processes[rank]?.released ?? 0))
    this.#outputs = [...released]
    return released
  }

  /** An output has been released. */
  note({ rank, index, kind, payload }: LoggedOutput): void {
    this.#outputs.push({ rank, index, kind, payload })
  }

  /** A process has written its file. */
  noteWritten(beganMs: number): void {
    this.#beganMs = Math.min(this.#beganMs ?? beganMs, beganMs)
  }

  /** Writes the manifest of a checkpoint whose files are all durable. */
  seal(effect: Seal): void {
    const { sequence, checkpoint } = effect
    const processes = this.#processesOf(effect)
    this.#beingSealed = diskCheckpoint({ sequence, checkpoint, processes })
    this.#sealing = this.#trySeal(effect, processes)
  }

  #processesOf({ sequence, checkpoint, since, shares }: Seal): Manifest['processes'] {
    const { run } = this.#store
    const before = this.#whole.find((manifest) => manifest.sequence === since)
    return shares.map(({ file: { isFull, bytes, checksum }, released, isFinished }, rank) => {
      const own = { name: pageFileName(sequence, run, rank), bytes, checksum, checkpoint }
      return { chain: [...(isFull ? [] : before!.processes[rank]!.chain), own], released, isFinished }
    })
  }

  /** What has become of a checkpoint. */
  tell(effect: Told): void {
    const { warn, fail } = this.#listener
    switch (effect.type) {
      case 'stored':
        if (this.#isFailing) warn(`checkpoint ${effect.checkpoint} is on disk: there is room again`)
        this.#isFailing = false
        return
      case 'notStored':
        if (effect.ends) fail(new UsageError(this.#failureText(effect)))
        // Told once: the next ones are tried, and mostly fail alike.
        else if (!this.#isFailing) warn(this.#failureText(effect))
        this.#isFailing = true
        this.#clear(clearFailed(this.#folder, this.#whole, effect.sequence))
        return
      case 'passedOver':
        warn(`checkpoint ${effect.checkpoint} on disk is passed over: ${placeName(effect.place)}: ${effect.reason}`)
        // The damaged one is the newest; those that are kept are good ones.
        this.#whole = this.#whole.slice(0, -1)
    }
  }

  /** The checkpoint counts as soon as its manifest is there, whatever becomes of older files. */
  async #trySeal({ sequence, checkpoint }: Seal, processes: Manifest['processes']): Promise<void> {
    const { dispatch, onStored } = this.#listener
    let ms: number
    try {
      ms = await this.#writeManifest(sequence, checkpoint, processes)
    } catch (error) {
      this.#beingSealed = null
      dispatch({ type: 'notSealed', sequence, reason: diskProblem(error) })
      return
    }
    if (!this.#isClosed) onStored(checkpoint, ms)
    dispatch({ type: 'sealed', sequence })
    this.#clear(clearBut(this.#folder, this.#whole))
  }

  /** What cannot be removed takes room, and does no other harm. Told once: the next ones mostly fail alike. */
  #clear(removing: Promise<void>): void {
    const clearing = removing.then(
      () => {
        this.#isCluttered = false
      },
      (error: unknown) => {
        if (!this.#isCluttered) this.#listener.warn(clutterText(error))
        this.#isCluttered = true
      },
    )
    this.#clearing = Promise.all([this.#clearing, clearing])
  }

  /** Makes a checkpoint whole whose files are all durable. Throws what the operating system says. */
  async #writeManifest(sequence: number, checkpoint: number, processes: Manifest['processes']): Promise<number> {
    const outputs = await this.#syncLog()
    const manifest: Manifest = { sequence, checkpoint, pageSizeBytes, processes, outputs, run: this.#store.about }
    await writeManifest(this.#folder, manifest)
    this.#whole = [...this.#whole.slice(-1), manifest]
    this.#beingSealed = null
    const ms = monotonicMs() - (this.#beganMs ?? monotonicMs())
    this.#beganMs = null
    return ms
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#sealing
    await this.#clearing
    await this.#log?.close()
  }

  #failureText({ checkpoint, reason, ends }: Extract<ConductorEffect, { type: 'notStored' }>): string {
    const { path } = this.#store
    const newest = this.#whole.at(-1)
    const left = newest ? `the newest there is checkpoint ${newest.checkpoint}` : 'there is none yet'
    const what = `checkpoint ${checkpoint} cannot be written to ${path} (${reason})`
    if (!ends) return `${what}; ${left}`
    const wayOn = newest ? `; make room, and go on from it by '${resumeCommand(path)}'` : ''
    return `${what}, and the scheme disk keeps checkpoints nowhere else; ${left}${wayOn}`
  }

  async #syncLog(): Promise<Manifest['outputs']> {
    this.#log ??= await OutputLog.create(this.#folder, outputLogName(this.#store.run))
    for (const output of this.#outputs.splice(0)) this.#log.add(output)
    return { name: this.#log.name, bytes: await this.#log.sync() }
  }
}

function clutterText(error: unknown): string {
  const { path } = error as NodeJS.ErrnoException
  const file = path === undefined ? '' : `${basename(path)}: `
  return `a file of an old checkpoint cannot be removed: ${file}${diskProblem(error)}; it takes room, and all else goes on`
}

function diskCheckpoint({
  sequence,
  checkpoint,
  processes,
}: Pick<Manifest, 'sequence' | 'checkpoint' | 'processes'>): DiskCheckpoint {
  const changesInARow = Math.max(...processes.map(({ chain }) => chain.length)) - 1
  const outputs = processes.map(({ released, isFinished }) => ({ released, isFinished }))
  return { sequence, checkpoint, changesInARow, outputs }
}
