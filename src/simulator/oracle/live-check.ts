/**
 * O4 and O6 of the oracle, checked after every action: only what a journal has gained since is looked at, so that the
 * cost of a check does not grow with the run. A memory that was replaced is read anew.
 */
import type { Rank } from '../../base/index.ts'
import type { ApplicationHost, SimulatedStep } from '../world/application-host.ts'
import { idOf } from './journal.ts'

export interface LiveReport {
  duplicate(id: number, from: Rank, to: Rank): void
  orphan(id: number, from: Rank, to: Rank): void
  takenBack(rank: Rank, index: number, id: number): void
}

/** What is known of one process. */
interface Known {
  readonly host: ApplicationHost
  rebuilds: number
  step: SimulatedStep | null
  sentRows: number
  readonly sent: Set<number>
  consumedRows: number
  readonly consumed: Set<number>
  releasedRows: number
}

export class LiveCheck {
  readonly #report: LiveReport
  #known: Known[] = []

  constructor(report: LiveReport) {
    this.#report = report
  }

  /** All processes as they are now, by rank, and what was released of each so far. */
  check(hosts: readonly ApplicationHost[], released: ReadonlyMap<Rank, readonly number[]>): void {
    if (!this.#isCurrent(hosts)) this.#known = hosts.map(unknown)
    for (const known of this.#known) noteSent(known)
    for (let rank = 0; rank < this.#known.length; rank += 1) {
      const known = this.#known[rank]!
      this.#checkConsumed(rank, known)
      this.#checkReleased(rank, known, released.get(rank))
    }
  }

  #isCurrent(hosts: readonly ApplicationHost[]): boolean {
    if (this.#known.length !== hosts.length) return false
    for (let rank = 0; rank < hosts.length; rank += 1) {
      const known = this.#known[rank]!
      if (known.host !== hosts[rank] || known.rebuilds !== known.host.memory.rebuilds) return false
    }
    return true
  }

  #checkConsumed(to: Rank, known: Known): void {
    const { journal, step } = known.host
    const count = journal.count('consumed')
    for (; known.consumedRows < count; known.consumedRows += 1) {
      const id = journal.idAt('consumed', known.consumedRows)
      this.#checkOne(to, journal.peerAt('consumed', known.consumedRows), id, known.consumed)
      known.consumed.add(id)
    }
    if (step === known.step) return
    known.step = step
    if (!step) return
    for (const { from, payload } of step.deliveries) this.#checkOne(to, from, idOf(payload), known.consumed)
  }

  #checkOne(to: Rank, from: Rank, id: number, consumed: ReadonlySet<number>): void {
    if (consumed.has(id)) this.#report.duplicate(id, from, to)
    if (!this.#known[from]?.sent.has(id)) this.#report.orphan(id, from, to)
  }

  #checkReleased(rank: Rank, known: Known, released: readonly number[] | undefined): void {
    if (!released) return
    const { journal } = known.host
    for (; known.releasedRows < released.length; known.releasedRows += 1) {
      const id = released[known.releasedRows]!
      const isThere =
        known.releasedRows < journal.count('emitted') && journal.idAt('emitted', known.releasedRows) === id
      if (!isThere) this.#report.takenBack(rank, known.releasedRows, id)
    }
  }
}

function unknown(host: ApplicationHost): Known {
  return {
    host,
    rebuilds: host.memory.rebuilds,
    step: null,
    sentRows: 0,
    sent: new Set(),
    consumedRows: 0,
    consumed: new Set(),
    releasedRows: 0,
  }
}

function noteSent(known: Known): void {
  const { journal } = known.host
  const count = journal.count('sent')
  for (; known.sentRows < count; known.sentRows += 1) known.sent.add(journal.idAt('sent', known.sentRows))
}
