import { type Check, isCount, objectOf, oneOf, orMissing, unreachable, when } from '../base/index.ts'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../parity/index.ts'

/** With one check row the first two are plain parity. */
export const codeNames = ['reed-solomon', 'groups', 'mirror'] as const
export type CodeName = (typeof codeNames)[number]

/** Most processes of one Reed–Solomon group: with the most check rows they fit the field of 256 elements. */
export const groupSizeMax = 240
export const tolerateMax = 16

/** Which code keeps the checkpoints, and for how many losses, or groups; mirrors have a row for each process. */
export interface Protection {
  readonly code: CodeName
  readonly tolerate: number
  /** Of Reed–Solomon: most processes of a group, of which each has check rows of its own. Without it all are one group. */
  readonly groupSize?: number
}

const whole = (max: number): Check =>
  when(`a whole number from 1 to ${max}`, (value) => isCount(value) && value >= 1 && value <= max)

/** Checks protection that comes off a link or out of a checkpoint. */
export const protectionCheck: Check = objectOf<Protection>({
  code: oneOf(codeNames),
  tolerate: whole(tolerateMax),
  groupSize: orMissing(whole(groupSizeMax)),
})

/** Null protection is the scheme `none`. */
export function codeFor(processes: number, protection: Protection): ErasureCode
export function codeFor(processes: number, protection: Protection | null): ErasureCode | null
export function codeFor(processes: number, protection: Protection | null): ErasureCode | null {
  if (!protection) return null
  const { code, tolerate, groupSize } = protection
  switch (code) {
    case 'reed-solomon':
      return reedSolomonCode(processes, tolerate, groupSize)
    case 'groups':
      return groupsCode(processes, tolerate)
    case 'mirror':
      return mirrorCode(processes)
    default:
      return unreachable(code)
  }
}
