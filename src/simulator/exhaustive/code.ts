import { type ErasureCode, reedSolomonCode } from '../../parity/index.ts'
import { checksOf, type ExhaustiveWorld } from './worlds.ts'

const codes = new Map<number, ErasureCode>()

/** Plain parity: memory in the abstract knows no other sums (see checkpoints.ts). Null: files alone keep checkpoints. */
export function codeOf(world: ExhaustiveWorld): ErasureCode | null {
  return checksOf(world) === 0 ? null : parityOf(world.scripts.length)
}

export function parityOf(processes: number): ErasureCode {
  const code = codes.get(processes) ?? Object.freeze(reedSolomonCode(processes, 1))
  codes.set(processes, code)
  return code
}
