/** Swarm testing: every seed draws its own mix of machine, program, faults and tempo, many of them lopsided. */
import { type Random, seededRandom } from '../../base/index.ts'
import type { Coordination } from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import { canaries } from '../canaries/index.ts'
import type { Tempo } from '../search/schedule.ts'
import type { ChannelKind } from '../world/lossy-channel.ts'
import { canaryOf, type SimulatedMachine } from '../world/machine.ts'
import { type ProgramName, simulatedPrograms } from '../world/programs.ts'
import { type ConductorMix, type ConductorMixOptions, withConductors } from './conductor-mix.ts'
import { type DiskMixOptions, withDisk } from './disk-mix.ts'
import { type HostMixOptions, withHosts } from './host-mix.ts'
import {
  conductorFaultKinds,
  diskFaultKinds,
  type FaultCounts,
  type FaultKind,
  faultKinds,
  hostFaultKinds,
} from './kinds.ts'

/** What every run of an exploration has in common. Everything else is drawn. */
export interface MixOptions extends DiskMixOptions, ConductorMixOptions, HostMixOptions {
  readonly processesMin?: number
  readonly processesMax?: number
  /** How many losses at the same time are covered; drawn by default. */
  readonly tolerateMin?: number
  readonly tolerateMax?: number
  /** Most processes of a group; without it all are one group, unless what is covered is drawn too. */
  readonly groupSizeMin?: number
  readonly groupSizeMax?: number
  readonly program?: ProgramName | null
  /** What channels between processors do to frames; drawn by default. */
  readonly channels?: ChannelKind
  /** Drawn from these; by default all. */
  readonly coordinations?: readonly Coordination[]
  /** The kinds of faults that may happen; by default all. */
  readonly faults?: readonly FaultKind[]
  readonly canary?: string | null
}

export interface Mix extends ConductorMix {
  readonly faultChance: number
  readonly tempo: Tempo
}

export const processesLeast = 2
/** As many ranks as the programs' memory has room for. */
export const processesMost = 8
const processesUsual = [2, 2, 3, 3, 4] as const
const coordinationsUsual: readonly Coordination[] = [
  ...(['independent', 'independent', 'resume-after-commit', 'resume-after-capture'] as const),
]

export function drawMix(random: Random, options: MixOptions): Mix {
  const program = options.program ?? random.pick(Object.keys(simulatedPrograms) as ProgramName[])
  const processes = drawProcesses(random, options)
  const machine: SimulatedMachine = {
    processes,
    spares: random.integer(1, 2),
    ...drawCode(random, processes, options),
    storage: null,
    coordination: drawCoordination(random, options),
    program,
    logBytesMax: random.pick([0, 16, 64, 2 ** 20]),
    channels: options.channels ?? 'ordered',
    choices: random.integer(1, 2 ** 30),
    canary: options.canary ?? null,
  }
  const allowed = options.faults ?? faultKinds
  const drawn = { machine, faults: drawFaults(random, allowed) }
  const isShared = (options.conductors ?? 1) > 1
  const stored = withDisk(
    drawn,
    isShared ? { storages: options.storages ?? ['none'] } : options,
    allowed,
    canaryOf(machine) ?? null,
  )
  const machineWithDisk = withChannels(withGroups(stored.machine, options), options)
  const canary = canaryOf(machine) ?? null
  const conducted = withConductors({ ...stored, machine: machineWithDisk }, options, allowed, canary)
  return {
    ...withHosts(conducted, options, allowed, canary),
    faultChance: random.pick([30, 100, 300]),
    tempo: {
      weights: random.pick([
        [1, 20, 20, 100],
        [1, 1, 1, 1000],
        [5, 6, 7],
      ]),
      timeoutWeights: random.pick([
        [1, 2, 6],
        [1, 2, 6],
        [20, 100],
      ]),
      standstills: random.pick([0, 0, 50, 200]),
      standstillMax: random.pick([20, 100, 400]),
      slowest: random.integer(1, 5) === 1 ? random.integer(0, processes - 1) : null,
    },
  }
}

function drawProcesses(random: Random, { processesMin, processesMax }: MixOptions): number {
  if (processesMin === undefined && processesMax === undefined) return random.pick(processesUsual)
  return random.integer(processesMin ?? processesLeast, processesMax ?? processesMost)
}

