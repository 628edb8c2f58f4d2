import {
  clearBut,
  type Folder,
  loadPages,
  type Manifest,
  type ManifestProcess,
  OutputLog,
  outputLogName,
  pageFileName,
  writeManifest,
  writePageFile,
} from '../../src/checkpoint-files/index.ts'
import type { PageBatch } from '../../src/parity/index.ts'

export const pageSizeBytes = 16

/** Pages by number: what a process has in its memory. */
export type Pages = Readonly<Record<number, number>>

export function batchOf(pages: Pages): PageBatch {
  const numbers = Object.keys(pages).map(Number)
  const bytes = new Uint8Array(numbers.length * pageSizeBytes)
  numbers.forEach((number, index) => {
    bytes.fill(pages[number]!, index * pageSizeBytes, (index + 1) * pageSizeBytes)
  })
  return { numbers, bytes }
}

/** What the files of a process say its pages are. */
export async function pagesIn(folder: Folder, manifest: Manifest, rank: number): Promise<Pages> {
  const pages: Record<number, number> = {}
  for await (const { numbers, bytes } of loadPages(folder, manifest, rank)) {
    numbers.forEach((number, index) => {
      pages[number] = bytes[index * pageSizeBytes]!
    })
  }
  return pages
}

/** Writes checkpoints as a run does, one after another: full first, then what has changed. */
export class SampleRun {
  readonly #folder: Folder
  readonly #about: Manifest['run']
  readonly #kept: Manifest[] = []
  #log: OutputLog | null = null

  /** `about`: what manifests say of the run. */
  constructor(folder: Folder, about: Manifest['run'] = { program: 'sample' }) {
    this.#folder = folder
    this.#about = about
  }

  async end(): Promise<void> {
    await this.#log?.close()
  }

  /** `changes`: for each process, the pages that have changed. */
  async checkpoint(sequence: number, changes: readonly Pages[], isFull: boolean): Promise<Manifest> {
    const checkpoint = 10 * sequence
    this.#log ??= await OutputLog.create(this.#folder, outputLogName('run'))
    const before = this.#kept.at(-1)
    const processes: ManifestProcess[] = []
    for (const [rank, pages] of changes.entries()) {
      const facts = await writePageFile(this.#folder, pageFileName(sequence, 'run', rank), {
        checkpoint,
        pageSizeBytes,
        batches: [batchOf(pages)],
        checksums: new Uint8Array(8).fill(sequence),
        stop: () => false,
      })
      const chain = isFull ? [] : (before?.processes[rank]?.chain ?? [])
      processes.push({ chain: [...chain, { ...facts!, checkpoint }], released: sequence, isFinished: false })
    }
    this.#log.add({ rank: 0, index: sequence - 1, kind: 'emit', payload: Uint8Array.of(sequence) })
    const outputs = { name: this.#log.name, bytes: await this.#log.sync() }
    const manifest = { sequence, checkpoint, pageSizeBytes, processes, outputs, run: this.#about }
    await writeManifest(this.#folder, manifest)
    this.#kept.push(manifest)
    if (this.#kept.length > 2) this.#kept.shift()
    await clearBut(this.#folder, this.#kept)
    return manifest
  }
}
