/** What is known of interned values: what each is, its transitions so far, and what the checkers ask for. */
import {
  applicationPlace,
  backupPlace,
  checkpointPlace,
  isCheckpointPlace,
  messagesIn,
  type Place,
  rankOf,
} from '../../protocol/index.ts'
import { idOf } from '../oracle/journal.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { Token } from './checkpoints.ts'
import type { ApplicationNode, CheckNode, ConductorValue, DiskValue, News, NodeValue, Observation } from './node.ts'
import { messageIdsMax } from './renaming.ts'

/** What an event does, in numbers of interned values. */
export interface Transition {
  readonly next: number
  /** Pairs: end (0: the conductor, -1: the disk), packet. */
  readonly sent: readonly number[]
  readonly observations: readonly number[]
  readonly violation: Violation | null
}

export interface NodeEntry {
  readonly value: NodeValue
  readonly transitions: Map<number, Transition>
  readonly alive: boolean
  readonly epoch: number
  readonly place: Place | null
  /** It knows the plan of its epoch. */
  readonly planned: boolean
  /** It has a place in a machine that is whole, as far as it was told. */
  readonly goesOn: boolean
  /** An application processor whose process computes. */
  readonly computes: boolean
  readonly captured: number
  /** Masks of message ids: sent, consumed, and arrived without being consumed. */
  readonly sent: number
  readonly consumed: number
  readonly pending: number
  readonly emitted: readonly number[]
  /** The oldest checkpoint that is kept. */
  readonly floor: number
  /** The newest checkpoint whose parity could be given here; infinite where that is being rebuilt. */
  readonly holds: number
  /** Own events that are possible: see `ownEvents`. */
  readonly events: readonly number[]
  readonly canTimeOut: boolean
  /** Of each shipment: the number of the place that it goes to, below `shipmentsMax`. */
  readonly shipsTo: readonly number[]
}

/** Numbers of a processor's own events; packets are numbered from `firstPacket` on. */
export const ownEvents = { endStep: 0, timeout: 1, work: 2, firstShipment: 3 } as const
export const shipmentsMax = 8
/** Shipments by whom they go to: ranks below these, then the check processors. */
const [checkpointNumber, backupNumber] = [shipmentsMax - 2, shipmentsMax - 1]
export const firstPacket = ownEvents.firstShipment + shipmentsMax

export function describeNode(value: NodeValue): NodeEntry {
  const { host } = value
  const nothing = {
    goesOn: false,
    computes: false,
    captured: 0,
    sent: 0,
    consumed: 0,
    pending: 0,
    emitted: [],
    floor: 0,
  }
  const place = host?.state.place ?? null
  const planned = host?.state.planned ?? true
  const shipsTo = host?.shipments.map(({ to }) => numberOf(to)) ?? []
  const common = { value, transitions: new Map(), alive: value.alive, place, planned, canTimeOut: false, shipsTo }
  const holds = Number.POSITIVE_INFINITY
  if (!host) return { ...common, ...nothing, epoch: 0, holds, events: [] }
  const events = host.shipments.map((_, index) => ownEvents.firstShipment + index)
  const { epoch } = host.state
  if (host.kind === 'check') {
    return { ...common, ...nothing, epoch, goesOn: host.state.mode === 'running', holds: holdsOf(host), events }
  }
  if (host.stepping) events.push(ownEvents.endStep)
  if (host.work.length > 0) events.push(ownEvents.work)
  return { ...common, epoch, holds, events, canTimeOut: host.timerArmed, ...describeApplication(host) }
}

function numberOf(place: Place): number {
  return rankOf(place) ?? (isCheckpointPlace(place) ? checkpointNumber : backupNumber)
}

function describeApplication({ state, journal, kept }: ApplicationNode) {
  const arrived = [...messagesIn(state.mailbox)].map(({ payload }) => idOf(payload))
  for (const { epoch, frame } of state.early) {
    if (frame.type === 'message' && epoch === state.epoch) arrived.push(idOf(frame.payload))
  }
  return {
    goesOn: state.mode === 'running' && !state.suspended,
    computes: state.mode === 'running',
    captured: state.captured,
    sent: maskOf(journal.sentIds),
    consumed: maskOf(journal.consumedIds),
    pending: maskOf(arrived),
    emitted: journal.emittedIds,
    floor: kept[0]!.number,
  }
}

function holdsOf({ state }: CheckNode): number {
  if (state.mode === 'newcomer') return Number.POSITIVE_INFINITY
  const { senders } = state.staging
  const expected = 'granted' in state ? state.options.coefficients.size : 1
  const isComplete = senders.size === expected && [...senders.values()].every(({ ended }) => ended)
  return state.parityCheckpoint + (isComplete ? 1 : 0)
}

