import type { ProcessorId, Rank } from '../../../base/index.ts'
import type { ErasureCode } from '../../../parity/index.ts'
import { type HostWithRoom, hostsForNext, sparesOnHosts } from '../../../placement/index.ts'
import { type Place, placeName, rankOf } from '../../../protocol/index.ts'
import type { MachineView } from '../../wire/conducting.ts'
import { type Member, monotonicMs, type ToProcessor } from '../../wire/control.ts'
import type { ProcessorHandle } from '../crew/processor-handle.ts'

/** The processes of a run, as its conductor knows them. */
export interface Processors {
  /** Those whose process has not ended, oldest first. */
  readonly living: readonly ProcessorHandle[]
  find(id: ProcessorId): ProcessorHandle | null
  /** The hosts on which one can be started now, in a fixed order; null: all are on one computer. */
  readonly hosts: readonly HostWithRoom[] | null
  /** Starts another one, on this host; null where all are on one computer. */
  start(host: string | null): void
}

const isPresent = ({ status }: ProcessorHandle): boolean => status === 'starting' || status === 'serving'

/** Who holds which place: the machine as the conductor has shown it last, joined with the processes behind it. */
export class Roster {
  readonly #processors: Processors
  #view: MachineView
  #holders: ReadonlyMap<Place, ProcessorId | null>
  #places = new Map<ProcessorId, Place>()
  /** Whom the conductor has shown, as a member or as a spare. */
  #known = new Set<ProcessorId>()
  /** Who was told that it holds a place, also when it has been lost since. */
  readonly #told = new Map<Place, ProcessorHandle>()
  /** How many spares hosts need, as they are. */
  #sparesNeeded = { key: '', count: 0 }

