/**
 * What a scheme is made of: how processors come to take the same checkpoint, and what keeps it. Everything else (the
 * code, how changes are found, the links) is the same under all of them, so that a comparison compares nothing else.
 */
import type { Coordination } from '../protocol/index.ts'
import type { CodeName, Protection } from './protection.ts'

export interface Scheme {
  /** independent: each when it suits, with a message log; synchronous: all stand still together; null: never. */
  readonly coordination: 'independent' | 'synchronous' | null
  /** parity: sums of all memories on check processors; copies: one of each memory; files: on disk. */
  readonly keeps: 'nothing' | 'parity' | 'copies' | 'files'
  /** Longest time between two checkpoints where none is given; null: only full buffers call for them. */
  readonly timeoutMs: number | null
}

const timeoutMs = 500

export const schemes = {
  none: { coordination: null, keeps: 'nothing', timeoutMs: null },
  disk: { coordination: 'synchronous', keeps: 'files', timeoutMs },
  // As its paper has it: there is no timeout.
  'n+1-parity': { coordination: 'synchronous', keeps: 'parity', timeoutMs: null },
  enhanced: { coordination: 'independent', keeps: 'parity', timeoutMs },
  mirror: { coordination: 'independent', keeps: 'copies', timeoutMs },
} as const satisfies Readonly<Record<string, Scheme>>

export type SchemeName = keyof typeof schemes

export const schemeNames = Object.keys(schemes) as readonly SchemeName[]

/** The codes that can be chosen for parity. With one check row both are plain parity. */
export const parityCodeNames = ['reed-solomon', 'groups'] as const satisfies readonly CodeName[]

/** When the programs that are frozen for a synchronous checkpoint go on. */
export const resumeTimes = ['after-commit', 'after-capture'] as const
export type ResumeTime = (typeof resumeTimes)[number]

export function coordinationFor(scheme: SchemeName, resume: ResumeTime): Coordination {
  return schemes[scheme].coordination === 'synchronous' ? `resume-${resume}` : 'independent'
}

/** What keeps checkpoints in memory under the scheme, with the code and `tolerate` that were asked for; null: nothing. */
export function protectionFor(scheme: SchemeName, parity: Protection): Protection | null {
  const { keeps } = schemes[scheme]
  if (keeps === 'parity') return parity
  return keeps === 'copies' ? { code: 'mirror', tolerate: 1 } : null
}
