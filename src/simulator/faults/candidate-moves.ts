/** What befalls those who may conduct, as moves: only while another one may take over. */
import { unreachable } from '../../base/index.ts'
import type { CandidateId } from '../../protocol/index.ts'
import type { Candidates } from '../candidates/candidates.ts'

export type CandidateFault =
  /** Of what is in flight, each link delivers so many packets; links in the order in which they were first used. */
  | { readonly type: 'crashCandidate'; readonly candidate: CandidateId; readonly arriving: readonly number[] }
  /** It ends so many effects later, as soon as another one may take over then. */
  | { readonly type: 'crashCandidateAfter'; readonly candidate: CandidateId; readonly effects: number }
  | { readonly type: 'freezeCandidate' | 'thawCandidate'; readonly candidate: CandidateId }
  /** It believes that it does not hear the conductor. */
  | { readonly type: 'doubtConductor'; readonly candidate: CandidateId }
  /** It hears that nothing is known of what became of its proposal. */
  | { readonly type: 'loseAnswer'; readonly candidate: CandidateId }

/** False, with nothing changed: it is not possible now. */
export function strikeCandidate(candidates: Candidates | null, fault: CandidateFault): boolean {
  const candidate = candidates?.all[fault.candidate - 1]
  if (!candidates || !candidate?.alive) return false
  if (fault.type !== 'thawCandidate' && !candidates.areWell) return false
  switch (fault.type) {
    case 'crashCandidate': {
      if (!candidates.isReplaceable(candidate)) return false
      let link = 0
      candidates.crash(candidate, () => fault.arriving[link++] ?? 0)
      return true
    }
    case 'crashCandidateAfter':
      candidate.effectsLeft = fault.effects
      return true
    case 'freezeCandidate':
    case 'thawCandidate':
      return candidates.freeze(candidate, fault.type === 'freezeCandidate')
    case 'doubtConductor':
      return candidates.doubt(candidate)
    case 'loseAnswer':
      return candidates.loseAnswer(candidate)
    default:
      return unreachable(fault)
  }
}
