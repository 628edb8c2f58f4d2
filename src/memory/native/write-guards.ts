import type { WriteGuards } from '../index.ts'
import type { Paging } from './load-addon.ts'

/** Guards by the kernel for lean memories. */
export function createWriteGuards(paging: Paging): WriteGuards {
  const { WriteGuard, systemPageBytes } = paging
  return {
    systemPageBytes,
    guard: (live, buffers) =>
      new WriteGuard(live, ...buffers.flatMap(({ slots, list, frames }) => [slots, list, frames])),
  }
}
