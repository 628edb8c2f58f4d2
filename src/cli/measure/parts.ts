import { freeBytes, type RunOptions, type RunOutcome, readLimits } from '../../machine/index.ts'
import {
  type Conditions,
  CopyYardstick,
  checkpointIntervalMs,
  checkpointsOf,
  loadWorkload,
  type MeasureBench,
  measureCheckpoints,
  measureCodes,
  measureFirstTouch,
  measureFirstWrite,
  measureLinks,
  measureSlowdown,
  slowdownRoundMs,
} from '../../measure/index.ts'
import type { MeasureArguments } from './arguments.ts'
import {
  checkpointsJson,
  codesJson,
  type FiguresJson,
  firstWriteJson,
  linksJson,
  slowdownJson,
} from './figures-json.ts'
import type { FigureTable } from './table.ts'
import { type CopyMs, checkpointsTable, codesTable, firstWriteTable, linksTable, slowdownTable } from './tables.ts'

/** One part of a measurement: its table comes as soon as it is done. */
export interface MeasuredPart {
  readonly title: string
  /** How long it takes on a machine like those that Paritas is developed on. */
  readonly expectedSeconds: number
  /** Measures, notes the figures in `json` and returns the table. */
  measure(conditions: Conditions, json: FiguresJson): Promise<FigureTable>
}

export interface PartContext {
  readonly programsFolder: string
  /** Of this measurement alone. */
  readonly folder: string
  runMachine(options: RunOptions): Promise<RunOutcome>
}

/** Processes start, write all of their memory and end. */
const runSeconds = 1.5
const calibrationSeconds = 3

/** What is to be measured, in its order. */
export function partsOf(args: MeasureArguments, context: PartContext): MeasuredPart[] {
  const makers = { codes: codeParts, links: linkParts, checkpoints: checkpointParts, slowdown: slowdownParts }
  return args.parts.flatMap((name) => makers[name](args, context))
}

/** Measured right beside the part that it is for, once for each number of bytes. */
function copyYardstick(): CopyMs {
  const yardstick = new CopyYardstick()
  const known = new Map<number, number>()
  return (bytes) => {
    const ms = known.get(bytes) ?? yardstick.measureMs(bytes)
    known.set(bytes, ms)
    return ms
  }
}

function codeParts({ rounds, setting }: MeasureArguments): MeasuredPart[] {
  return [
    {
      title: 'copies and codes',
      expectedSeconds: 2 + 1.5 * (rounds + 1),
      async measure(conditions, json) {
        const speeds = await measureCodes(conditions)
        json.codes = codesJson(speeds)
        return codesTable(speeds)
      },
    },
    {
      title: 'first writes',
      expectedSeconds: 1 + 0.1 * rounds,
      async measure(conditions, json) {
        const cost = await measureFirstWrite(setting.tracker, conditions)
        const copyMs = copyYardstick()
        json.firstWrite = firstWriteJson(cost, copyMs)
        return firstWriteTable(cost, copyMs)
      },
    },
  ]
}

function linkParts({ rounds }: MeasureArguments, { folder }: PartContext): MeasuredPart[] {
  return [
    {
      title: 'links',
      expectedSeconds: 3 + 0.7 * rounds,
      async measure(conditions, json) {
        const links = await measureLinks(folder, conditions)
        const copyMs = copyYardstick()
        json.links = linksJson(links, copyMs)
        return linksTable(links, copyMs)
      },
    },
  ]
}

/** Of the memory that is free, no more than this share is used ahead. */
const aheadShare = 1 / 2

async function bedOf(
  args: MeasureArguments,
  { programsFolder, folder, runMachine }: PartContext,
): Promise<MeasureBench> {
  const program = await loadWorkload(programsFolder, folder)
  if (args.isFresh) return { program, folder, runMachine }
  const runOnUsedMemory: MeasureBench['runMachine'] = (options) => {
    measureFirstTouch(Math.min(runBytes(args.setting), freeBytes(readLimits().memory) * aheadShare))
    return runMachine(options)
  }
  return { program, folder, runMachine: runOnUsedMemory }
}

/** About what a run takes: its processes and a spare for each loss hold their memory and two copies, and so do check processors. */
function runBytes({ processes, memoryBytes, tolerate }: MeasureArguments['setting']): number {
  return 3 * memoryBytes * (processes + 4 * tolerate)
}

function checkpointParts(args: MeasureArguments, context: PartContext): MeasuredPart[] {
  const { rounds, setting, changedPercents } = args
  return changedPercents.map((percent) => ({
    title: `checkpoints, ${percent} % changed`,
    expectedSeconds: runSeconds + (checkpointsOf(rounds) * checkpointIntervalMs) / 1000,
    async measure(conditions, json) {
      const costs = await measureCheckpoints(await bedOf(args, context), setting, percent, conditions)
      const copyMs = copyYardstick()
      json.checkpoints = [...(json.checkpoints ?? []), checkpointsJson(costs, setting, copyMs)]
      return checkpointsTable(costs, setting, copyMs)
    },
  }))
}

/** How long the timed part of a run is. */
const timedMs = { full: 5000, quick: 2500 } as const

function slowdownParts(args: MeasureArguments, context: PartContext): MeasuredPart[] {
  const { rounds, setting, isQuick } = args
  const runMs = isQuick ? timedMs.quick : timedMs.full
  return [
    {
      title: 'slowdown',
      expectedSeconds: calibrationSeconds + rounds * (2 * runSeconds + slowdownRoundMs(runMs) / 1000),
      async measure(conditions, json) {
        const slowdown = await measureSlowdown(await bedOf(args, context), setting, runMs, conditions)
        json.slowdown = slowdownJson(slowdown)
        return slowdownTable(slowdown)
      },
    },
  ]
}
