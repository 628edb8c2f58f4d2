/** What the machine as a whole is doing: when a fault strikes matters as much as which. */
import { isCheckpointPlace } from '../../protocol/index.ts'
import type { World } from '../world/world.ts'

/**
 * freezing: somebody stands still for a synchronous checkpoint, and what is in transit has not arrived yet. gathering:
 * deltas of the next checkpoint come in. committing: a check row has all of its delta, and the commit is not decided
 * there, or the manifest of a checkpoint on disk is being written. recovering: from a loss until all are told to go on. replaying: until all have heard that, and all that crossed
 * the recovery line has arrived again.
 */
export const phases = ['computing', 'freezing', 'gathering', 'committing', 'recovering', 'replaying'] as const

export type Phase = (typeof phases)[number]

export function phaseOf(world: World): Phase {
  const { conductor } = world
  if (conductor.phase !== 'running') return 'recovering'
  if (isReplaying(world)) return 'replaying'
  const { storage } = conductor
  if (storage?.order?.sealing) return 'committing'
  let phase: Phase = storage?.order && world.code === null ? 'gathering' : 'computing'
  for (const place of conductor.members.keys()) {
    const host = world.holder(place)?.host
    if (host?.kind === 'application' && host.state.freeze?.phase === 'draining') return 'freezing'
    if (host?.kind !== 'check' || !isCheckpointPlace(place)) continue
    const { senders } = host.state.staging
    if (senders.size > 0) phase = 'gathering'
    const all = 'holders' in host.state ? host.state.options.coefficients.size : 0
    if (senders.size === all && [...senders.values()].every(({ ended }) => ended)) return 'committing'
  }
  return phase
}

export function isReplaying({ conductor, processors, links }: World): boolean {
  const { epoch, line, phase } = conductor
  if (epoch === 1 || phase !== 'running') return false
  for (const { host, alive } of processors) {
    if (alive && host && (host.state.epoch !== epoch || host.state.mode !== 'running')) return true
  }
  // A processor in this epoch is at the line at least: what is older was sent again.
  return links.busy.some(({ packets }) =>
    packets.some(
      (packet) =>
        packet.type === 'frame' &&
        packet.epoch === epoch &&
        packet.frame.type === 'message' &&
        packet.frame.interval < line,
    ),
  )
}
