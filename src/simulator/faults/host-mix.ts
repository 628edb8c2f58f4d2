/** Hosts in a random run: whether, how many, and what befalls them. */
import { seededRandom } from '../../base/index.ts'
import type { Canary } from '../canaries/canary.ts'
import type { ConductorMix } from './conductor-mix.ts'
import { type FaultCounts, type FaultKind, hostFaultKinds } from './kinds.ts'

export interface HostMixOptions {
  /** How many hosts there are, or 0 for one computer; drawn by default, mostly one computer. */
  readonly hosts?: number
}

export const hostsMost = 6

/**
 * Every fifth machine is on hosts. Drawn from the machine's choices, so that what a seed draws beside it stays the same, and
 * machines on one computer are as they were.
 */
export function withHosts<Mix extends ConductorMix>(
  mix: Mix,
  { hosts }: HostMixOptions,
  allowed: readonly FaultKind[],
  canary: Canary | null,
): Mix {
  const random = seededRandom(Math.imul(mix.machine.choices, 0x27d4eb2f) ^ 3)
  const isAbout = allowed.length > 0 && allowed.every((kind) => hostFaultKinds.some((one) => one === kind))
  const isOnHosts = random.integer(0, 4) === 0 || isAbout
  const drawn = random.integer(2, hostsMost)
  const count = hosts ?? (canary ? (canary.hosts ?? 0) : isOnHosts ? drawn : 0)
  if (count === 0 || mix.deadlyRank !== null) return mix
  const faults: Partial<Record<FaultKind, number>> = {}
  for (const kind of hostFaultKinds) {
    const most = random.integer(1, 3)
    const isDrawn = random.integer(0, 2) > 0 || canary !== null || allowed.length === 1
    if (isDrawn && allowed.includes(kind)) faults[kind] = most
  }
  return {
    ...mix,
    machine: { ...mix.machine, hosts: count },
    faults: { ...mix.faults, ...faults } satisfies FaultCounts,
  }
}
