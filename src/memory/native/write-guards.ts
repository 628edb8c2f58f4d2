import type { WriteGuards } from '../index.ts'
import type { Paging } from './load-addon.ts'

/** Guards by the kernel for lean memories. */
export function createWriteGuards(paging: Paging): WriteGuards {
  const { WriteGuard, systemPageBytes } = paging
  return {
    systemPageBytes,
    useLargePages: (bytes) => paging.useLargePages(bytes),
    guard: (live, buffers) =>
      new WriteGuard(live, ...buffers.flatMap(({ slots, list, frames }) => [slots, list, frames])),
  }
}
