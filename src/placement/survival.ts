import { seededRandom } from '../base/index.ts'
import type { ErasureCode } from '../parity/index.ts'
import { covers, type Place } from '../protocol/index.ts'
import { codeGroups, placesOfGroup } from './code-groups.ts'

/** The number of the host that each place is on. */
export type Placement = ReadonlyMap<Place, number>

/** What becomes of a machine when so many of its failure domains are lost together. */
export interface Survival {
  readonly losses: number
  /** In so many ways that many domains can be lost. */
  readonly ways: number
  /** So many of them were looked at: all, or as many drawn at random. */
  readonly counted: number
  /** So many of these lose what nothing covers. */
  readonly uncovered: number
  /** The first of them: numbers of domains, ascending. */
  readonly examples: readonly (readonly number[])[]
  /** At most this share of all ways is not covered: exactly, or with a confidence of 99 % where ways were drawn. */
  readonly uncoveredShareMax: number
}

/** More ways than these are not all looked at. */
export const waysMax = 1_000_000
const drawsMax = 100_000
const examplesMax = 20
const confidence = 0.99

/** Whether the loss of some domains, ascending numbers, is covered. */
export type Covered = (domains: readonly number[]) => boolean

/**
 * Answers for a placement which losses of domains are covered. `domainOf`: the number of each host's domain. A loss is
 * covered if each group of the code covers what it has lost, and what a group answers is asked once.
 */
export function coverageOf(code: ErasureCode, placement: Placement, domainOf: readonly number[]): Covered {
  const groups = codeGroups(code).map((group) => placesOfGroup(code, group))
  const answers = groups.map(() => new Map<string, boolean>())
  /** Of each domain the groups that have places in it. */
  const touched: number[][] = domainOf.map(() => [])
  for (const [group, places] of groups.entries()) {
    for (const domain of new Set(places.map((place) => domainOf[placement.get(place)!]!))) touched[domain]!.push(group)
  }
  return (domains) => {
    const shares = new Map<number, number[]>()
    for (const domain of domains) {
      for (const group of touched[domain] ?? []) shares.set(group, [...(shares.get(group) ?? []), domain])
    }
    for (const [group, share] of shares) {
      const key = share.join(' ')
      const known = answers[group]!.get(key)
      const isCovered = known ?? covers(code, lostOf(groups[group]!, share))
      if (known === undefined) answers[group]!.set(key, isCovered)
      if (!isCovered) return false
    }
    return true
  }

  function lostOf(places: readonly Place[], share: readonly number[]): Set<Place> {
    return new Set(places.filter((place) => share.includes(domainOf[placement.get(place)!]!)))
  }
}

/** Looks at the losses of `losses` domains out of `domains` together: at all, or where there are too many, at some drawn by `seed`. */
export function countSurvival(isCovered: Covered, domains: number, losses: number, seed = 1): Survival {
  const ways = binomial(domains, losses)
  const isExact = ways <= waysMax
  const examples: (readonly number[])[] = []
  let [counted, uncovered] = [0, 0]
  for (const lost of isExact ? allSubsets(domains, losses) : drawnSubsets(domains, losses, seed)) {
    counted += 1
    if (isCovered(lost)) continue
    uncovered += 1
    if (examples.length < examplesMax) examples.push([...lost])
  }
  const uncoveredShareMax = isExact ? (ways === 0 ? 0 : uncovered / ways) : shareMax(uncovered, counted)
  return { losses, ways, counted, uncovered, examples, uncoveredShareMax }
}

/** How many subsets of `size` there are; infinite beyond what numbers hold. */
export function binomial(of: number, size: number): number {
  if (size > of) return 0
  let ways = 1
  for (let index = 1; index <= Math.min(size, of - size); index += 1) ways = (ways * (of - index + 1)) / index
  return Math.round(ways)
}

/** Each subset of 0 to `of` - 1 once, ascending; the array is the same one each time. */
export function* allSubsets(of: number, size: number): Generator<readonly number[]> {
  const subset = Array.from({ length: size }, (_, index) => index)
  if (size > of) return
  while (true) {
    yield subset
    let at = size - 1
    while (at >= 0 && subset[at] === of - size + at) at -= 1
    if (at < 0) return
    subset[at]! += 1
    for (let next = at + 1; next < size; next += 1) subset[next] = subset[next - 1]! + 1
  }
}

function* drawnSubsets(of: number, size: number, seed: number): Generator<readonly number[]> {
  const random = seededRandom(seed)
  for (let draw = 0; draw < drawsMax; draw += 1) {
    const drawn = new Set<number>()
    // Floyd's algorithm: every subset is as likely as every other.
    for (let top = of - size; top < of; top += 1) {
      const one = random.integer(0, top)
      drawn.add(drawn.has(one) ? top : one)
    }
    yield [...drawn].sort((a, b) => a - b)
  }
}

/**
 * An upper bound of the share after `found` of `draws`: where nothing was found the exact one (all draws miss it), else
 * that of Hoeffding 1963, theorem 1.
 */
function shareMax(found: number, draws: number): number {
  if (found === 0) return 1 - (1 - confidence) ** (1 / draws)
  return Math.min(1, found / draws + Math.sqrt(Math.log(1 / (1 - confidence)) / (2 * draws)))
}
