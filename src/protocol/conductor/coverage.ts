import type { Rebuild } from '../frames.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place, rankOf } from '../places.ts'

/**
 * The `tolerate` that covers the loss of these places together: one for each application processor, and one more if
 * the parity is gone from checkpoint and backup processor both.
 */
export function toleranceFor(lost: ReadonlySet<Place>): number {
  let applications = 0
  for (const place of lost) if (rankOf(place) !== null) applications += 1
  return applications + (lost.has(checkpointPlace) && lost.has(backupPlace) ? 1 : 0)
}

/** Who sends its image to whom, so that each missing place is the XOR of what it gets. */
export function rebuildPlan(missing: ReadonlySet<Place>, processes: number): Rebuild[] {
  const applications = Array.from({ length: processes }, (_, rank) => applicationPlace(rank))
  const parity = [checkpointPlace, backupPlace].find((place) => !missing.has(place))
  return [...missing].map((target) => {
    if (rankOf(target) === null) return { target, sources: parity ? [parity] : applications }
    const others = applications.filter((place) => place !== target)
    return { target, sources: parity ? [...others, parity] : others }
  })
}
