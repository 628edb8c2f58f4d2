/**
 * Everything that can happen in a world, as plain data: what a random run did is a list of moves, which can be played
 * again, shortened, and written down as a scenario.
 */
import { type ProcessorId, processorId, seededRandom, unreachable } from '../../base/index.ts'
import type { Accident, CandidateId } from '../../protocol/index.ts'
import { type ClockType, clockTypes } from '../candidates/clocks.ts'
import type { SimulatedDisk } from '../disk/disk.ts'
import type { ToldOfHost } from '../hosts/hosts.ts'
import type { ApplicationHost } from '../world/application-host.ts'
import type { End, Partition } from '../world/links.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import { severLink } from '../world/sever.ts'
import type { Action, World } from '../world/world.ts'
import { type CandidateFault, strikeCandidate } from './candidate-moves.ts'
import { type HostFault, strikeHost } from './host-moves.ts'

export type Move =
  | { readonly type: 'deliver'; readonly from: End; readonly to: End }
  | { readonly type: 'ship'; readonly processor: ProcessorId; readonly shipment: number }
  | { readonly type: SimpleMove; readonly processor: ProcessorId }
  | { readonly type: 'writeManifest' }
  | { readonly type: ClockType; readonly candidate: CandidateId }
  | ToldOfHost
  | SimulatedFault

export type SimpleMove = Exclude<Action['type'], 'deliver' | 'ship' | 'writeManifest' | ClockType | ToldOfHost['type']>

/** What nothing in the machine does by itself. */
export type SimulatedFault =
  | { readonly type: 'freeze' | 'thaw' | 'suspect' | 'fillBuffer'; readonly processor: ProcessorId }
  /** Of what is in flight, each link delivers so many packets; links in the order in which they were first used. */
  | {
      readonly type: 'crash'
      readonly processor: ProcessorId
      readonly arriving: readonly number[]
      /** Left out: somebody asked for it. */
      readonly accident?: Accident
    }
  | { readonly type: 'crashAfter'; readonly processor: ProcessorId; readonly effects: number }
  | { readonly type: 'failStep'; readonly processor: ProcessorId; readonly site: string }
  | { readonly type: 'startProcessor' }
  /** The packet at place `which` comes once more, as number `at`. */
  | { readonly type: 'duplicate'; readonly from: End; readonly to: End; readonly which: number; readonly at: number }
  /** A frame of an older epoch, delivered before, comes once more. */
  | { readonly type: 'repeatLate'; readonly from: End; readonly to: End; readonly which: number }
  | { readonly type: 'sever'; readonly from: End; readonly to: End }
  | { readonly type: 'partition'; readonly side: readonly End[]; readonly way: Partition['way'] }
  /** The partition ends; nothing was lost on the links. */
  | { readonly type: 'heal' }
  /** Clocks jump: all timeouts that are armed pass, before anything else can happen. */
  | { readonly type: 'passTimeouts' }
  /** The disk has no room for the next thing that is written. */
  | { readonly type: 'fillDisk' }
  /** The file cannot be read any more. */
  | { readonly type: 'damageFile'; readonly name: string }
  /** Of the whole machine, which starts anew. `luck` decides what of that which is not durable is there then. */
  | { readonly type: 'cutPower'; readonly luck: number }
  | CandidateFault
  | HostFault
  /** Whoever fetches what is released is away for a while. */
  | { readonly type: 'watcherLeaves' | 'watcherReturns' }

const actionTypes: ReadonlySet<string> = new Set<Action['type']>([
  'deliver',
  'ship',
  'workOnMemory',
  'endStep',
  'timeout',
  'tellSilent',
  'tellHeard',
  'leave',
  'writeFile',
  'readFile',
  'writeManifest',
  'tellHostLost',
  'tellHostSilent',
  'tellHostHeard',
  ...clockTypes,
])

export const isFault = (move: Move): move is SimulatedFault => !actionTypes.has(move.type)