function maskOf(ids: readonly number[]): number {
  let mask = 0
  for (const id of ids) if (id <= messageIdsMax) mask |= 1 << (id - 1)
  return mask
}

export interface ConductorEntry {
  readonly value: ConductorValue
  /** By processor, then by packet. */
  readonly transitions: Map<number, Transition>
  readonly epoch: number
  readonly phase: ConductorValue['state']['phase']
  /** Processors that hold the ranks' places; 0: nobody does. */
  readonly applications: readonly number[]
  /** The same of the check processors, and of those whose parity is whole. */
  readonly checks: readonly number[]
  readonly wholeChecks: readonly number[]
  /** Processors that hold any place. Whoever held one and does not any more was given up, and may live. */
  readonly holders: readonly number[]
  readonly released: readonly (readonly number[])[]
}

const checkPlaces = [checkpointPlace(0), backupPlace(0)]

export function describeConductor(value: ConductorValue): ConductorEntry {
  const { state, released } = value
  const ranks = Array.from({ length: state.options.processes }, (_, rank) => rank)
  const holder = (place: Place): number => state.members.get(place) ?? 0
  const applications = ranks.map((rank) => holder(applicationPlace(rank)))
  const checks = checkPlaces.filter((place) => state.members.has(place)).map(holder)
  return {
    value,
    transitions: new Map(),
    epoch: state.epoch,
    phase: state.phase,
    applications,
    checks,
    wholeChecks: checkPlaces.filter((place) => !state.missing.has(place)).map(holder),
    holders: [...applications, ...checks].filter((processor) => processor > 0),
    released: ranks.map((rank) => released.get(rank) ?? []),
  }
}

/** What is on a link. */
export interface ContentEntry {
  readonly packets: readonly number[]
  /** What is left when the first packet was taken; -1: not known yet. */
  rest: number
  readonly appended: Map<number, number>
  readonly since: Map<number, number>
  /** The newest epoch of its frames, and the mask of the messages sent in it. */
  readonly epoch: number
  readonly messages: number
}

export interface PacketEntry {
  readonly packet: News
  /** News from the conductor about who holds what; pages, whose end follows them; what the conductor counts. */
  readonly kind: 'membership' | 'pages' | 'count' | 'other'
  /** Infinite for what is neither a frame nor a processor's file: that is never out of date. */
  readonly epoch: number
}

export function describePacket(packet: News): PacketEntry {
  const isOfEpoch = packet.type === 'frame' || packet.type === 'write' || packet.type === 'read'
  return { packet, kind: kindOf(packet), epoch: isOfEpoch ? packet.epoch : Number.POSITIVE_INFINITY }
}

function kindOf(packet: News): PacketEntry['kind'] {
  if (packet.type === 'member' || packet.type === 'assigned') return 'membership'
  if (packet.type !== 'frame') return 'other'
  const { type } = packet.frame
  if (type === 'delta' || type === 'merged' || type === 'image') return 'pages'
  return type === 'report' || type === 'restored' ? 'count' : 'other'
}

export function describeContent(packets: readonly number[], entryOf: (packet: number) => PacketEntry): ContentEntry {
  let [epoch, messages] = [0, 0]
  for (const { packet } of packets.map(entryOf)) {
    if (packet.type !== 'frame') continue
    if (packet.epoch > epoch) [epoch, messages] = [packet.epoch, 0]
    if (packet.epoch === epoch && packet.frame.type === 'message') messages |= maskOf([idOf(packet.frame.payload)])
  }
  return { packets, rest: -1, appended: new Map(), since: new Map(), epoch, messages }
}

export interface DiskEntry {
  readonly value: DiskValue
  /** By observation of the conductor, or by order (-1 - packet). */
  readonly steps: Map<number, DiskStep>
  /** By what is being written: what a power cut may leave. */
  readonly cuts: Map<string, readonly DiskStep[]>
}

/** `next` is the number of a disk. */
export interface DiskStep {
  readonly next: number
  readonly violation: Violation | null
}

/** What was captured last, whoever still has it: the checkers' memory. */
export interface RecordEntry {
  readonly captures: readonly (Observation & { readonly type: 'captured' })[]
  readonly transitions: Map<number, { readonly next: number; readonly violation: Violation | null }>
}

export function tokensAt({ captures }: RecordEntry, checkpoint: number): Token[] {
  return captures.filter(({ number }) => number === checkpoint).flatMap(({ tokens }) => tokens)
}
