import type { DiskUse, Recovery, RunOutcome, Spread, TakeOver } from '../../machine/index.ts'
import { jsonSafe } from '../json-safe.ts'

/** What `--json` prints of a run that finished. Times in milliseconds. */
export function outcomeJson(
  outcome: RunOutcome,
  about: {
    readonly program: string
    readonly scheme: string
    /** When a synchronous scheme goes on: `after-commit` or `after-capture`. */
    readonly resume: string | null
    readonly verified: boolean
    readonly seed: number | null
  },
): object {
  const { committed, blockedMs, frozenMs, drainMs, latencyMs, deltaBytes, disk } = outcome.checkpoints
  const { log } = outcome
  const results = outcome.results.map(jsonSafe)
  return {
    ...about,
    elapsedMs: rounded(outcome.elapsedMs),
    result: results[0] ?? null,
    results,
    checkpoints: {
      committed,
      blockedMs: rounded(blockedMs.median),
      blockedMsRange: range(blockedMs),
      frozenMs: frozenMs && rounded(frozenMs.median),
      frozenMsRange: frozenMs && range(frozenMs),
      drainMs: drainMs && rounded(drainMs.median),
      drainMsRange: drainMs && range(drainMs),
      latencyMs: rounded(latencyMs.median),
      latencyMsRange: range(latencyMs),
      deltaBytes,
      disk: disk === null ? null : diskJson(disk),
    },
    log: {
      messages: log.messages.median,
      messagesRange: [log.messages.min, log.messages.max],
      bytes: log.bytes.median,
      bytesRange: [log.bytes.min, log.bytes.max],
    },
    memory: outcome.memory,
    recoveries: outcome.recoveries.map(recoveryJson),
    takeOvers: outcome.takeOvers.map(takeOverJson),
  }
}

function diskJson({ newest, bytes, writeMs }: DiskUse): object {
  return { newest, written: writeMs.count, bytes, writeMs: rounded(writeMs.median), writeMsRange: range(writeMs) }
}

function recoveryJson({ lost, toCheckpoint, rollback, fromDisk, detectMs, ...times }: Recovery): object {
  return {
    lost,
    toCheckpoint,
    rollback,
    fromDisk,
    detectMs: detectMs === null ? null : rounded(detectMs),
    rebuildMs: rounded(times.rebuildMs),
    resumeMs: rounded(times.resumeMs),
    totalMs: rounded(times.totalMs),
    lostWorkMs: rounded(times.lostWorkMs),
  }
}

function takeOverJson({ detectMs, takeOverMs }: TakeOver): object {
  return { detectMs: detectMs === null ? null : rounded(detectMs), takeOverMs: rounded(takeOverMs) }
}

function range({ min, max }: Spread): [min: number, max: number] {
  return [rounded(min), rounded(max)]
}

/** To whole microseconds: more digits are noise. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
