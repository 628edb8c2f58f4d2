/** What scenarios can ask to see: tables, links, states, and whether anything is wrong. */
import { channelTo, type MessageLog } from '../../log/index.ts'
import {
  describeCandidateEffect,
  describeCandidateEvent,
  describeEffect,
  describeFrame,
  describeRecord,
  messagesIn,
  uncoveredHosts,
} from '../../protocol/index.ts'
import { idOf } from '../oracle/journal.ts'
import type { Packet } from '../world/links.ts'
import type { World } from '../world/world.ts'
import type { Stage } from './stage.ts'

const row = (...cells: (string | number)[]): string =>
  `  ${cells.map((cell) => String(cell).padEnd(5)).join('')}`.trimEnd()

/** Both tables of the message log, as the paper prints them. */
export function showTables(stage: Stage, name: string): string[] {
  const { state } = stage.application(name)
  const { log } = state.process
  return [`sent table of ${name}, captured ${state.captured}`, ...sentRows(log), ...receiptRows(stage, name, log)]
}

function sentRows(log: MessageLog): string[] {
  const entries = [...log.sent.keys()].sort((a, b) => a - b).flatMap((to) => channelTo(log, to))
  if (entries.length === 0) return ['  empty']
  entries.sort((left, right) => left.sequence - right.sequence)
  return [
    row('ack', 'seq', 'to', 'message'),
    ...entries.map(({ status, sequence, to, tag }) => row(status, sequence, `a${to}`, tag)),
  ]
}

function receiptRows(stage: Stage, name: string, log: MessageLog): string[] {
  const rows: string[] = []
  for (const [from, { watermark, receipts }] of [...log.received].sort(([a], [b]) => a - b)) {
    if (watermark > 0) rows.push(`  everything from a${from} below ${watermark}`)
    for (const { status, sequence } of receipts) {
      rows.push(row(status, sequence, `a${from}`, stage.tags.get(`${name} a${from} ${sequence}`) ?? ''))
    }
  }
  const head = rows.some((one) => !one.startsWith('  every')) ? [row('ack', 'seq', 'from', 'message')] : []
  return ['receipt table', ...(rows.length > 0 ? [...head, ...rows] : ['  empty'])]
}

/** What is on the links between processors. */
export function showLinks(stage: Stage): string[] {
  const { world } = stage
  const name = (end: (typeof links)[number]['from']): string =>
    typeof end === 'string' ? end : world.nameOfProcessor(world.processor(end))
  const links = world.links.busy
  const lines = links.flatMap(({ from, to, packets }) =>
    packets.map((packet) => `${name(from)} -> ${name(to)}: ${describePacket(packet)}`),
  )
  return lines.length > 0 ? lines : ['nothing is in flight']
}

function describePacket(packet: Packet): string {
  switch (packet.type) {
    case 'frame':
      return `${describeFrame(packet.frame)} (epoch ${packet.epoch})`
    case 'order':
      return packet.order.type === 'frame'
        ? describePacket(packet.order)
        : `${packet.order.type} (epoch ${packet.epoch})`
    case 'news':
      return describeCandidateEvent(packet.event)
    case 'released':
      return describeCandidateEffect(packet.effect)
    case 'ended':
      return describeEffect(packet.outcome)
    case 'asked':
      return describeCandidateEffect(packet.effect)
    default:
      return packet.type
  }
}

/** Those who may conduct, where there are several, and what is on record. */
function showCandidates({ candidates }: World): string[] {
  if (!candidates) return []
  const lines = candidates.all.map(({ id, alive, frozen, state }) => {
    const isKept = candidates.store.found.record?.replicas.includes(id)
    const does = state.tenure?.isAgreed
      ? `conducts in revision ${state.tenure.revision}`
      : state.tenure
        ? 'takes over'
        : `stands by${isKept ? ', a replica' : ''}`
    return `candidate ${id}: ${!alive ? 'lost' : `${does}${frozen ? ', frozen' : ''}`}`
  })
  return [`on record: ${describeRecord(candidates.store.found.record)}`, ...lines]
}

