import { enumerate, inBytes } from '../../base/index.ts'
import { placeBytes } from '../../machine/index.ts'
import type { DomainKind, PlannedHost, PlannedMachine, Survival } from '../../placement/index.ts'
import { type Place, rankOf } from '../../protocol/index.ts'
import type { Paint } from '../surroundings.ts'
import { counted, inColumns } from '../wording.ts'

export interface TellablePlan {
  readonly hosts: readonly PlannedHost[]
  readonly domain: DomainKind
  readonly losses: number
  readonly planned: PlannedMachine
  /** Of each process, by rank; null: nobody asked. */
  readonly memoryBytes: readonly number[] | null
}

const examplesShown = 5

/** The table of places, what is survived, and the weakest part. */
export function planLines({ hosts, domain, losses, planned, memoryBytes }: TellablePlan, paint: Paint): string[] {
  return [
    ...tableLines(hosts, planned, memoryBytes, paint),
    '',
    ...planned.survivals.flatMap((survival) => survivalLines(survival, domain, planned, paint)),
    ...secondLossLines(planned, domain, paint),
    '',
    ...partLines(planned, losses, domain, paint),
  ]
}

/** Why less is survived than was asked for; null if it is not. */
export function shortfall({ weakest, survives }: PlannedMachine, losses: number): string | null {
  const [first] = weakest
  if (first === undefined) return null
  const who = enumerate([...weakest].map((part) => `the ${part}`))
  const what = survives[first] === 0 ? 'no loss' : `only ${counted(survives[first], 'loss')} at a time`
  return `${who} ${weakest.length === 1 ? 'survives' : 'survive'} ${what}, and ${losses} ${losses === 1 ? 'was' : 'were'} asked for`
}

/** What some places take of memory together, in bytes. */
export function bytesOf(places: readonly Place[], memoryBytes: readonly number[]): number {
  return places.reduce((sum, place) => sum + placeBytes(rankOf(place), memoryBytes), 0)
}

function tableLines(
  hosts: readonly PlannedHost[],
  { placement }: PlannedMachine,
  memoryBytes: readonly number[] | null,
  paint: Paint,
): string[] {
  const hasRacks = hosts.some(({ rack }) => rack !== null)
  const rows = hosts.map(({ name, rack, processorsMax }, number) => {
    const places = [...placement].filter(([, at]) => at === number).map(([place]) => place)
    return [
      name,
      ...(hasRacks ? [rack ?? ''] : []),
      processorsMax === null ? String(places.length) : `${places.length} of ${processorsMax}`,
      ...(memoryBytes === null ? [] : [inBytes(bytesOf(places, memoryBytes))]),
      places.join(' '),
    ]
  })
  const head = ['host', ...(hasRacks ? ['rack'] : []), 'processors', ...(memoryBytes ? ['memory'] : []), 'places']
  const [first = '', ...others] = inColumns([head, ...rows])
  return [paint.bold(first), ...others]
}

function survivalLines(survival: Survival, domain: DomainKind, { domains }: PlannedMachine, paint: Paint): string[] {
  const { losses, ways, counted: looked, uncovered, examples } = survival
  const what = losses === 1 ? `one ${domain}` : `${losses} ${domain}s together`
  const isAll = looked === ways
  const of = isAll ? `${ways}` : `${looked} drawn of ${ways}`
  if (uncovered === 0) {
    const bound = isAll ? '' : `; at most ${inShare(survival.uncoveredShareMax)} of all are not, with 99 % confidence`
    return [`${paint.green('✔')} any ${what} can be lost: all ${of} losses are covered${bound}`]
  }
  const share = isAll ? '' : `, at most ${inShare(survival.uncoveredShareMax)} with 99 % confidence`
  const shown = examples.slice(0, examplesShown).map((lost) => `    ${lost.map((one) => domains[one]).join(' with ')}`)
  const more = uncovered > shown.length ? [`    and ${uncovered - shown.length} more`] : []
  return [
    `${paint.red('✗')} of ${of} losses of ${what}, ${uncovered} ${uncovered === 1 ? 'is' : 'are'} not covered${share}:`,
    ...shown,
    ...more,
  ]
}

/** After a recovery the placement is another one, and is counted again. */
function secondLossLines({ secondLosses, domains }: PlannedMachine, domain: DomainKind, paint: Paint): string[] {
  const { ways, uncovered, examples, withoutRoom } = secondLosses
  if (ways === 0) return []
  const roomy = domains.length - withoutRoom.length
  const except = withoutRoom.length === 0 ? '' : ` (there is room after the loss of ${roomy} of the ${domains.length})`
  const after = `after the recovery from the loss of one ${domain}${except}`
  if (uncovered === 0) return [`${paint.green('✔')} ${after}, any other one can be lost: all ${ways} pairs are covered`]
  const shown = examples
    .slice(0, examplesShown)
    .map(([first, second]) => `    ${domains[first]}, and after the recovery ${domains[second]}`)
  const more = uncovered > shown.length ? [`    and ${uncovered - shown.length} more`] : []
  const count = `${uncovered} of ${ways} pairs ${uncovered === 1 ? 'is' : 'are'} not covered`
  return [`${paint.yellow('✗')} ${after}, not every other one can be lost: ${count}`, ...shown, ...more]
}

function partLines(planned: PlannedMachine, losses: number, domain: DomainKind, paint: Paint): string[] {
  const { survives, weakest, replicas, storeMembers } = planned
  const row = (part: keyof typeof survives, made: string): string[] => {
    const survived = `survives ${survives[part]} of ${losses}`
    return [part, made, weakest.includes(part) ? `${survived}, the weakest part` : survived]
  }
  const rows = inColumns([
    row('code', `${counted(planned.placement.size, 'place')} on ${counted(planned.domains.length, domain)}`),
    row('release log', `the conductor's and ${counted(replicas, 'replica')}, each on another ${domain}`),
    row('store', `${counted(storeMembers, 'member')}, of which more than half must be left`),
  ])
  const room = planned.hasRoomAfter
    ? `after such a loss every place finds room on the others`
    : `after such a loss not every place finds room on the others: the run goes on unprotected until a host comes`
  return [...rows, planned.hasRoomAfter ? room : paint.yellow(room)]
}

function inShare(share: number): string {
  return `${(share * 100).toPrecision(2)} %`
}
