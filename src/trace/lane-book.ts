import type { TraceRecord } from './record.ts'
import type { Holder, Lane } from './space-time.ts'

interface OpenHolder extends Holder {
  processor: number | null
  pid: number | null
  to: number | null
  lastSeen: number
}

/** Application processors come first, then checkpoint and backup processors, then the conductor. */
const rankIn = (place: string): number => (place === 'conductor' ? 3 : 'acb'.indexOf(place[0]!))

/**
 * The lanes of a diagram: one for each place, in the order of the places, and one more below it for processors that go
 * on after they were replaced there.
 */
export class LaneBook {
  readonly lanes: readonly Lane[]
  readonly #indexes = new Map<string, number>()
  /** By place, one after the other. */
  readonly #holders = new Map<string, OpenHolder[]>()

  constructor(records: readonly TraceRecord[]) {
    this.#findHolders(records)
    const formerPlaces = new Set<string>()
    for (const record of records) {
      const holder = this.#latest(record.place, record.at)
      if (this.#isFormer(record, holder)) formerPlaces.add(record.place)
      else if (holder) see(holder, record)
    }
    this.lanes = this.#makeLanes(formerPlaces)
  }

  /** The lane that a record belongs to; null for a spare, which has none. */
  laneOf(record: TraceRecord): number | null {
    const isFormer = this.#isFormer(record, this.#latest(record.place, record.at))
    return this.#indexes.get(key(record.place, isFormer)) ?? null
  }

  /** The lane of a place. */
  placeLane(place: string): number | null {
    return this.#indexes.get(key(place, false)) ?? null
  }

  /** The lane of a processor at a time: that of its place, or the one below if another holds the place by then. */
  processorLane(processor: number, at: number): number | null {
    for (const [place, holders] of this.#holders) {
      const index = holders.findLastIndex((one) => one.processor === processor && one.from <= at)
      if (index === -1) continue
      const next = holders[index + 1]
      const former = next && next.from <= at ? this.#indexes.get(key(place, true)) : undefined
      return former ?? this.placeLane(place)
    }
    return null
  }

  #findHolders(records: readonly TraceRecord[]): void {
    for (const record of records) {
      const { at, place } = record
      if (place === 'spare') continue
      if (!this.#holders.has(place)) this.#holders.set(place, [])
      if (place !== 'conductor') continue
      const { what } = record
      if (what.type === 'assign') this.#assign(what.place, what.processor, at)
      if (what.type === 'lost') this.#close(what.processor, at)
      if (what.type === 'lostTogether') for (const { processor } of what.losses) this.#close(processor, at)
      if (what.type === 'recoveryBegan') for (const lost of what.lost) this.#closePlace(lost, at)
    }
    for (const [place, holders] of this.#holders) {
      // The trace does not tell who holds the place: an unknown processor stands for it.
      if (holders.length === 0) {
        const from = records[0]!.at
        this.#holders.set(place, [{ processor: null, pid: null, from, to: null, lastSeen: from }])
      }
    }
  }

  #assign(place: string, processor: number, at: number): void {
    this.#closePlace(place, at)
    const holders = this.#holders.get(place) ?? []
    this.#holders.set(place, holders)
    holders.push({ processor, pid: null, from: at, to: null, lastSeen: at })
  }

  #close(processor: number, at: number): void {
    for (const holders of this.#holders.values()) {
      for (const holder of holders) if (holder.processor === processor) holder.to ??= at
    }
  }

  #closePlace(place: string, at: number): void {
    const holder = this.#holders.get(place)?.at(-1)
    if (holder) holder.to ??= at
  }

  /** Who held the place last, at a time. Before anybody does, the first one. */
  #latest(place: string, at: number): OpenHolder | null {
    const holders = this.#holders.get(place) ?? []
    return holders.findLast(({ from }) => from <= at) ?? holders[0] ?? null
  }

  /** Whether the record is of a processor that was replaced by another before. */
  #isFormer({ place, processor }: TraceRecord, holder: OpenHolder | null): boolean {
    if (processor === null || !holder || holder.processor === null || holder.processor === processor) return false
    const holders = this.#holders.get(place)!
    return holders.indexOf(holder) > holders.findIndex((one) => one.processor === processor)
  }

  #makeLanes(formerPlaces: ReadonlySet<string>): Lane[] {
    const places = [...this.#holders.keys()].sort(
      (one, other) => rankIn(one) - rankIn(other) || Number(one.slice(1)) - Number(other.slice(1)),
    )
    const lanes: Lane[] = []
    const add = (place: string, isFormer: boolean): void => {
      this.#indexes.set(key(place, isFormer), lanes.length)
      lanes.push({ place, isFormer, holders: isFormer ? [] : this.#holders.get(place)! })
    }
    for (const place of places) {
      add(place, false)
      if (formerPlaces.has(place)) add(place, true)
    }
    return lanes
  }
}

const key = (place: string, isFormer: boolean): string => (isFormer ? `former ${place}` : place)

function see(holder: OpenHolder, { at, processor, pid }: TraceRecord): void {
  holder.processor ??= processor
  holder.pid ??= pid
  if (holder.to === null || at <= holder.to) holder.lastSeen = at
}
