import { requirePositive } from './domain.ts'

interface Setting {
  readonly overheadSeconds: number
  readonly mtbfSeconds: number
}

/**
 * Young's interval between two checkpoints, sqrt(2 O M), in seconds: "A first order approximation to the optimum
 * checkpoint interval", CACM 17(9), 1974. Good while the overhead O is far below the mean time between failures M.
 * Throws a `RangeError` unless both are finite and above 0.
 */
export function youngIntervalSeconds({ overheadSeconds, mtbfSeconds }: Setting): number {
  requirePositive('the overhead', overheadSeconds)
  requirePositive('the mean time between failures', mtbfSeconds)
  // Two roots, since the product of two large or two tiny numbers is none.
  return Math.SQRT2 * Math.sqrt(overheadSeconds) * Math.sqrt(mtbfSeconds)
}

/**
 * Daly's interval between two checkpoints in seconds, without the checkpoint itself: equation 37 of "A higher order
 * estimate of the optimum checkpoint interval for restart dumps", FGCS 22(3), 2006. From O = 2 M on it is M.
 * Throws a `RangeError` unless both are finite and above 0.
 */
export function dalyIntervalSeconds({ overheadSeconds, mtbfSeconds }: Setting): number {
  const young = youngIntervalSeconds({ overheadSeconds, mtbfSeconds })
  const share = overheadSeconds / mtbfSeconds / 2
  if (share >= 1) return mtbfSeconds
  return young * (1 + Math.sqrt(share) / 3 + share / 9) - overheadSeconds
}
