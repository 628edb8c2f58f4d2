import { assert, type Rank } from '../base/index.ts'
import type { ErasureCode } from '../parity/index.ts'

/**
 * A position in the machine, which outlives the processor that holds it: `a2` is application processor 2, `c0` the
 * checkpoint processor of check row 0, `b0` its backup processor. The conductor holds members, epoch and recovery.
 */
export type Place = `a${number}` | `c${number}` | `b${number}` | 'conductor'

export function applicationPlace(rank: Rank): Place {
  return `a${rank}`
}

export function checkpointPlace(row: number): Place {
  return `c${row}`
}

export function backupPlace(row: number): Place {
  return `b${row}`
}

/** The rank of an application processor's place, or null for any other place. */
export function rankOf(place: Place): Rank | null {
  return place.startsWith('a') ? Number(place.slice(1)) : null
}

/** The rank of the application processor that a frame came from, which no other may send. */
export function rankOfSender(from: Place): Rank {
  const rank = rankOf(from)
  assert(rank !== null, 'messages, requests and deltas come from application processors')
  return rank
}

/** The check row of a checkpoint or backup processor's place, or null for any other place. */
export function rowOf(place: Place): number | null {
  return place === 'conductor' || place.startsWith('a') ? null : Number(place.slice(1))
}

export function isCheckpointPlace(place: Place): boolean {
  return rowOf(place) !== null && place.startsWith('c')
}

/** What people call the place, for instance `application processor 2`. The first check row goes without its number. */
export function placeName(place: Place): string {
  const rank = rankOf(place)
  if (rank !== null) return `application processor ${rank}`
  const row = rowOf(place)
  if (row === null) return 'conductor'
  const role = isCheckpointPlace(place) ? 'checkpoint processor' : 'backup processor'
  return row === 0 ? role : `${role} ${row}`
}

/** Every place of a machine with this code, in a fixed order; without one there are only application processors. */
export function everyPlace(processes: number, code: Pick<ErasureCode, 'checks' | 'copies'> | null): Place[] {
  const count = (places: number, make: (index: number) => Place): Place[] =>
    Array.from({ length: places }, (_, index) => make(index))
  const { checks, copies } = code ?? { checks: 0, copies: 1 }
  const backups = copies === 2 ? count(checks, backupPlace) : []
  return [...count(processes, applicationPlace), ...count(checks, checkpointPlace), ...backups]
}
