import { readText } from '../../limits/limits.ts'
import type { ProcessBytes } from '../../run.ts'

export type Role = keyof ProcessBytes

/**
 * Memory that processes have to themselves, by role, in bytes: what they have touched of it, code apart. Null where the
 * system does not tell.
 */
export function processBytes(processes: readonly { readonly role: Role; readonly pid: number }[]): ProcessBytes | null {
  const bytes: Record<Role, number> = { application: 0, checkpoint: 0, backup: 0, spare: 0, conductor: 0, launcher: 0 }
  for (const { role, pid } of processes) {
    const own = ownBytes(readText(`/proc/${pid}/status`) ?? '')
    if (own === null) return null
    bytes[role] += own
  }
  return bytes
}

/** Of `/proc/PID/status`; null if it does not say. */
export function ownBytes(status: string): number | null {
  const kibibytes = ['RssAnon', 'RssShmem'].map((name) => new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1])
  return kibibytes.includes(undefined) ? null : kibibytes.reduce((sum, one) => sum + Number(one) * 1024, 0)
}
