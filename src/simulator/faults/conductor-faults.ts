/** What befalls those who may conduct in a random run: mostly the one who does, and only while another may take over. */
import { type Random, unreachable } from '../../base/index.ts'
import type { SimulatedCandidate } from '../candidates/candidate.ts'
import type { Candidates } from '../candidates/candidates.ts'
import type { World } from '../world/world.ts'
import { type ConductorFaultKind, conductorFaultKinds, type FaultCounts } from './kinds.ts'
import type { SimulatedFault } from './moves.ts'

type Left = { -readonly [Kind in ConductorFaultKind]: number }

export class ConductorFaults {
  readonly #random: Random
  readonly #left: Left
  /** Out of ten thousand actions, how many are preceded by a fault. */
  readonly #chance: number

  constructor(random: Random, counts: FaultCounts, chance: number) {
    this.#random = random
    this.#chance = chance
    const { conductorLosses, conductorFreezes, conductorCuts, conductorDoubts, watcherLeaves } = counts
    this.#left = { conductorLosses, conductorFreezes, conductorCuts, conductorDoubts, watcherLeaves }
  }

  /** Those who are frozen go on, after a while. */
  thaws(candidates: Candidates): SimulatedFault[] {
    if (!candidates.isWatched && this.#random.integer(1, 80) === 1) return [{ type: 'watcherReturns' }]
    const thawed = candidates.all.filter(({ frozen }) => frozen && this.#random.integer(1, 80) === 1)
    return thawed.map(({ id }) => ({ type: 'thawCandidate', candidate: id }))
  }

  /** What happens before the next action: mostly nothing. */
  next(world: World, candidates: Candidates): { kind: ConductorFaultKind; fault: SimulatedFault } | null {
    if (this.#random.integer(1, 10_000) > this.#chance || !candidates.areWell) return null
    // A take-over is a recovery too: few would be left for any other time.
    if (world.conductor.phase !== 'running' && this.#random.integer(0, 3) > 0) return null
    const kinds = conductorFaultKinds.filter((kind) => this.#left[kind] > 0)
    if (kinds.length === 0) return null
    const kind = this.#random.pick(kinds)
    const { official } = candidates
    const victim =
      this.#random.integer(0, 3) > 0 ? official : this.#random.pick(candidates.all.filter(({ alive }) => alive))
    const fault = this.#faultOf(kind, world, candidates, victim)
    if (fault === null) return null
    this.#left[kind] -= 1
    return { kind, fault }
  }

  #faultOf(
    kind: ConductorFaultKind,
    world: World,
    candidates: Candidates,
    { id: candidate, end }: SimulatedCandidate,
  ): SimulatedFault | null {
    const random = this.#random
    switch (kind) {
      case 'conductorLosses': {
        if (random.integer(0, 1) === 1) {
          return { type: 'crashCandidateAfter', candidate, effects: random.integer(0, 4) }
        }
        const arriving = world.links.from(end).map(({ packets }) => random.integer(0, packets.length))
        return { type: 'crashCandidate', candidate, arriving }
      }
      case 'conductorFreezes':
        return { type: 'freezeCandidate', candidate }
      case 'conductorCuts':
        return { type: 'partition', side: [end], way: random.pick(['in', 'out', 'both']) }
      case 'conductorDoubts':
        return this.#doubt(candidates)
      case 'watcherLeaves':
        return { type: 'watcherLeaves' }
      default:
        return unreachable(kind)
    }
  }

  /** A standby believes the conductor lost, which goes on; or the store's answer to whoever proposes is lost. */
  #doubt({ all, official }: Candidates): SimulatedFault {
    const living = all.filter(({ alive }) => alive)
    const proposer = living.find(({ state }) => state.tenure?.proposal)
    if (proposer && this.#random.integer(0, 1) === 1) return { type: 'loseAnswer', candidate: proposer.id }
    const standby = this.#random.pick(living.filter((one) => one !== official))
    return { type: 'doubtConductor', candidate: standby.id }
  }
}
