import { loadAddon } from './load-addon.ts'

/**
 * Has the other end of the socket `descriptor` close as soon as this process begins to die, and not only once all its
 * threads have ended and its memory is given back. Returns false where that cannot be (without the addon, or before
 * Linux 5.9): the socket closes with the process then.
 */
export function holdLifeline(descriptor: number): boolean {
  return loadAddon().addon?.holdLifeline?.(descriptor) ?? false
}
