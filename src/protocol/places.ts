import type { Rank } from '../base/index.ts'

/**
 * A seat in the machine, which outlives the processor that holds it: `a2` is application processor 2, `c0` the
 * checkpoint processor, `b0` its backup processor. The conductor holds members, epoch and recovery.
 */
export type Place = `a${number}` | `c${number}` | `b${number}` | 'conductor'

export const checkpointPlace: Place = 'c0'
export const backupPlace: Place = 'b0'

export function applicationPlace(rank: Rank): Place {
  return `a${rank}`
}

/** The rank of an application processor's place, or null for any other place. */
export function rankOf(place: Place): Rank | null {
  return place.startsWith('a') ? Number(place.slice(1)) : null
}

/** What people call the place, for instance `application processor 2`. */
export function placeName(place: Place): string {
  if (place === 'conductor') return 'conductor'
  const rank = rankOf(place)
  if (rank !== null) return `application processor ${rank}`
  return place.startsWith('c') ? 'checkpoint processor' : 'backup processor'
}

/** Every place of a machine of `processes` application processors that keeps checkpoints, in a fixed order. */
export function everyPlace(processes: number): Place[] {
  const applications = Array.from({ length: processes }, (_, rank) => applicationPlace(rank))
  return [...applications, checkpointPlace, backupPlace]
}
