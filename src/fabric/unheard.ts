import type { LinkEnd } from './link.ts'
import type { SessionTiming } from './session-news.ts'

/** An end that was never heard for so many times `downMs` is none: 4 s between hosts. */
const unheardFactor = 2

/** How a link ends whose other end was not heard even once since it began; null while it may still be. `detail`: what was wrong. */
export function unheardEnd(sinceMs: number, { downMs }: SessionTiming, detail = 'nothing is heard'): LinkEnd | null {
  const msMax = unheardFactor * downMs
  if (sinceMs <= msMax) return null
  return { kind: 'lost', detail: `nothing of this kind answers within ${msMax / 1000} s: ${detail}` }
}
