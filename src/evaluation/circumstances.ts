import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { probeTrackers, type TrackerName } from '../memory/native/index.ts'
import type { EvaluationSetting } from './setting.ts'

/** The machine that figures are of. */
export interface EvaluatedMachine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  /** How changed pages are really found. */
  readonly tracker: TrackerName
}

export function machineFacts({ tracker }: Pick<EvaluationSetting, 'tracker'>): EvaluatedMachine {
  const wanted = tracker === 'auto' ? 'shadow' : tracker
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    tracker: probeTrackers()[wanted].available ? wanted : 'compare',
  }
}
