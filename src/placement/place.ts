import { assert, type Random, seededRandom } from '../base/index.ts'
import type { ErasureCode } from '../parity/index.ts'
import type { Place } from '../protocol/index.ts'
import { type CodeGroup, codeGroups, holdersOf, placesOf, placesOfGroup } from './code-groups.ts'
import { type DomainKind, domainsOf, type PlannedHost } from './hosts.ts'
import { binomial, countSurvival, coverageOf, type Placement } from './survival.ts'

export interface PlacementOptions {
  readonly hosts: readonly PlannedHost[]
  readonly code: ErasureCode
  /** What is lost together. */
  readonly domain: DomainKind
  /** The losses of domains at the same time that should be survived. */
  readonly losses: number
}

/** Only so many ways to lose domains are counted again for each change that is tried. */
const searchWaysMax = 3000
/** So often a change is tried. */
const triesMax = 1000
/** The same in a recovery. */
const triesWaiting = 100

/** How many processors the hosts take; infinite where one of them takes any number. */
export function roomOf(hosts: readonly PlannedHost[]): number {
  return hosts.reduce((sum, { processorsMax }) => sum + (processorsMax ?? Number.POSITIVE_INFINITY), 0)
}

/**
 * Where each place of a machine goes. Members of a group of the code go to different domains as far as there are enough, the
 * two holders of a row first of all, and of those that do equally well to the host with fewest; then places change hosts
 * as long as losses are left that nothing covers. Always the same for the same hosts and code. There must be
 * room for all.
 */
export function placeOnHosts(options: PlacementOptions): Placement {
  const { hosts, code, domain, losses } = options
  assert(roomOf(hosts) >= placesOf(code).length, 'placement: the hosts have room for every place')
  const { names, ofHost } = domainsOf(hosts, domain)
  const placement = spread(hosts, code, ofHost, new Map())
  if (binomial(names.length, losses) > searchWaysMax) return placement
  return improved(placement, options, new Map())
}

/**
 * Where the places are after a recovery from the loss of a domain: its own on the others, all else where it was. Null where
 * they have no room for all.
 */
export function placeAgain(
  { hosts, code, domain }: Pick<PlacementOptions, 'hosts' | 'code' | 'domain'>,
  placement: Placement,
  lost: number,
): Placement | null {
  const { names, ofHost } = domainsOf(hosts, domain)
  const left = hosts.map((host, number) => (ofHost[number] === lost ? { ...host, processorsMax: 0 } : host))
  if (roomOf(left) < placement.size) return null
  const kept = new Map([...placement].filter(([, host]) => ofHost[host] !== lost))
  const again = spread(left, code, ofHost, kept)
  // There is one for each domain that may be lost, and each counts the loss of every other one.
  if (names.length ** 2 > searchWaysMax) return again
  return improved(again, { hosts: left, code, domain, losses: 1 }, kept)
}

/** Puts one group after another where it is least in its own way. Those of `kept` stay where they are. */
function spread(
  hosts: readonly PlannedHost[],
  code: ErasureCode,
  domainOf: readonly number[],
  kept: Placement,
): Placement {
  const placement = new Map<Place, number>(kept)
  const loads = loadsOf(hosts, kept)
  for (const group of codeGroups(code)) {
    const weights = new Map<number, number>()
    for (const place of placesOfGroup(code, group)) {
      const domain = domainOf[kept.get(place) ?? -1]
      if (domain !== undefined) weights.set(domain, (weights.get(domain) ?? 0) + 2)
    }
    for (const [place, weightIn] of membersOf(code, group, placement, domainOf)) {
      if (kept.has(place)) continue
      const host = bestHost(
        hosts,
        loads,
        (number) => weightIn(domainOf[number]!) + (weights.get(domainOf[number]!) ?? 0),
      )
      placement.set(place, host)
      loads[host]! += 1
      weights.set(domainOf[host]!, (weights.get(domainOf[host]!) ?? 0) + 2)
    }
  }
  return placement
}

/**
 * The places of a group in the order in which they choose. What stands beside each weighs what it would cost in a domain
 * beyond what any member does there: the second holder of a row takes the row with it, the first one half of it.
 */
function* membersOf(
  code: ErasureCode,
  { ranks, rows }: CodeGroup,
  placement: ReadonlyMap<Place, number>,
  domainOf: readonly number[],
): Generator<readonly [Place, (domain: number) => number]> {
  for (const rank of ranks) yield [`a${rank}`, () => 0]
  for (const row of rows) {
    const [first, second] = holdersOf(code, row)
    // The other holder is where it was, where only one of them is placed again.
    yield [first!, (domain) => (code.copies === 1 || isWith(second, domain) ? 1 : 0)]
    if (second) yield [second, (domain) => (isWith(first, domain) ? 1 : 0)]
  }

  function isWith(place: Place | undefined, domain: number): boolean {
    const host = place === undefined ? undefined : placement.get(place)
    return host !== undefined && domainOf[host] === domain
  }
}

function bestHost(hosts: readonly PlannedHost[], loads: readonly number[], weightOf: (host: number) => number): number {
  let best: number | null = null
  const isBetter = (one: number, than: number): boolean =>
    weightOf(one) < weightOf(than) || (weightOf(one) === weightOf(than) && loads[one]! < loads[than]!)
  for (const [host, { processorsMax }] of hosts.entries()) {
    if (processorsMax !== null && loads[host]! >= processorsMax) continue
    if (best === null || isBetter(host, best)) best = host
  }
  assert(best !== null, 'placement: the hosts have room for every place')
  return best
}

