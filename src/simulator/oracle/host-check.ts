/**
 * O13: what befalls all of a host is one recovery at most; and of the spares that there are those take the vacant places that
 * leave fewest hosts uncovered. Which losses are covered it asks the definition of the code.
 */
import type { ProcessorId } from '../../base/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import type { ConductorEvent, ConductorState, Place } from '../../protocol/index.ts'
import type { Violation } from './oracle.ts'
import { isRecoverable } from './recoverable.ts'

/** More ways to give places to hosts are not all looked at. */
const waysMax = 256

interface Before {
  readonly conductor: ConductorState
  readonly epoch: number
  readonly members: ReadonlyMap<Place, ProcessorId | null>
}

export class HostCheck {
  readonly #code: ErasureCode | null
  readonly #hostOf: (processor: ProcessorId) => string
  readonly #report: (violation: Violation) => void
  #before: Before | null = null

  constructor(
    code: ErasureCode | null,
    hostOf: (processor: ProcessorId) => string,
    report: (violation: Violation) => void,
  ) {
    this.#code = code
    this.#hostOf = hostOf
    this.#report = report
  }

  /** An event comes to a conductor; null: it does not conduct. */
  comes(conductor: ConductorState | null): void {
    this.#before = conductor && { conductor, epoch: conductor.epoch, members: new Map(conductor.members) }
  }

  saw(conductor: ConductorState | null, { type }: Pick<ConductorEvent, 'type'> | { readonly type: string }): void {
    if (conductor === null || this.#before?.conductor !== conductor) return
    const { epoch, members } = this.#before
    const isJoint = type === 'lostTogether' || type === 'silentTogether' || type === 'heardTogether'
    if (isJoint && conductor.epoch > epoch + 1) {
      const detail = `${conductor.epoch - epoch} recoveries for what befell one host`
      this.#report({ kind: 'HOST NOT AS ONE', detail })
    }
    const given = new Map<Place, ProcessorId>()
    for (const [place, holder] of conductor.members) {
      if (holder !== null && members.get(place) !== holder) given.set(place, holder)
    }
    if (this.#code && given.size > 0 && conductor.vacant.length === 0) this.#checkGiven(this.#code, conductor, given)
  }

  #checkGiven(code: ErasureCode, conductor: ConductorState, given: ReadonlyMap<Place, ProcessorId>): void {
    const kept = new Map<Place, string>()
    for (const [place, holder] of conductor.members) {
      if (holder !== null && !given.has(place)) kept.set(place, this.#hostOf(holder))
    }
    const idle = conductor.spares.filter((spare) => !conductor.silent.has(spare))
    const spares = [...given.values(), ...idle].map((spare) => this.#hostOf(spare))
    const hosts = new Set([...kept.values(), ...spares])
    if (hosts.size ** given.size > waysMax) return
    const chosen = new Map([...kept, ...[...given].map(([place, spare]) => [place, this.#hostOf(spare)] as const)])
    const uncovered = uncoveredIn(code, chosen)
    const least = Math.min(...[...allWays([...given.keys()], spares, kept)].map((one) => uncoveredIn(code, one)))
    if (uncovered <= least) return
    const where = [...given].map(([place, spare]) => `${place} on ${this.#hostOf(spare)}`).join(', ')
    this.#report({
      kind: 'BADLY PLACED',
      detail: `${where}: ${uncovered} hosts are not covered, and ${least} could be`,
    })
  }
}

/** How many hosts cannot be lost. */
function uncoveredIn(code: ErasureCode, placement: ReadonlyMap<Place, string>): number {
  const hosts = new Set(placement.values())
  const placesOn = (host: string): Place[] => [...placement].filter(([, one]) => one === host).map(([place]) => place)
  return [...hosts].filter((host) => !isRecoverable(code, new Set(placesOn(host)))).length
}

/** Every way to give the places to spares, by the hosts that these are on. */
function* allWays(
  [place, ...others]: readonly Place[],
  spares: readonly string[],
  kept: ReadonlyMap<Place, string>,
): Generator<ReadonlyMap<Place, string>> {
  if (place === undefined) {
    yield kept
    return
  }
  for (const host of new Set(spares)) {
    yield* allWays(others, spares.toSpliced(spares.indexOf(host), 1), new Map(kept).set(place, host))
  }
}