export function moveOf(action: Action): Move {
  switch (action.type) {
    case 'deliver':
      return { type: 'deliver', from: action.link.from, to: action.link.to }
    case 'ship': {
      const shipment = action.processor.host!.shipments.indexOf(action.shipment)
      return { type: 'ship', processor: action.processor.id, shipment }
    }
    case 'writeManifest':
    case 'tellHostLost':
    case 'tellHostSilent':
    case 'tellHostHeard':
      return action
    case 'unheard':
    case 'unanswered':
    case 'standbySilent':
    case 'standbyHeard':
      return { type: action.type, candidate: action.candidate.id }
    default:
      return { type: action.type, processor: action.processor.id }
  }
}

/** Plays a move. False, with nothing changed: it is not possible as the world is now. */
export function playMove(world: World, move: Move): boolean {
  if (!isFault(move)) {
    const action = actionFor(world, move)
    if (action) world.perform(action)
    return action !== null
  }
  switch (move.type) {
    case 'startProcessor':
      world.startProcessor()
      return true
    case 'duplicate':
      return duplicate(world, move)
    case 'repeatLate':
      return repeatLate(world, move)
    case 'sever':
      return sever(world, move)
    case 'partition':
      return (
        move.side.every((end) => mayBeCutOff(world, end)) && divide(world, { side: new Set(move.side), way: move.way })
      )
    case 'heal':
      return divide(world, null)
    case 'passTimeouts':
      return passTimeouts(world)
    case 'fillDisk':
    case 'damageFile':
    case 'cutPower':
      return world.disk !== null && strikeDisk(world, world.disk, move)
    case 'watcherLeaves':
    case 'watcherReturns':
      return world.candidates?.letWatch(move.type === 'watcherReturns') ?? false
    case 'loseHost':
    case 'returnHost':
    case 'freezeHost':
    case 'thawHost':
      return strikeHost(world.hosts, move)
    case 'crashCandidate':
    case 'crashCandidateAfter':
    case 'freezeCandidate':
    case 'thawCandidate':
    case 'doubtConductor':
    case 'loseAnswer':
      return strikeCandidate(world.candidates, move)
    default:
      return strike(world, move)
  }
}

function actionFor(world: World, move: Exclude<Move, SimulatedFault>): Action | null {
  if (move.type === 'deliver') {
    const link = world.links.used(move.from, move.to)
    if (!link?.isBusy || link.cut) return null
    const isStill = typeof link.to === 'number' ? world.processor(link.to).frozen : world.links.frozen.has(link.to)
    return isStill ? null : { type: 'deliver', link }
  }
  if (move.type === 'writeManifest') return world.disk?.manifests.isSealing ? move : null
  if ('candidate' in move) return world.candidates?.clocks.find(move) ?? null
  if ('host' in move)
    return world.hosts?.possible().find((one) => one.type === move.type && one.host === move.host) ?? null
  const processor = find(world, move.processor)
  if (!processor) return null
  if (move.type === 'ship') {
    const shipment = processor.host?.shipments[move.shipment]
    return shipment && !processor.frozen ? { type: 'ship', processor, shipment } : null
  }
  for (const one of world.actions()) {
    if (one.type === move.type && 'processor' in one && one.processor.id === processor.id) return one
  }
  return null
}

function strike(world: World, move: Extract<SimulatedFault, { processor: ProcessorId }>): boolean {
  const processor = find(world, move.processor)
  if (!processor) return false
  switch (move.type) {
    case 'freeze':
    case 'thaw': {
      const isNews = processor.frozen !== (move.type === 'freeze')
      processor.frozen = move.type === 'freeze'
      return isNews
    }
    case 'suspect':
      if (processor.isSilent) return false
      world.perform({ type: 'tellSilent', processor })
      return true
    case 'fillBuffer':
      return onApplication(processor, (host) => host.handle({ type: 'bufferFull' }))
    case 'crash': {
      let link = 0
      processor.accident = move.accident ?? null
      world.crash(processor, () => move.arriving[link++] ?? 0)
      return true
    }
    case 'crashAfter':
      processor.effectsLeft = move.effects
      return true
    case 'failStep':
      return onApplication(processor, (host) => host.failStep(move.site), true)
    default:
      return unreachable(move)
  }
}

