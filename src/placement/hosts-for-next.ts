import type { ErasureCode } from '../parity/index.ts'
import type { Place } from '../protocol/index.ts'
import { bestPlacement } from './arrange.ts'
import { placesOf } from './code-groups.ts'
import type { PlannedHost } from './hosts.ts'
import { roomOf } from './place.ts'

/** A host on which processors can be started now. */
export interface HostWithRoom {
  readonly name: string
  /** How many more; null: any number. */
  readonly room: number | null
}

/** The processors of a run as they are spread over hosts. */
export interface Spreading {
  /** Those that live, in a fixed order. */
  readonly hosts: readonly HostWithRoom[]
  /** Null: nothing but files keeps checkpoints, or nothing does. */
  readonly code: ErasureCode | null
  /** The hosts of the places that are held. */
  readonly held: ReadonlyMap<Place, string>
  /** The host of each processor that holds no place: a spare, or one that is starting. */
  readonly idle: readonly string[]
}

/**
 * The hosts on which the next so many processors are to start: where vacant places would best be held, unless an idle
 * processor is there for them; then where places would go if any one host were lost; and else where there are fewest. Fewer,
 * if there is no room for more.
 */
export function hostsForNext(spreading: Spreading, count: number): string[] {
  const { hosts, code, held } = spreading
  const names = hosts.map(({ name }) => name)
  const living = new Map([...held].filter(([, host]) => names.includes(host)))
  const idle = [...spreading.idle]
  const chosen: string[] = []
  const hasRoom = ({ name, room }: HostWithRoom): boolean =>
    room === null || chosen.filter((one) => one === name).length < room
  let lacking = code ? lackingOn(wantedOn(hosts, code, living, idle), idle) : []
  let afterLosses: readonly (readonly string[])[] | null = null
  while (chosen.length < count) {
    const open = hosts.filter(hasRoom).map(({ name }) => name)
    if (open.length === 0) break
    if (lacking.length === 0 && code !== null) afterLosses ??= wantedAfterLosses(hosts, code, living, spreading.idle)
    const wanted = afterLosses === null ? lacking : afterLosses.flatMap((one) => lackingOn(one, idle))
    const useful = mostOften(wanted.filter((host) => open.includes(host)))
    const host = withFewest(useful.length > 0 ? useful : open, [...held.values(), ...idle])
    lacking = lackingOn(lacking, [host])
    idle.push(host)
    chosen.push(host)
  }
  return chosen
}

/** How many spares it takes so that the places of any one host can go where they would best be held, if it is lost. */
export function sparesOnHosts({ hosts, code, held, idle }: Spreading): number {
  if (code === null) return 0
  const most = new Map<string, number>()
  for (const wanted of wantedAfterLosses(hosts, code, held, idle)) {
    for (const { name } of hosts) {
      most.set(name, Math.max(most.get(name) ?? 0, wanted.filter((one) => one === name).length))
    }
  }
  return [...most.values()].reduce((sum, count) => sum + count, 0)
}

/** Of each host in turn: where its places would go if it were lost. */
function wantedAfterLosses(
  hosts: readonly HostWithRoom[],
  code: ErasureCode,
  held: ReadonlyMap<Place, string>,
  idle: readonly string[],
): string[][] {
  return hosts.map(({ name: lost }) => {
    const left = hosts.filter(({ name }) => name !== lost)
    const kept = new Map([...held].filter(([, host]) => left.some(({ name }) => name === host)))
    return left.length === 0 ? [] : wantedOn(left, code, kept, idle)
  })
}

/** The host of each place that is not kept, if it could be any with room, or any at all where there is too little of that. */
function wantedOn(
  starting: readonly HostWithRoom[],
  code: ErasureCode,
  kept: ReadonlyMap<Place, string>,
  idle: readonly string[],
): string[] {
  const names = starting.map(({ name }) => name)
  const places = placesOf(code)
  const there = [...kept.values(), ...idle]
  const hosts = starting.map(({ name, room }): PlannedHost => {
    const processorsMax = room === null ? null : room + there.filter((one) => one === name).length
    return { name, rack: null, processorsMax }
  })
  const isRoomy = roomOf(hosts) >= places.length
  const roomy = isRoomy ? hosts : hosts.map((host) => ({ ...host, processorsMax: null }))
  const numbers = new Map([...kept].map(([place, name]) => [place, names.indexOf(name)]))
  const placement = bestPlacement(roomy, code, numbers)
  return places.flatMap((place) => (kept.has(place) ? [] : [names[placement.get(place)!]!]))
}

/** What of `wanted` is left when each of the idle has taken one. */
function lackingOn(wanted: readonly string[], idle: readonly string[]): string[] {
  const lacking = [...wanted]
  for (const host of idle) {
    const at = lacking.indexOf(host)
    if (at >= 0) lacking.splice(at, 1)
  }
  return lacking
}

/** `loads`: the host of each processor that there is. */
function withFewest(hosts: readonly string[], loads: readonly string[]): string {
  const load = (name: string): number => loads.filter((host) => host === name).length
  return hosts.reduce((best, one) => (load(one) < load(best) ? one : best))
}

function mostOften(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const most = Math.max(0, ...counts.values())
  return [...counts].filter(([, count]) => count === most).map(([name]) => name)
}
