/** Simulated machines as plain data, and the worlds that are made of them. */
import { seededRandom } from '../../base/index.ts'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../../parity/index.ts'
import { type Coordination, rulesFor } from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import { canaries } from '../canaries/index.ts'
import type { StorageSetting } from '../disk/manifests.ts'
import { type ChannelKind, channelChance } from './lossy-channel.ts'
import { type ProgramName, simulatedPrograms } from './programs.ts'
import { World, type WorldOptions } from './world.ts'

/** `none`: files alone keep checkpoints. */
export type SimulatedCode = 'reed-solomon' | 'groups' | 'mirror' | 'none'

type MakeCode = (processes: number, tolerate: number, groupSize?: number) => ErasureCode

const makeCode: Readonly<Record<Exclude<SimulatedCode, 'none'>, MakeCode>> = {
  'reed-solomon': reedSolomonCode,
  groups: groupsCode,
  mirror: mirrorCode,
}

/** Codes never change, and there are few. */
const codes = new Map<string, ErasureCode>()

function codeFor({ code: name, processes, tolerate, groupSize }: SimulatedMachine): ErasureCode | null {
  if (name === 'none') return null
  const key = `${name} ${processes} ${tolerate} ${groupSize}`
  const code = codes.get(key) ?? makeCode[name](processes, tolerate, groupSize)
  codes.set(key, code)
  return code
}

/** A machine and its program, as plain data. */
export interface SimulatedMachine {
  readonly processes: number
  readonly spares: number
  readonly code: SimulatedCode
  /** How many losses at the same time are covered, or how many groups of plain parity there are; 1 for mirrors. */
  readonly tolerate: number
  /** Of Reed–Solomon: most processes of a group; without it all are one group. */
  readonly groupSize?: number
  /** When checkpoints are written to disk; null: never. */
  readonly storage: StorageSetting | null
  readonly coordination: Coordination
  readonly program: ProgramName
  readonly logBytesMax: number
  /** What channels between processors do to frames. */
  readonly channels: ChannelKind
  /** Decides what programs choose. */
  readonly choices: number
  /** So many may conduct, and be lost; left out: one, that never is. */
  readonly conductors?: number
  /** Of what was released and nobody has fetched; left out: there is no bound. */
  readonly unfetchedBytesMax?: number
  /** So many hosts; left out: one computer. */
  readonly hosts?: number
  readonly canary: string | null
}

/** The world of a machine; everything random in it comes from the machine's `choices`. */
export function createWorld(
  machine: SimulatedMachine,
  options: Pick<WorldOptions, 'rules' | 'observe' | 'kernels'> = {},
): World {
  const {
    processes,
    spares,
    storage,
    coordination,
    logBytesMax,
    program,
    choices,
    conductors,
    unfetchedBytesMax,
    hosts,
    canary,
  } = machine
  const random = seededRandom(choices)
  return new World({
    processes,
    spares,
    code: codeFor(machine),
    storage,
    respawns: true,
    rules: rulesFor(coordination),
    logBytesMax,
    channels: channelChance(machine.channels, choices),
    program: simulatedPrograms[program],
    choose: (count) => random.integer(0, count - 1),
    canary: canaryOf({ canary }),
    ...(conductors === undefined ? {} : { candidates: conductors }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(unfetchedBytesMax === undefined ? {} : { unfetchedBytesMax }),
    ...options,
  })
}

export function canaryOf({ canary }: Pick<SimulatedMachine, 'canary'>): Canary | undefined {
  const known: Readonly<Record<string, Canary>> = canaries
  return canary === null ? undefined : known[canary]
}
