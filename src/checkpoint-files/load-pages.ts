import type { Rank } from '../base/index.ts'
import type { Checksums, PageBatch } from '../parity/index.ts'
import { DamagedFileError } from './damaged-file.ts'
import type { Folder } from './folder.ts'
import type { Manifest } from './manifest.ts'
import { readPageFile } from './page-file.ts'

/**
 * The pages of one process at a checkpoint, each once: the newest file has the last word. Returns the checksums that the
 * memory had at its capture. Throws a `DamagedFileError`, or what the operating system says.
 */
export async function* loadPages(
  folder: Folder,
  { pageSizeBytes, processes, checkpoint }: Manifest,
  rank: Rank,
): AsyncGenerator<PageBatch, Checksums> {
  const chain = processes[rank]?.chain ?? []
  const seen = new Set<number>()
  let checksums: Checksums | null = null
  for (const file of chain.toReversed()) {
    const pages = readPageFile(folder, file.name, { pageSizeBytes, checkpoint: file.checkpoint })
    for (;;) {
      const next = await pages.next()
      if (next.done) {
        checksums ??= next.value
        break
      }
      const fresh = unseen(next.value, seen, pageSizeBytes)
      if (fresh.numbers.length > 0) yield fresh
    }
  }
  if (checksums === null) throw new DamagedFileError(`checkpoint ${checkpoint}`, `it has no file of process ${rank}`)
  return checksums
}

/** The pages that no newer file has, and marks them as seen. */
function unseen(batch: PageBatch, seen: Set<number>, pageSizeBytes: number): PageBatch {
  const isFresh = batch.numbers.map((number) => !seen.has(number))
  for (const number of batch.numbers) seen.add(number)
  if (isFresh.every(Boolean)) return batch
  const numbers = batch.numbers.filter((_, index) => isFresh[index])
  const bytes = new Uint8Array(numbers.length * pageSizeBytes)
  let at = 0
  for (const [index, fresh] of isFresh.entries()) {
    if (!fresh) continue
    bytes.set(batch.bytes.subarray(index * pageSizeBytes, (index + 1) * pageSizeBytes), at)
    at += pageSizeBytes
  }
  return { numbers, bytes }
}
