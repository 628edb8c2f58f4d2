import { loadAddon, type Sharing } from './load-addon.ts'

/**
 * Memory that processes of this computer share; null where there is none: without the addon, on other systems than
 * Linux, or where the environment variable PARITAS_SHARED_MEMORY is `off`.
 */
export function sharedMemory(): Sharing | null {
  return process.env.PARITAS_SHARED_MEMORY === 'off' ? null : (loadAddon().addon?.sharing ?? null)
}
