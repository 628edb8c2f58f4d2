import type { PlannedHost, PlannedMachine } from '../../placement/index.ts'
import { jsonSafe } from '../json-safe.ts'
import type { PlanArguments } from './arguments.ts'
import { bytesOf } from './plan-lines.ts'

/** A plan as one JSON object; memories in bytes. */
export function planJson(
  hosts: readonly PlannedHost[],
  { processes, protection, domain, losses }: PlanArguments,
  {
    placement,
    domains,
    survivals,
    secondLosses,
    survives,
    weakest,
    replicas,
    storeMembers,
    hasRoomAfter,
  }: PlannedMachine,
  memoryBytes: readonly number[] | null,
): unknown {
  const placesOn = (number: number) => [...placement].filter(([, at]) => at === number).map(([place]) => place)
  return jsonSafe({
    setting: { processes, ...protection, domain, losses },
    hosts: hosts.map(({ name, rack }, number) => ({
      ...{ name, rack, places: placesOn(number) },
      memoryBytes: memoryBytes && bytesOf(placesOn(number), memoryBytes),
    })),
    survivals: survivals.map(({ examples, ...survival }) => ({
      ...survival,
      examples: examples.map((lost) => lost.map((one) => domains[one])),
    })),
    secondLosses: {
      ...secondLosses,
      examples: secondLosses.examples.map((pair) => pair.map((one) => domains[one])),
      withoutRoom: secondLosses.withoutRoom.map((one) => domains[one]),
    },
    ...{ survives, weakest, replicas, storeMembers, hasRoomAfter },
  })
}