/**
 * Moves or exchanges places, drawn at random out of losses that are not covered, and keeps each change that leaves no more
 * such losses than before: those that change nothing lead out of corners. Those of `kept` stay where they are.
 */
function improved(
  placement: Placement,
  { hosts, code, domain, losses }: PlacementOptions,
  kept: Placement,
  tries = triesMax,
): Placement {
  const { names, ofHost } = domainsOf(hosts, domain)
  const count = (one: Placement) => countSurvival(coverageOf(code, one, ofHost), names.length, losses)
  const random = seededRandom(1)
  let [now, survival] = [placement, count(placement)]
  for (let left = tries; survival.uncovered > 0 && left > 0; left -= 1) {
    const lost = random.pick(survival.examples)
    const inTheWay = [...now].filter(([place, host]) => !kept.has(place) && lost.includes(ofHost[host]!))
    if (inTheWay.length === 0) continue
    const [place, host] = random.pick(inTheWay)
    const changed = changeOf(now, place, host, hosts, kept, random)
    const found = count(changed)
    if (found.uncovered <= survival.uncovered) [now, survival] = [changed, found]
  }
  return now
}

/** The placement with `place` on another host, alone where there is room, or in exchange for a place there. */
function changeOf(
  now: Placement,
  place: Place,
  host: number,
  hosts: readonly PlannedHost[],
  kept: Placement,
  random: Random,
): Placement {
  const other = random.integer(0, hosts.length - 1)
  const { processorsMax } = hosts[other]!
  const there = [...now].filter(([, at]) => at === other).map(([name]) => name)
  const exchangeable = there.filter((name) => !kept.has(name))
  const moved = new Map(now).set(place, other)
  const hasRoom = processorsMax === null || there.length < processorsMax
  if (exchangeable.length === 0 || (hasRoom && random.integer(0, 1) === 0)) return hasRoom ? moved : now
  return moved.set(random.pick(exchangeable), host)
}

/** Where the places that are not `kept` go at first. */
export function spreadOver(
  { hosts, code, domain }: Pick<PlacementOptions, 'hosts' | 'code' | 'domain'>,
  kept: Placement,
): Placement {
  return spread(hosts, code, domainsOf(hosts, domain).ofHost, kept)
}

/** Better for the loss of one domain first, then of two, and so on: while everybody waits. Those of `kept` stay where they are. */
export function improvedStepwise(placement: Placement, options: PlacementOptions, kept: Placement): Placement {
  const domains = domainsOf(options.hosts, options.domain).names.length
  let now = placement
  for (let losses = 1; losses <= Math.min(options.losses, domains); losses += 1) {
    if (binomial(domains, losses) > searchWaysMax || isHopeless(options.code, domains, losses)) return now
    now = leastUncovered([now, improved(now, { ...options, losses }, kept, triesWaiting)], options).placement
  }
  return now
}

/**
 * Whether some losses of so many domains are uncovered wherever places are: those with most processes of a group have more
 * than its rows can make again.
 */
export function isHopeless(code: ErasureCode, domains: number, losses: number): boolean {
  return codeGroups(code).some(({ ranks, rows }) => Math.ceil((ranks.length * losses) / domains) > rows.length)
}

/**
 * The first of those that leave least uncovered: of the losses of one domain, then of two, up to `losses`; and of those one
 * whose fullest host has fewest places.
 */
export function leastUncovered(
  placements: Iterable<Placement>,
  { hosts, code, domain, losses }: PlacementOptions,
): { readonly placement: Placement; readonly isCovered: boolean } {
  const { names, ofHost } = domainsOf(hosts, domain)
  let best: { readonly placement: Placement; readonly score: readonly number[] } | null = null
  for (const placement of placements) {
    const isCovered = coverageOf(code, placement, ofHost)
    const score: number[] = []
    for (let lost = 1; lost <= losses && binomial(names.length, lost) <= searchWaysMax; lost += 1) {
      score.push(countSurvival(isCovered, names.length, lost).uncovered)
    }
    score.push(Math.max(0, ...loadsOf(hosts, placement)))
    if (best === null || isLess(score, best.score)) best = { placement, score }
  }
  assert(best !== null, 'placement: there is one to choose')
  return { placement: best.placement, isCovered: best.score.slice(0, -1).every((uncovered) => uncovered === 0) }
}

function isLess(one: readonly number[], than: readonly number[]): boolean {
  const at = one.findIndex((count, index) => count !== than[index])
  return at >= 0 && one[at]! < than[at]!
}

/** How many places each host has. */
export function loadsOf(hosts: readonly PlannedHost[], placement: Placement): number[] {
  const loads = hosts.map(() => 0)
  for (const host of placement.values()) loads[host]! += 1
  return loads
}

/** Whether the hosts that are left have room for every place, whichever domains are lost: the fullest ones, at worst. */
export function hasRoomAfter({ hosts, code, domain, losses }: PlacementOptions): boolean {
  const { names, ofHost } = domainsOf(hosts, domain)
  const rooms = names.map((_, number) => roomOf(hosts.filter((_host, at) => ofHost[at] === number)))
  const left = rooms.sort((a, b) => a - b).slice(0, Math.max(0, rooms.length - losses))
  return left.reduce((sum, room) => sum + room, 0) >= placesOf(code).length
}
