import { unreachable } from '../base/index.ts'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../parity/index.ts'

/** With one check row the first two are plain parity. */
export const codeNames = ['reed-solomon', 'groups', 'mirror'] as const
export type CodeName = (typeof codeNames)[number]

/** Which code keeps the checkpoints, and for how many losses, or groups; mirrors have a row for each process. */
export interface Protection {
  readonly code: CodeName
  readonly tolerate: number
}

/** Null protection is the scheme `none`. */
export function codeFor(processes: number, protection: Protection): ErasureCode
export function codeFor(processes: number, protection: Protection | null): ErasureCode | null
export function codeFor(processes: number, protection: Protection | null): ErasureCode | null {
  if (!protection) return null
  const { code, tolerate } = protection
  switch (code) {
    case 'reed-solomon':
      return reedSolomonCode(processes, tolerate)
    case 'groups':
      return groupsCode(processes, tolerate)
    case 'mirror':
      return mirrorCode(processes)
    default:
      return unreachable(code)
  }
}
