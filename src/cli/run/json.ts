import type { DiskUse, Recovery, RunOutcome, Spread } from '../../machine/index.ts'
import { isTypedArray } from '../../program/index.ts'
import type { Failure } from '../failure.ts'

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
  }
}

/** What `--json` prints of a command that failed. */
export function failureJson({ exitCode, error, detail }: Failure): object {
  return { error, exitCode, ...(detail === null ? {} : { detail }) }
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

function range({ min, max }: Spread): [min: number, max: number] {
  return [rounded(min), rounded(max)]
}

/** To whole microseconds: more digits are noise. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/**
 * `value` with nothing in it that JSON drops or cannot say: typed arrays, sets and buffers become arrays, maps objects
 * (or pairs, if a key is no text), bigints texts, numbers that are no numbers their names, what is missing null.
 */
export function jsonSafe(value: unknown): unknown {
  return convert(value, [])
}

function convert(value: unknown, within: readonly object[]): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value === undefined || value === null) return null
  if (typeof value !== 'object') return value
  if (within.includes(value)) return '[circular]'
  const inner = [...within, value]
  const all = (values: Iterable<unknown>): unknown[] => Array.from(values, (one) => convert(one, inner))
  const named = (entries: Iterable<readonly [string, unknown]>): object =>
    Object.fromEntries(Array.from(entries, ([name, one]) => [name, convert(one, inner)]))

  if (isTypedArray(value) || Array.isArray(value) || value instanceof Set) return all(value as Iterable<unknown>)
  if (ArrayBuffer.isView(value)) return all(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if (value instanceof ArrayBuffer) return all(new Uint8Array(value))
  if (value instanceof Map) {
    const entries = [...value]
    const isNamed = entries.every(([key]) => typeof key === 'string')
    return isNamed ? named(entries as [string, unknown][]) : entries.map(all)
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (value instanceof RegExp) return String(value)
  return named(Object.entries(value))
}