/** A canary that breaks a rule of one coordination says nothing under another. */
function drawCoordination(random: Random, { canary, coordinations }: MixOptions): Coordination {
  const known: Readonly<Record<string, Canary>> = canaries
  const broken = canary ? (known[canary]?.coordination ?? 'independent') : null
  return random.pick(broken === null ? (coordinations ?? coordinationsUsual) : [broken])
}

/** Mostly one row, groups and mirrors now and then. */
function drawCode(
  random: Random,
  processes: number,
  { tolerateMin, tolerateMax, groupSizeMin }: MixOptions,
): Pick<SimulatedMachine, 'code' | 'tolerate'> {
  if (tolerateMin !== undefined || tolerateMax !== undefined) {
    return { code: 'reed-solomon', tolerate: random.integer(tolerateMin ?? 1, tolerateMax ?? tolerateMin ?? 1) }
  }
  if (groupSizeMin !== undefined) return { code: 'reed-solomon', tolerate: random.integer(1, 3) }
  const code = random.pick(['reed-solomon', 'reed-solomon', 'reed-solomon', 'groups', 'mirror'] as const)
  if (code === 'mirror') return { code, tolerate: 1 }
  const tolerate = random.pick([1, 1, 1, 2, 2, 3])
  return { code, tolerate: code === 'groups' ? Math.min(tolerate, processes) : tolerate }
}

/**
 * Of Reed–Solomon with several rows, every third is in groups. Drawn from the machine's choices, so that what a seed draws
 * beside it stays the same.
 */
function withGroups(machine: SimulatedMachine, options: MixOptions): SimulatedMachine {
  const { groupSizeMin: min, groupSizeMax: max, tolerateMin, canary } = options
  if (machine.code !== 'reed-solomon') return machine
  const random = seededRandom(Math.imul(machine.choices, 0x85ebca6b))
  if (min !== undefined) return { ...machine, groupSize: Math.min(random.integer(min, max ?? min), machine.processes) }
  const isUsual = tolerateMin === undefined && !canary && machine.tolerate > 1
  if (!isUsual || random.integer(0, 2) > 0) return machine
  return { ...machine, groupSize: random.integer(1, machine.processes - 1) }
}

/** Every fifth has channels that lose, double and reorder; drawn from the choices, as groups are. */
function withChannels(machine: SimulatedMachine, { channels, canary }: MixOptions): SimulatedMachine {
  if (channels !== undefined || canary) return machine
  const random = seededRandom(Math.imul(machine.choices, 0xc2b2ae35) ^ 1)
  return { ...machine, channels: random.integer(0, 4) === 0 ? 'lossy' : 'ordered' }
}

/** Half of the kinds are left out of a run: what one fault brings to light another may cover up. */
function drawFaults(random: Random, allowed: readonly FaultKind[]): FaultCounts {
  const most: FaultCounts = {
    losses: random.pick([1, 1, 2, 2, 3]),
    jointLosses: random.integer(1, 2),
    fillings: random.integer(1, 2),
    freezes: random.integer(1, 2),
    stalls: random.integer(1, 2),
    suspicions: random.integer(1, 2),
    breaks: random.integer(1, 2),
    partitions: random.integer(1, 2),
    clockJumps: random.integer(1, 2),
    duplicates: random.integer(1, 6),
    lateFrames: random.integer(1, 4),
    fullBuffers: random.integer(1, 6),
    stepFailures: 1,
    excesses: 1,
    fullDisks: 0,
    damagedFiles: 0,
    powerCuts: 0,
    conductorLosses: 0,
    conductorFreezes: 0,
    conductorCuts: 0,
    conductorDoubts: 0,
    watcherLeaves: 0,
    hostLosses: 0,
    hostFreezes: 0,
  }
  const counts = { ...most }
  for (const kind of faultKinds) {
    // Those of a disk are drawn with it, and those of conductors and hosts with them.
    if ([...diskFaultKinds, ...conductorFaultKinds, ...hostFaultKinds].some((one) => one === kind)) continue
    // An excess ends the run, so it is rare.
    const isDrawn = random.integer(0, kind === 'excesses' ? 9 : 1) === 1
    const isIn = allowed.includes(kind) && (isDrawn || allowed.length === 1)
    Object.assign(counts, { [kind]: isIn ? most[kind] : 0 })
  }
  return counts
}