  constructor(places: readonly Place[], processors: Processors) {
    this.#processors = processors
    const members = places.map((place) => [place, null] as const)
    this.#view = {
      phase: 'collecting',
      begun: false,
      members,
      spares: [],
      silent: [],
      missing: places,
      fromDisk: false,
    }
    this.#holders = new Map(members)
  }

  get view(): MachineView {
    return this.#view
  }

  /** The machine has changed. Returns spares that the conductor has given up while they were silent. */
  show(view: MachineView): readonly ProcessorHandle[] {
    const kept = new Set<ProcessorId>([...view.spares, ...view.silent])
    for (const [, holder] of view.members) if (holder !== null) kept.add(holder)
    const replaced = this.#processors.living.filter(
      ({ id, status }) => status === 'serving' && this.#known.has(id) && !kept.has(id),
    )
    for (const handle of replaced) handle.status = 'replaced'
    this.#view = view
    this.#known = kept
    this.#readPlaces()
    return replaced
  }

  /** Another one conducts, who has yet to hear of the spares. */
  introduce(members: MachineView['members']): void {
    this.#view = { ...this.#view, members, spares: [], silent: [] }
    this.#readPlaces()
    this.#known = new Set(this.#places.keys())
  }

  /** The place is given to another holder. */
  assign(place: Place, processor: ProcessorId): void {
    const members = this.#view.members.map(([one, holder]) => [one, one === place ? processor : holder] as const)
    this.#view = { ...this.#view, members }
    this.#readPlaces()
  }

  /** Everybody has what it needs to go on. */
  resume(): void {
    this.#view = { ...this.#view, phase: 'running', begun: true, missing: [] }
  }

  /** Nobody holds these places any more. Returns those whose process lives: they were silent, and are given up. */
  vacate(places: readonly Place[]): { readonly handle: ProcessorHandle; readonly place: Place }[] {
    const replaced = places.flatMap((place) => {
      const handle = this.holderOf(place)
      return handle?.status === 'serving' ? [{ handle, place }] : []
    })
    for (const { handle } of replaced) handle.status = 'replaced'
    const lost = new Set(places)
    const members = this.#view.members.map(([place, holder]) => [place, lost.has(place) ? null : holder] as const)
    this.#view = { ...this.#view, members }
    this.#readPlaces()
    return replaced
  }

  #readPlaces(): void {
    this.#holders = new Map(this.#view.members)
    this.#places = new Map()
    for (const [place, holder] of this.#holders) if (holder !== null) this.#places.set(holder, place)
  }

  /**
   * Keeps as many processors as the machine has places, and as soon as everybody has what it needs to go on, so many
   * spares: the starting of a process takes the time of those that are waited for. On hosts there are at least
   * as many as the loss of any one of them takes. Returns whether it had to start any.
   */
  fill(spares: number, code: ErasureCode | null): boolean {
    const { members, phase } = this.#view
    const wanted = members.length + (phase === 'running' ? this.#sparesWanted(spares, code) : 0)
    const present = this.#processors.living.filter(isPresent).length
    if (present >= wanted) return false
    const hosts = this.#hostsForNext(code, wanted - present)
    for (const host of hosts) this.#processors.start(host)
    return hosts.length > 0
  }

  /** The host of each place that is held; empty on one computer. */
  get hosts(): ReadonlyMap<Place, string> {
    const hosts = new Map<Place, string>()
    for (const [place] of this.#view.members) {
      const host = this.holderOf(place)?.host ?? null
      if (host !== null) hosts.set(place, host)
    }
    return hosts
  }

  /** On hosts more may be needed than were asked for. Asked often, so that the last answer is kept. */
  #sparesWanted(spares: number, code: ErasureCode | null): number {
    const { hosts } = this.#processors
    if (hosts === null) return spares
    const [held, idle] = [this.hosts, this.#idle]
    // An idle one that starts takes room that it is counted with.
    const rooms = hosts.map(({ name, room }) =>
      room === null ? null : room + idle.filter((one) => one === name).length,
    )
    const key = JSON.stringify([hosts.map(({ name }) => name), rooms, [...held]])
    if (key !== this.#sparesNeeded.key) this.#sparesNeeded = { key, count: sparesOnHosts({ hosts, code, held, idle }) }
    return Math.max(spares, this.#sparesNeeded.count)
  }

  /** So many, or as many as there is room for. */
  #hostsForNext(code: ErasureCode | null, count: number): (string | null)[] {
    const { hosts } = this.#processors
    if (hosts === null) return new Array<null>(count).fill(null)
    return hostsForNext({ hosts, code, held: this.hosts, idle: this.#idle }, count)
  }

  /** The host of each processor that holds no place: a spare, or one that is starting. */
  get #idle(): string[] {
    return this.#processors.living.flatMap((handle) =>
      isPresent(handle) && handle.host !== null && this.placeOf(handle) === null ? [handle.host] : [],
    )
  }

  /** Notes who is told that it holds the place now. Returns whether it has been told before. */
  tell(place: Place, handle: ProcessorHandle): boolean {
    const isKnown = this.#told.get(place) === handle
    if (!isKnown) handle.heldSinceMs = monotonicMs()
    this.#told.set(place, handle)
    return isKnown
  }

  /** When the first of these was hit; null unless all of them were, by faults that were asked for. */
  lossMs(lost: readonly Place[]): number | null {
    const times = lost.map((place) => this.#told.get(place)?.struckMs ?? null)
    return times.length === 0 || times.includes(null) ? null : Math.min(...times.map(Number))
  }

  /** Those that hold a place, in the order of places, and then spares: whom a fault can hit. */
  targets(): { readonly place: Place | null; readonly handle: ProcessorHandle }[] {
    const { members, spares } = this.#view
    const all = [...members, ...spares.map((id) => [null, id] as const)]
    return all.flatMap(([place, id]) => {
      const handle = id === null ? null : this.#processors.find(id)
      return handle?.status === 'serving' ? [{ place, handle }] : []
    })
  }

  placeOf(handle: ProcessorHandle): Place | null {
    return this.#places.get(handle.id) ?? null
  }

  rankOf(handle: ProcessorHandle): Rank | null {
    const place = this.placeOf(handle)
    return place === null ? null : rankOf(place)
  }

  /** How dear its loss is: application processors take everybody back, spares nobody needs. */
  standingOf(handle: ProcessorHandle): number {
    if (this.placeOf(handle) === null) return 0
    return this.rankOf(handle) === null ? 1 : 2
  }

  /** What people call the processor. */
  nameOf(handle: ProcessorHandle): string {
    if (handle.status === 'replaced') return 'replaced processor'
    const place = this.placeOf(handle)
    return place === null ? 'spare' : placeName(place)
  }

  holderOf(place: Place): ProcessorHandle | null {
    const holder = this.#holders.get(place) ?? null
    return holder === null ? null : this.#processors.find(holder)
  }

  /** False if a process has no processor, so that not all of them hear it. */
  tellProcesses(message: ToProcessor): boolean {
    const ranks = this.#view.members.filter(([place]) => rankOf(place) !== null)
    const holders = ranks.map(([, holder]) => (holder === null ? null : this.#processors.find(holder)))
    for (const handle of holders) handle?.send(message)
    return !holders.includes(null)
  }

  /**
   * Tells everybody who holds what. `others`: further processes of the run on the launcher's computer, by their ids in the
   * operating system. To processors on another host its daemon says which processes there are.
   */
  announce(others: readonly number[]): void {
    const members: Member[] = []
    for (const [place, processor] of this.#view.members) {
      if (processor === null) continue
      const { host = null, address = null } = this.#processors.find(processor) ?? {}
      members.push({ place, processor, host, address })
    }
    const { living } = this.#processors
    const pids = [...living.map(({ pid }) => pid), ...others]
    for (const handle of living) handle.send({ type: 'members', members, pids })
  }

  /** Every place is held by a processor that is heard of and has its memory. */
  get isWhole(): boolean {
    const { phase, missing, silent } = this.#view
    return phase === 'running' && missing.length === 0 && silent.length === 0
  }

  /** What people call those without whom nothing can be committed now: places that are not whole, and silent members. */
  get waitedFor(): string[] {
    const { members, missing, silent } = this.#view
    const places = members.filter(([place, id]) => missing.includes(place) || (id !== null && silent.includes(id)))
    return places.map(([place]) => placeName(place))
  }
}
