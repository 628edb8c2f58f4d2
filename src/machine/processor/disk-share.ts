import type { Epoch, Rank } from '../../base/index.ts'
import {
  DamagedFileError,
  type Folder,
  loadPages,
  pageFileName,
  readingProblem,
  readManifest,
  writePageFile,
} from '../../checkpoint-files/index.ts'
import type { PinnedCheckpoint, ProtectedMemory } from '../../memory/index.ts'
import type { ApplicationEffect, ApplicationEvent } from '../../protocol/index.ts'
import { diskProblem } from '../checkpoint-store.ts'
import { pageSizeBytes } from '../page-size.ts'
import { type FromProcessor, monotonicMs } from '../wire/control.ts'
import { pagesPerBatch } from './place-driver.ts'

type Store = Extract<ApplicationEffect, { type: 'store' }>
type Load = Extract<ApplicationEffect, { type: 'load' }>

export interface DiskShareOptions {
  readonly rank: Rank
  readonly folder: Folder
  /** Part of the names of this run's files. */
  readonly run: string
  readonly memory: ProtectedMemory
  readonly epoch: () => Epoch
  tell(message: FromProcessor): void
  dispatch(event: ApplicationEvent): void
}

/** What one application processor has on disk: writes its memory while the program computes, and reads it back. */
export class DiskShare {
  readonly #options: DiskShareOptions
  #held: PinnedCheckpoint | null = null

  constructor(options: DiskShareOptions) {
    this.#options = options
  }

  /** Writes a kept checkpoint, and gives up what is older; a new epoch, or the next order, ends it. */
  async store({ epoch, checkpoint, sequence, since }: Store): Promise<void> {
    const { rank, folder, run, memory, tell, dispatch } = this.#options
    const beganMs = monotonicMs()
    this.#held?.release()
    memory.recycle(checkpoint)
    const held = memory.pin(since)
    this.#held = held
    memory.mark(sequence, since)
    const stop = (): boolean => this.#held !== held || this.#options.epoch() !== epoch
    try {
      const facts = await writePageFile(folder, pageFileName(sequence, run, rank), {
        ...{ checkpoint, pageSizeBytes, checksums: held.checksums, stop },
        batches: held.pages(pagesPerBatch),
      })
      if (facts === null || stop()) return
      const { bytes, checksum } = facts
      tell({ type: 'written', bytes, beganMs, endedMs: monotonicMs() })
      dispatch({ type: 'stored', epoch, sequence, file: { bytes, checksum, isFull: held.isFull } })
    } catch (error) {
      // Its memory may have become another one meanwhile.
      if (stop()) return
      if (!isSystemError(error)) throw error
      dispatch({ type: 'notStored', epoch, sequence, reason: diskProblem(error) })
    } finally {
      held.release()
    }
  }

  /** Reads a checkpoint into cleared memory; a new epoch ends it. */
  async load({ epoch, checkpoint, sequence }: Load): Promise<void> {
    const { rank, folder, memory, dispatch } = this.#options
    const stop = (): boolean => this.#options.epoch() !== epoch
    try {
      const pages = loadPages(folder, await readManifest(folder, sequence), rank)
      for (let next = await pages.next(); !stop(); next = await pages.next()) {
        if (!next.done) {
          memory.absorb(next.value)
          continue
        }
        const groups = memory.adopt(checkpoint, next.value)
        if (groups.length > 0) dispatch({ type: 'damaged', epoch, groups })
        else dispatch({ type: 'restored', epoch, checkpoint, blobs: memory.blobs() })
        memory.mark(sequence, null)
        return
      }
    } catch (error) {
      if (!isSystemError(error) && !(error instanceof DamagedFileError)) throw error
      dispatch({ type: 'damaged', epoch, groups: [], problem: readingProblem(error) })
    }
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
