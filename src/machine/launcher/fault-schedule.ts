import { seededRandom } from '../../base/index.ts'
import type { Place } from '../../protocol/index.ts'
import type { Fault, FaultTime } from '../run.ts'
import { monotonicMs } from '../wire/control.ts'
import type { ConductorHandle } from './conductors/conductor-handle.ts'
import type { ProcessorHandle } from './crew/processor-handle.ts'

type Victim = ProcessorHandle | ConductorHandle

export interface FaultScheduleOptions {
  readonly faults: readonly Fault[]
  readonly seed: number
  /** Whom a fault can hit; those without a place are spares. */
  targets(): readonly { readonly place: Place | null; readonly handle: Victim }[]
  /** Whether every loss so far has been recovered from. */
  isWhole(): boolean
  /** Called right before the signal is sent. */
  onStrike(kind: Fault['kind'] | 'thaw', handle: Victim): void
}

/** Does the faults that were asked for, each when its time comes and there is somebody to hit. */
export class FaultSchedule {
  readonly #options: FaultScheduleOptions
  readonly #random: ReturnType<typeof seededRandom>
  readonly #timers = new Set<NodeJS.Timeout>()
  #coming: readonly Fault[]
  #due: readonly Fault[] = []
  /** Faults that come again and again, with the number of checkpoints that were committed when they last came. */
  readonly #recurring = new Map<Fault, number>()
  #committed = 0

  constructor(options: FaultScheduleOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#coming = options.faults
  }

  /** Faults whose time has not come, or that found nobody to hit. */
  get left(): readonly Fault[] {
    return [...this.#due, ...this.#coming].filter((fault) => !this.#recurring.has(fault))
  }

  /** The program begins to compute. */
  begin(): void {
    for (const fault of this.#coming) {
      if (fault.when.kind === 'time' || fault.when.kind === 'every') this.#await(fault, fault.when.ms)
    }
    this.progressed(0)
    this.committed(0)
  }

  progressed(share: number): void {
    this.#fallWhen((when) => when.kind === 'progress' && when.share <= share)
  }

  committed(checkpoint: number): void {
    this.#committed = checkpoint
    this.#fallWhen((when) => when.kind === 'commit' && when.checkpoint <= checkpoint)
    // What recurs may have waited for it.
    this.strike()
  }

  /** Strikes what is due and has somebody to hit. */
  strike(): void {
    const due = this.#due
    this.#due = []
    for (const fault of due) {
      const target = this.#isTimeFor(fault) ? this.#target(fault) : null
      if (target) this.#hit(fault, target)
      else this.#due = [...this.#due, fault]
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #await(fault: Fault, ms: number): void {
    this.#after(ms, () => this.#fall((one) => one === fault))
  }

  /** What recurs must neither meet a machine that is not whole, nor take back the same work for ever. */
  #isTimeFor(fault: Fault): boolean {
    if (fault.when.kind !== 'every') return true
    const { isWhole, targets } = this.#options
    // The loss of a processor that a fault has hit may not have been noticed yet.
    const nobodyIsHit = targets().every(({ handle }) => handle.struckMs === null)
    return isWhole() && nobodyIsHit && this.#committed > (this.#recurring.get(fault) ?? -1)
  }

  #fallWhen(falls: (when: FaultTime) => boolean): void {
    if (this.#coming.some(({ when }) => falls(when))) this.#fall(({ when }) => falls(when))
  }

  #fall(isDue: (fault: Fault) => boolean): void {
    this.#due = [...this.#due, ...this.#coming.filter(isDue)]
    this.#coming = this.#coming.filter((fault) => !isDue(fault))
    this.strike()
  }

  #target({ who }: Fault): Victim | null {
    const wanted = who === 'spare' ? null : who
    const candidates = this.#options
      .targets()
      .filter(
        ({ place, handle }) =>
          handle.struckMs === null && (who === 'random' ? place !== null && place !== 'conductor' : place === wanted),
      )
      .map(({ handle }) => handle)
    if (candidates.length === 0) return null
    return who === 'random' ? this.#random.pick(candidates) : candidates[0]!
  }

  #hit(fault: Fault, handle: Victim): void {
    if (fault.when.kind === 'every') {
      this.#recurring.set(fault, this.#committed)
      this.#coming = [...this.#coming, fault]
      this.#await(fault, fault.when.ms)
    }
    this.#options.onStrike(fault.kind, handle)
    handle.struckMs = monotonicMs()
    if (fault.kind === 'kill') {
      handle.signal('SIGKILL')
      return
    }
    handle.signal('SIGSTOP')
    if (fault.thawAfterMs === null) return
    this.#after(fault.thawAfterMs, () => {
      handle.struckMs = null
      this.#options.onStrike('thaw', handle)
      handle.signal('SIGCONT')
    })
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }
}
