import { assert } from '../../base/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import type { Rebuild, Source } from '../frames.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place, rankOf, rowOf } from '../places.ts'

/**
 * The `tolerate` that covers the loss of these places together, of Reed–Solomon in the groups that it has, or in one: one
 * for each application processor of a group, and one for each of its check rows whose parity is gone from checkpoint and
 * backup processor both. `code`: of the machine.
 */
export function toleranceFor(code: ErasureCode | null, lost: ReadonlySet<Place>): number {
  const groups = code?.name === 'reed-solomon' ? code.groups : 1
  const isLost = (place: Place): boolean =>
    rankOf(place) !== null || (place.startsWith('c') && lost.has(backupPlace(rowOf(place)!)))
  return most([...lost].filter(isLost).map((place) => (rankOf(place) ?? rowOf(place)!) % groups))
}

/**
 * How many further losses are covered while these places are lost, whichever they are. More may be where they hit several
 * groups, or one of the two holders of a row.
 */
export function furtherLosses(code: ErasureCode, lost: ReadonlySet<Place>): number {
  const { processes, checks, groups } = code
  const groupOf = (member: number): number => (member < processes ? member : member - processes) % groups
  return checks / groups - most(membersOf(code, lost).map(groupOf))
}

/** How often that group comes that comes most often. */
function most(groups: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}

/** Whether what these places held can be made of what the others hold. */
export function covers(code: ErasureCode, lost: ReadonlySet<Place>): boolean {
  return code.rebuildFrom(membersOf(code, lost)) !== null
}

/** The hosts whose loss nothing would cover, with what is on them. `hosts`: of each place; `missing`: lost already. */
export function uncoveredHosts(
  code: ErasureCode,
  hosts: ReadonlyMap<Place, string>,
  missing: ReadonlySet<Place>,
): Map<string, Place[]> {
  const placesOn = new Map<string, Place[]>()
  for (const [place, host] of hosts) placesOn.set(host, [...(placesOn.get(host) ?? []), place])
  return new Map([...placesOn].filter(([, places]) => !covers(code, new Set([...missing, ...places]))))
}

/** How each missing place is made of what the others hold. They must be covered. */
export function rebuildPlan(code: ErasureCode, missing: ReadonlySet<Place>): Rebuild[] {
  const terms = code.rebuildFrom(membersOf(code, missing))
  assert(terms !== null, 'V3: only what is covered is rebuilt')
  return [...missing].map((target) => {
    const member = memberOf(code, target)
    const twin = target.startsWith('c')
      ? backupPlace(member - code.processes)
      : checkpointPlace(member - code.processes)
    if (rankOf(target) === null && code.copies === 2 && !missing.has(twin))
      return { target, sources: [{ place: twin, coefficient: 1 }] }
    const sources = terms
      .get(member)!
      .map((term): Source => ({ place: placeOf(code, missing, term.member), coefficient: term.coefficient }))
    return { target, sources: inChain(sources, rankOf(target)) }
  })
}

/** What of the code is lost with these places: processes, and rows of which neither copy is left. */
function membersOf(code: ErasureCode, lost: ReadonlySet<Place>): number[] {
  const members: number[] = []
  for (const place of lost) {
    const isTwinLeft = place.startsWith('c') && code.copies === 2 && !lost.has(backupPlace(rowOf(place)!))
    if (!place.startsWith('b') && !isTwinLeft) members.push(memberOf(code, place))
  }
  return members
}

function memberOf(code: ErasureCode, place: Place): number {
  return rankOf(place) ?? code.processes + Number(place.slice(1))
}

/** Who has what a member of the code stands for. */
function placeOf(code: ErasureCode, missing: ReadonlySet<Place>, member: number): Place {
  if (member < code.processes) return applicationPlace(member)
  const row = member - code.processes
  return missing.has(checkpointPlace(row)) ? backupPlace(row) : checkpointPlace(row)
}

/** From the next rank on and round, then the check processors: the same chain whatever the ranks are called. */
function inChain(sources: readonly Source[], target: number | null): Source[] {
  const after: Source[] = []
  const before: Source[] = []
  const checks: Source[] = []
  for (const source of sources) {
    const rank = rankOf(source.place)
    if (rank === null) checks.push(source)
    else if (target !== null && rank > target) after.push(source)
    else before.push(source)
  }
  return [...after, ...before, ...checks]
}