type FaultOf<Type extends SimulatedFault['type']> = Extract<SimulatedFault, { readonly type: Type }>
type DiskFault = Extract<SimulatedFault, { type: 'fillDisk' | 'damageFile' | 'cutPower' }>

function strikeDisk(world: World, { folder }: SimulatedDisk, move: DiskFault): boolean {
  switch (move.type) {
    case 'fillDisk':
      folder.isFull = true
      return true
    case 'damageFile':
      return folder.damage(move.name, 'it does not have its checksum')
    case 'cutPower':
      // The world of several conductors does not start anew.
      if (world.candidates) return false
      world.cutPower(seededRandom(move.luck))
      return true
    default:
      return unreachable(move)
  }
}

function onApplication(
  { host, frozen }: SimulatedProcessor,
  act: (host: ApplicationHost) => void,
  stepping = false,
): boolean {
  if (host?.kind !== 'application' || frozen || (stepping && !host.step)) return false
  act(host)
  return true
}

function duplicate({ links }: World, { from, to, which, at }: FaultOf<'duplicate'>): boolean {
  const link = links.used(from, to)
  const packet = link?.packets[which]
  if (!link || packet?.type !== 'frame') return false
  links.replace(link, link.packets.toSpliced(at, 0, packet))
  return true
}

function repeatLate(world: World, { from, to, which }: FaultOf<'repeatLate'>): boolean {
  const link = world.links.used(from, to)
  const packet = link?.delivered[which]
  if (!link || packet?.type !== 'frame' || packet.epoch >= world.conductor.epoch || link.broken) return false
  if (typeof to === 'number' && !find(world, to)) return false
  world.links.replace(link, [packet, ...link.packets])
  return true
}

function sever(world: World, { from, to }: FaultOf<'sever'>): boolean {
  const areThere = [from, to].every((end) => typeof end === 'string' || find(world, end))
  if (!areThere || world.links.used(from, to)?.broken) return false
  severLink(world, world.links.between(from, to))
  return true
}

/** Where moves were left out, not all of them need have been started. */
function mayBeCutOff({ processors, candidates }: World, end: End): boolean {
  if (typeof end === 'number') return end <= processors.length
  return candidates?.areWell === true && candidates.ends.includes(end)
}

/** One partition at a time. */
function divide(world: World, partition: Partition | null): boolean {
  const isNews = (world.links.partition === null) !== (partition === null)
  if (isNews) world.divide(partition)
  return isNews
}

function passTimeouts(world: World): boolean {
  const armed = world.actions().filter((action) => action.type === 'timeout')
  for (const action of armed) world.perform(action)
  return armed.length > 0
}

/** Nothing else can happen any more, or faults stop: what was frozen or cut off goes on. */
export function releasesOf({ processors, candidates, links, hosts }: World): SimulatedFault[] {
  const frozen = processors.filter(({ alive, frozen, withHost }) => alive && frozen && !withHost)
  const hostsFrozen = hosts?.all.filter(({ isFrozen }) => isFrozen) ?? []
  const stopped = candidates?.all.filter((candidate) => candidate.alive && candidate.frozen) ?? []
  return [
    ...frozen.map(({ id }): SimulatedFault => ({ type: 'thaw', processor: id })),
    ...hostsFrozen.map(({ name }): SimulatedFault => ({ type: 'thawHost', host: name })),
    ...stopped.map(({ id }): SimulatedFault => ({ type: 'thawCandidate', candidate: id })),
    ...(candidates?.isWatched === false ? [{ type: 'watcherReturns' } as const] : []),
    ...(links.partition ? [{ type: 'heal' } as const] : []),
  ]
}

function find(world: World, id: ProcessorId): SimulatedProcessor | null {
  const processor = id <= world.processors.length ? world.processor(processorId(id)) : null
  return processor?.alive ? processor : null
}
