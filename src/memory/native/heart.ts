import { type Heart, loadAddon } from './load-addon.ts'

/**
 * A thread that beats for this process, on a connection to the socket at `path`: once in a process, by its main thread. It
 * beats no more when the main thread has used `hangCpuMs` of processor time without coming to its event loop, and tells
 * when nothing has come back for `silenceMs`. Null where there is none, and where nobody listens.
 */
export function makeHeart(path: string, intervalMs: number, hangCpuMs: number, silenceMs: number): Heart | null {
  return loadAddon().addon?.makeHeart?.(path, intervalMs, hangCpuMs, silenceMs) ?? null
}