/** Which of the hosts may not be lost, where there are some. */
function showHosts({ hosts, code, conductor, processors }: World): string[] {
  if (!hosts || !code || conductor.missing.size > 0) return []
  const places = [...conductor.members].flatMap(([place, holder]) => {
    const host = holder === null ? null : processors[holder - 1]!.on
    return host === null ? [] : [[place, host] as const]
  })
  const uncovered = [...uncoveredHosts(code, new Map(places), new Set()).keys()]
  return [
    uncovered.length > 0
      ? `the loss of ${uncovered.join(' or ')} is not covered`
      : 'the loss of any one host is covered',
  ]
}

export function showStatus(stage: Stage): string[] {
  const { world } = stage
  const { epoch, phase, line } = world.conductor
  const lines = [`conductor: ${phase}, epoch ${epoch}, recovery line ${line}`]
  for (const place of world.conductor.members.keys()) {
    const processor = world.holder(place)
    if (!processor?.host) {
      lines.push(`${place}: ${processor ? 'not told yet' : 'nobody'}`)
      continue
    }
    const { host, alive, frozen } = processor
    const what = !alive ? 'crashed' : frozen ? 'frozen' : host.state.mode
    const holds =
      host.kind === 'check'
        ? `parity ${host.state.parityCheckpoint}`
        : `captured ${host.state.captured}, committed ${host.state.committed}`
    const where = processor.on === null ? '' : ` on ${processor.on}`
    lines.push(`${place}${where}: ${what}, epoch ${host.state.epoch}, ${holds}`)
  }
  lines.push(...showHosts(world), ...showCandidates(world))
  return lines
}

/** What is wrong with the processes as they are now, and with what was captured and released so far. */
export function showCheck(stage: Stage): string[] {
  const { world } = stage
  const processes = world.live()
  if (!processes) return ['the machine is not whole']
  const found = new Set<string>()
  for (const { kind, detail } of world.violations) if (!momentary.has(kind)) found.add(`${kind}: ${detail}`)
  const transit = idsInTransit(stage)
  for (const { rank, journal, consuming } of processes) {
    const consumed = [...journal.rows('consumed'), ...consuming]
    for (const [index, { peer, id }] of consumed.entries()) {
      const what = `${world.names.of(id)} from a${peer} to a${rank}`
      if (consumed.findIndex((one) => one.id === id) < index) found.add(`DUPLICATE: ${what}`)
      if (!processes[peer]!.journal.rows('sent').some((one) => one.id === id)) found.add(`ORPHAN: ${what}`)
    }
    for (const { peer, id } of journal.rows('sent')) {
      const receiver = processes[peer]!
      const isThere = [...receiver.journal.rows('consumed'), ...receiver.consuming].some((one) => one.id === id)
      if (!isThere && !transit.has(id)) found.add(`LOST: ${world.names.of(id)} from a${rank} to a${peer}`)
    }
  }
  return found.size > 0 ? [...found] : ['nothing lost, nothing doubled, no orphan']
}

/** These hold of a moment and may pass: they are looked for anew. */
const momentary: ReadonlySet<string> = new Set(['LOST', 'DUPLICATE', 'ORPHAN'])

function idsInTransit({ world }: Stage): Set<number> {
  const ids = new Set<number>()
  for (const { packets } of world.links.busy) {
    for (const packet of packets) {
      if (packet.type === 'frame' && packet.frame.type === 'message') ids.add(idOf(packet.frame.payload))
    }
  }
  for (const { host, alive } of world.processors) {
    if (!alive || host?.kind !== 'application') continue
    for (const { payload } of messagesIn(host.state.mailbox)) ids.add(idOf(payload))
    for (const { frame } of host.state.early) if (frame.type === 'message') ids.add(idOf(frame.payload))
  }
  return ids
}
