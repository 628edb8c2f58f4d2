import { noPages, type PageRanges } from '../index.ts'
import { loadAddon, type Toucher } from './load-addon.ts'

/**
 * Touches pages of this size in threads of its own; null where that cannot be had (without the addon, on other systems
 * than Linux, or where the system's pages have another size).
 */
export function openToucher(pageSizeBytes: number): Toucher | null {
  const { addon } = loadAddon()
  if (!addon?.Toucher || addon.paging?.systemPageBytes !== pageSizeBytes) return null
  return new addon.Toucher()
}

/** Which pages of a piece of memory the system has given memory; none where it does not tell. */
export function residentPages(bytes: Uint8Array): PageRanges {
  return loadAddon().addon?.resident?.(bytes) ?? noPages
}
