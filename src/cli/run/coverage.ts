import { codeFor, type MachineSettings, type WantedTracker } from '../../machine/index.ts'
import type { TrackerName, TrackerState } from '../../memory/native/index.ts'
import { counted } from '../wording.ts'
import type { RunArguments } from './arguments.ts'

/** The scheme, its variant where there are some and, where it is not plain parity, its code. */
export function schemeText(args: Pick<RunArguments, 'scheme' | 'machine'>): string {
  const { coordination, protection } = args.machine
  const variant = coordination === 'independent' ? '' : `, ${coordination.replaceAll('-', ' ')}`
  const scheme = `${args.scheme}${variant}`
  if (!protection) return `scheme ${scheme}`
  const { code, tolerate } = protection
  const groups = groupsOf(args.machine)
  if (groups > 1) {
    const losses = tolerate === 1 ? 'one loss' : `any ${tolerate} losses`
    return `scheme ${scheme}, ${losses} at a time in each of ${groups} groups`
  }
  if (tolerate === 1) return `scheme ${scheme}`
  return code === 'groups'
    ? `scheme ${scheme}, plain parity in ${tolerate} groups`
    : `scheme ${scheme}, any ${tolerate} losses at a time`
}

/** Of Reed–Solomon. */
function groupsOf({ protection, processes }: Pick<MachineSettings, 'protection' | 'processes'>): number {
  return protection?.code === 'reed-solomon' ? codeFor(processes, protection).groups : 1
}

/** What the code does not cover, where one might think that it does. */
export function coverageLines({ protection, processes }: Pick<MachineSettings, 'protection' | 'processes'>): string[] {
  if (protection?.code === 'mirror') {
    return ['  mirror: any processors can be lost but a process together with its own mirror']
  }
  const groups = groupsOf({ protection, processes })
  if (protection && groups > 1) return groupLines(protection.tolerate, groups, processes)
  if (protection?.code !== 'groups' || protection.tolerate === 1) return []
  const { tolerate } = protection
  const example = tolerate < processes ? `, such as processes 0 and ${tolerate}` : ''
  return [
    `  groups: one loss in each of ${counted(tolerate, 'group')} is covered; two in the same group${example}, are not;`,
    `  --code reed-solomon covers any ${tolerate}`,
  ]
}

/** Nothing where the command itself conducts. */
export function conductorLines(conductors: number): string[] {
  if (conductors === 1) return []
  const standbys = conductors - 1
  const lost = standbys === 1 ? 'one of them' : `any ${standbys} of them`
  return [
    `  ${conductors} conductors, of which ${standbys} stand${standbys === 1 ? 's' : ''} by: ${lost} may be lost at a time`,
  ]
}

/** What is done instead where this machine does not have the wanted way of finding changed pages. */
export function trackerLines(
  wanted: WantedTracker,
  states: Readonly<Record<TrackerName, TrackerState>>,
): readonly string[] {
  if (wanted === 'auto' || states[wanted].available) return []
  return [`  --memory ${wanted} is not to be had here (${states[wanted].reason}): pages are compared instead`]
}

function groupLines(tolerate: number, groups: number, processes: number): string[] {
  const ranks = Array.from({ length: tolerate + 1 }, (_, at) => at * groups)
  const last = ranks.pop()!
  const example = last < processes ? `, such as processes ${ranks.join(', ')} and ${last},` : ''
  return [`  groups: ${tolerate + 1} losses in the same group${example} are not covered`]
}
