import { type ErasureCode, reedSolomonCode } from '../../parity/index.ts'

const codes = new Map<number, ErasureCode>()

/** Plain parity: memory in the abstract knows no other sums (see checkpoints.ts). */
export function codeOf(processes: number): ErasureCode {
  const code = codes.get(processes) ?? Object.freeze(reedSolomonCode(processes, 1))
  codes.set(processes, code)
  return code
}
