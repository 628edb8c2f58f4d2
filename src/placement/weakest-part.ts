import { countSecondLosses, type SecondLosses } from './after-recovery.ts'
import { domainsOf } from './hosts.ts'
import { hasRoomAfter, type PlacementOptions, placeOnHosts } from './place.ts'
import { countSurvival, coverageOf, type Placement, type Survival } from './survival.ts'

/** What a run needs to outlive losses of domains: memories, what it has put out, and what its hosts agree on. */
export type Part = 'code' | 'release log' | 'store'

export interface PlannedMachine {
  readonly placement: Placement
  readonly domains: readonly string[]
  /** For one domain lost, for two together, and so on up to as many as should be survived. */
  readonly survivals: readonly Survival[]
  /** How many domains each part can lose together, whichever they are, up to as many as should be survived. */
  readonly survives: Readonly<Record<Part, number>>
  /** The parts that survive least, if that is less than what should be. */
  readonly weakest: readonly Part[]
  /** Replicas of the release log, beside the conductor's own; members of the store. */
  readonly replicas: number
  readonly storeMembers: number
  /** What a second loss does after the recovery from a first one. */
  readonly secondLosses: SecondLosses
  /** Whether every place finds room again on the hosts that are left. */
  readonly hasRoomAfter: boolean
}

const parts: readonly Part[] = ['code', 'release log', 'store']

/**
 * Places a machine on hosts and counts what each of its parts survives. The release log has a replica on as many domains
 * beside the conductor's as losses should be survived, and is there as long as one of them is; the store decides by
 * majority, so it needs 2 m + 1 members to lose m.
 */
export function planMachine(options: PlacementOptions): PlannedMachine {
  const { hosts, code, domain, losses } = options
  const placement = placeOnHosts(options)
  const { names, ofHost } = domainsOf(hosts, domain)
  const isCovered = coverageOf(code, placement, ofHost)
  const lossesMax = Math.min(losses, names.length)
  const survivals = Array.from({ length: lossesMax }, (_, one) => countSurvival(isCovered, names.length, one + 1))
  const replicas = Math.min(losses, names.length - 1)
  const storeMembers = Math.min(2 * losses + 1, names.length % 2 === 1 ? names.length : names.length - 1)
  const survives = {
    code: survivals.findIndex(({ uncovered }) => uncovered > 0),
    'release log': replicas,
    store: (storeMembers - 1) / 2,
  }
  if (survives.code < 0) survives.code = lossesMax
  const least = Math.min(...Object.values(survives))
  const weakest = least < losses ? parts.filter((part) => survives[part] === least) : []
  const room = hasRoomAfter(options)
  const secondLosses = countSecondLosses(placement, options)
  return {
    ...{ placement, domains: names, survivals, secondLosses, survives, weakest },
    ...{ replicas, storeMembers, hasRoomAfter: room },
  }
}
