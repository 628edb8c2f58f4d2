import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import type {
  CodeSpeeds,
  Figure,
  FirstWrite,
  LinkSpeed,
  MeasuredCosts,
  MeasuredSetting,
  Slowdown,
} from '../../measure/index.ts'
import type { MeasureArguments } from './arguments.ts'
import { type CopyMs, copiedBytes } from './tables.ts'

/** What `--json` gives of all parts; null where a part was left out. */
export interface FiguresJson {
  codes: object | null
  firstWrite: object | null
  links: object | null
  checkpoints: object[] | null
  slowdown: object | null
}

/** Where and how it was measured. `startedLoad`: processes that wanted to compute when it began, one minute's mean. */
export function circumstancesJson(
  { setting, rounds, isQuick, isFresh }: MeasureArguments,
  about: { readonly version: string; readonly tracker: string; readonly startedLoad: number },
): object {
  const { version, tracker, startedLoad } = about
  return {
    paritas: version,
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      system: `${platform()} ${release()} ${arch()}`,
      node: process.version,
      loadBefore: Math.round(startedLoad * 100) / 100,
      loadAfter: Math.round(loadavg()[0]! * 100) / 100,
    },
    setting: { ...setting, tracker, rounds, isQuick, isFresh },
  }
}

export function codesJson({ sourceBytes, copyBytesPerSecond, codes }: CodeSpeeds): object {
  return {
    sourceBytes,
    copyBytesPerSecond: figure(copyBytesPerSecond),
    codes: codes.map(({ work, kernels, isUsed, bytesPerSecond, toCopy }) => ({
      ...{ rows: work === 'xor' ? 1 : 2, code: work === 'xor' ? 'xor' : 'reed-solomon', kernels, isUsed },
      ...{ bytesPerSecond: figure(bytesPerSecond), toCopy: short(toCopy.median) },
    })),
  }
}

export function firstWriteJson({ tracker, pageBytes, pageUs }: FirstWrite, copyMs: CopyMs): object {
  return { tracker, pageBytes, pageUs: figure(pageUs), toCopy: short(pageUs.median / 1000 / copyMs(pageBytes)) }
}

export function linksJson(links: readonly LinkSpeed[], copyMs: CopyMs): object[] {
  return links.map(({ kind, messageBytes, messageUs }) => ({
    ...{ kind: kind === 'echo' ? 'roundTrip' : 'flow', messageBytes, messageUs: figure(messageUs) },
    toCopy: short(messageUs.median / 1000 / copyMs(messageBytes)),
  }))
}

/** A time beside the bytes whose copy it is compared with: `toCopy` says how many times as long it is. */
export function checkpointsJson(costs: MeasuredCosts, setting: MeasuredSetting, copyMs: CopyMs): object {
  const bytes = copiedBytes(costs, setting)
  const compared = (one: Figure, copiedBytes: number): object => ({
    ...figure(one),
    ...{ copiedBytes, toCopy: short(one.median / copyMs(copiedBytes)) },
  })
  const { first, recovery } = costs
  return {
    changedPercent: costs.changedPercent,
    changedBytes: figure(costs.changedBytes),
    heldUpMs: compared(costs.heldUpMs, bytes.changed),
    latencyMs: compared(costs.latencyMs, bytes.all),
    commitMs: compared(costs.commitMs, bytes.all),
    first: {
      heldUpMs: compared(first.heldUpMs, bytes.memory),
      latencyMs: compared(first.latencyMs, bytes.memory * setting.processes),
    },
    recovery: {
      lost: recovery.lost,
      totalMs: compared(recovery.totalMs, bytes.memory),
      detectMs: figure(recovery.detectMs),
      rebuildMs: figure(recovery.rebuildMs),
      resumeMs: figure(recovery.resumeMs),
    },
  }
}

export function slowdownJson({ changedPercent, intervalMs, ...figures }: Slowdown): object {
  const { share, processorShare, unprotectedMs, protectedMs, checkpoints, memory } = figures
  return {
    ...{ changedPercent, intervalMs },
    processorShare: processorShare && figure(processorShare),
    ...{ share: figure(share), unprotectedMs: figure(unprotectedMs), protectedMs: figure(protectedMs) },
    checkpoints: figure(checkpoints),
    memory,
  }
}

function figure({ median, min, max, samples }: Figure): object {
  return { median: short(median), min: short(min), max: short(max), samples: samples.map(short) }
}

/** Five digits: more are noise. */
function short(value: number): number {
  return Number(value.toPrecision(5))
}
