/**
 * Which host each place of a machine is on, as a pure function of hosts, failure domains and code, and what losses of
 * domains it survives, counted.
 */

export { countSecondLosses, type SecondLosses } from './after-recovery.ts'
export { arrangeSpares } from './arrange.ts'
export { codeGroups, placesOf } from './code-groups.ts'
export { type DomainKind, type Domains, domainKinds, domainsOf, type PlannedHost } from './hosts.ts'
export { type HostWithRoom, hostsForNext, sparesOnHosts } from './hosts-for-next.ts'
export { hasRoomAfter, type PlacementOptions, placeAgain, placeOnHosts, roomOf } from './place.ts'
export { countSurvival, coverageOf, type Placement, type Survival } from './survival.ts'
export { type Part, type PlannedMachine, planMachine } from './weakest-part.ts'
