import { type EvaluationSetting, partNames, type RunRecord } from '../../src/evaluation/index.ts'
import type { SchemeName } from '../../src/machine/index.ts'

/** A small evaluation of merge sort, but for `changes`. */
export function settingWith(changes: Partial<EvaluationSetting> = {}): EvaluationSetting {
  return {
    ...{ applications: ['merge-sort'], schemes: ['none', 'n+1-parity', 'enhanced'], resume: 'after-commit' },
    ...{
      parts: partNames,
      processes: 2,
      tolerate: 1,
      tracker: 'auto',
      coresEach: null,
      intervalMs: 250,
      rounds: 3,
      recoveryRounds: 1,
    },
    ...{ timeoutRounds: 1, changedPercents: [10], seed: 1, size: 'tiny' },
    ...changes,
  }
}

type Changes = Partial<RunRecord> & Pick<RunRecord, 'program' | 'scheme'>

/** A run without faults, with two checkpoints of two processes, but for `changes`. */
export function record({ part = 'overhead', round = 1, ...changes }: Changes): RunRecord {
  const { program, scheme, timeoutMs = 250, changedPercent = null } = changes
  return {
    key: [part, program, scheme, timeoutMs, changedPercent, round].join(' '),
    ...{ part, round, sizes: [], kill: null, timeoutMs, changedPercent, beganAt: '2026-11-25T10:00:00.000Z' },
    ...{ wallMs: 3000, elapsedMs: 1000, committed: 2, latencyMs: [20, 30], deltaBytes: 8_388_608 },
    captures: [1, 1, 2, 2].map((checkpoint, index) => ({
      ...{ rank: index % 2, checkpoint },
      ...{ loggedMessages: 3, loggedBytes: 3000 },
    })),
    holdUps: [1, 1, 2, 2].map((checkpoint, index) => ({ rank: index % 2, checkpoint, ms: 4, drainMs: null, cpuMs: 3 })),
    memory: {
      programBytes: 1000,
      applicationBytes: 1200,
      checkpointBytes: 500,
      backupBytes: 500,
      spareBytes: 0,
      processBytes: null,
    },
    recoveries: [],
    processorTimes: null,
    ...changes,
  }
}

export const recovery: RunRecord['recoveries'][number] = {
  ...{
    lost: ['a1'],
    toCheckpoint: 1,
    rollback: true,
    fromDisk: false,
    detectMs: 10,
    rebuildMs: 60,
    resumeMs: 30,
    totalMs: 100,
  },
  lostWorkMs: 120,
}

/** The rounds of one application: under `scheme` they take so many milliseconds longer than without protection. */
export function rounds(program: string, scheme: SchemeName, longerMs: readonly number[]): RunRecord[] {
  return longerMs.flatMap((longer, index) => [
    record({
      program,
      scheme: 'none',
      round: index + 1,
      committed: 0,
      captures: [],
      holdUps: [],
      latencyMs: [],
      deltaBytes: 0,
    }),
    record({ program, scheme, round: index + 1, elapsedMs: 1000 + longer }),
  ])
}
