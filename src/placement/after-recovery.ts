import type { ErasureCode } from '../parity/index.ts'
import { domainsOf } from './hosts.ts'
import { type PlacementOptions, placeAgain } from './place.ts'
import { coverageOf, type Placement } from './survival.ts'

/** What one more loss does after the first one, once all that was lost has been made again on the hosts that are left. */
export interface SecondLosses {
  /** Pairs of a domain lost first and one lost after the recovery. */
  readonly ways: number
  readonly uncovered: number
  /** The first of these pairs: numbers of domains, in the order in which they are lost. */
  readonly examples: readonly (readonly [first: number, second: number])[]
  /** Domains after whose loss not every place finds room, so that the run goes on unprotected until a host comes. */
  readonly withoutRoom: readonly number[]
}

const examplesMax = 20

/** Loses each domain, places again what it had, and counts which of the others can be lost then. */
export function countSecondLosses(
  placement: Placement,
  { hosts, code, domain }: Pick<PlacementOptions, 'hosts' | 'code' | 'domain'>,
): SecondLosses {
  const { names, ofHost } = domainsOf(hosts, domain)
  const examples: (readonly [number, number])[] = []
  const withoutRoom: number[] = []
  let [ways, uncovered] = [0, 0]
  for (const first of names.keys()) {
    const again = placeAgain({ hosts, code, domain }, placement, first)
    if (again === null) {
      withoutRoom.push(first)
      continue
    }
    for (const second of uncoveredOf(code, again, ofHost, names.length)) {
      uncovered += 1
      if (examples.length < examplesMax) examples.push([first, second])
    }
    ways += names.length - 1
  }
  return { ways, uncovered, examples, withoutRoom }
}

/** Nothing is on the domain that was lost, so that losing it again costs nothing. */
function uncoveredOf(code: ErasureCode, placement: Placement, ofHost: readonly number[], domains: number): number[] {
  const isCovered = coverageOf(code, placement, ofHost)
  return Array.from({ length: domains }, (_, second) => second).filter((second) => !isCovered([second]))
}
