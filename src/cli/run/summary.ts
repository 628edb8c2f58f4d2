import { inspect } from 'node:util'
import { enumerate, inBytes } from '../../base/index.ts'
import type { DiskUse, Recovery, RunOutcome, SchemeName, TakeOver } from '../../machine/index.ts'
import { placeName } from '../../protocol/index.ts'
import type { Paint } from '../surroundings.ts'
import { inColumns, inRange, inTime } from '../wording.ts'
import { recoveryParts, takeOverParts } from './news-lines.ts'
import type { Verification } from './verification.ts'

const resultLineLength = 100
const resultsShownMax = 8

type Row = readonly [label: string, value: string, remark: string]

/** What came of a run and what it cost, as lines without their ends. */
export function summaryLines(
  outcome: RunOutcome,
  verification: Verification,
  scheme: SchemeName,
  paint: Paint,
): readonly string[] {
  const costs = [
    ...elapsedRows(outcome),
    ...(scheme === 'none' ? [] : [...checkpointRows(outcome), ...takenRows(outcome)]),
  ]
  const recoveries = outcome.recoveries.flatMap((recovery, index) => recoveryRows(recovery, index, outcome))
  const takeOvers = outcome.takeOvers.map((takeOver, index) => takeOverRow(takeOver, index, outcome))
  const lines = inColumns([...costs, ...recoveries, ...takeOvers]).map((line) => `  ${line}`)
  const results = resultLines(outcome.results, paint)
  if (results.length > 0) results.push('')
  return ['', verificationLine(verification, paint), '', ...results, ...lines, '']
}

function verificationLine(verification: Verification, paint: Paint): string {
  switch (verification.kind) {
    case 'right':
      return paint.green(`✔ ${verification.line}`)
    case 'wrong':
      return paint.red('✘ the result is wrong')
    case 'none':
      return 'finished; the result is not verified, since the program has no verify()'
  }
}

function elapsedRows({ elapsedMs }: RunOutcome): Row[] {
  return [['elapsed', inTime(elapsedMs), '']]
}

function checkpointRows({ checkpoints }: RunOutcome): Row[] {
  const { committed, deltaBytes, blockedMs, drainMs, latencyMs, disk } = checkpoints
  return [
    ['checkpoints committed', String(committed), ''],
    // Where files keep them, nothing is sent.
    ...(disk !== null && deltaBytes === 0 ? [] : [['delta sent', inBytes(deltaBytes), ''] as const]),
    ...spreadRow(drainMs === null ? 'held up per checkpoint' : 'frozen per checkpoint', blockedMs),
    ...(drainMs === null ? [] : spreadRow('  of it, draining channels', drainMs)),
    ...spreadRow('latency to commit', latencyMs),
    ...(disk === null ? [] : diskRows(disk)),
  ]
}

function diskRows({ bytes, writeMs }: DiskUse): Row[] {
  return [
    ['checkpoints on disk', String(writeMs.count), `${inBytes(bytes)} written`],
    ...spreadRow('  time to write one', writeMs),
  ]
}

/** What the checkpoints took beside time. */
function takenRows({ log: { messages, bytes }, memory }: RunOutcome): Row[] {
  if (messages.count === 0) return []
  const logged = `${inBytes(Math.round(bytes.median))} (median of a process; at most ${messages.max} and ${inBytes(bytes.max)})`
  return [
    ['messages in a checkpoint', String(messages.median), logged],
    ['memory for protection', inBytes(protectionBytes(memory)), `${shareOfProgram(memory)}: ${byRole(memory)}`],
    ...processRows(memory.processBytes),
  ]
}

/** What was touched for protection, beside the program's own memory. */
function protectionBytes({ applicationBytes, checkpointBytes, backupBytes, spareBytes }: RunOutcome['memory']): number {
  return applicationBytes + checkpointBytes + backupBytes + spareBytes
}

export function byRole({ applicationBytes, checkpointBytes, backupBytes, spareBytes }: RunOutcome['memory']): string {
  const roles = [
    `${inBytes(applicationBytes)} on application processors`,
    `${inBytes(checkpointBytes)} on checkpoint processors`,
    `${inBytes(backupBytes)} on backups`,
    `${inBytes(spareBytes)} on spares`,
  ]
  return roles.join(', ')
}

/** What their processes have touched in all, Node included. */
function processRows(bytes: RunOutcome['memory']['processBytes']): Row[] {
  if (bytes === null) return []
  const { application, checkpoint, backup, spare, conductor, launcher } = bytes
  const sum = application + checkpoint + backup + spare + conductor + launcher
  const parts = [
    `application processors ${inBytes(application)}`,
    `checkpoint processors ${inBytes(checkpoint)}`,
    `backups ${inBytes(backup)}`,
    `spares ${inBytes(spare)}`,
    ...(conductor > 0 ? [`conductors ${inBytes(conductor)}`] : []),
    `launcher ${inBytes(launcher)}`,
  ]
  return [['memory of all processes', inBytes(sum), parts.join(', ')]]
}

/** Of a program with hardly any memory of its own, a percentage would say nothing. */
const percentMax = 1000

/** What all processors hold for protection, beside the program's own memory. */
function shareOfProgram(memory: RunOutcome['memory']): string {
  const { programBytes } = memory
  const percent = (100 * protectionBytes(memory)) / programBytes
  return percent <= percentMax
    ? `${percent.toFixed(0)} % of the program's`
    : `the program's is ${inBytes(programBytes)}`
}

function spreadRow(label: string, spread: RunOutcome['checkpoints']['blockedMs']): Row[] {
  return spread.count === 0 ? [] : [[label, inTime(spread.median), `median; ${inRange(spread)}`]]
}

function recoveryRows(recovery: Recovery, index: number, { recoveries }: RunOutcome): Row[] {
  const number = recoveries.length > 1 ? ` ${index + 1}` : ''
  const whom = enumerateAlike(recovery.lost.map(placeName))
  return [
    [
      `recovery${number}`,
      `checkpoint ${recovery.toCheckpoint}${recovery.fromDisk ? ' on disk' : ''}`,
      whom === '' ? '' : `lost: ${whom}`,
    ],
    ['  time to recover', inTime(recovery.totalMs), recoveryParts(recovery)],
    ['  work lost', recovery.rollback ? inTime(recovery.lostWorkMs) : 'none', ''],
  ]
}

function takeOverRow({ pid, ...parts }: TakeOver, index: number, { takeOvers }: RunOutcome): Row {
  const number = takeOvers.length > 1 ? ` ${index + 1}` : ''
  return [`take-over${number}`, inTime((parts.detectMs ?? 0) + parts.takeOverMs), takeOverParts(parts)]
}

/** `a, b and c`; one that comes several times is told once, with how often: `a (3 times) and b`. */
function enumerateAlike(items: readonly string[]): string {
  const times = (one: string): number => items.filter((other) => other === one).length
  return enumerate([...new Set(items)].map((one) => (times(one) === 1 ? one : `${one} (${times(one)} times)`)))
}

/** What the processes gave to `done`, those that gave nothing left out. */
export function resultLines(results: readonly unknown[], paint: Paint): string[] {
  const given = [...results.entries()].filter(([, result]) => result !== undefined)
  if (given.length === 0) return []
  const isLone = given.length === 1 && given[0]![0] === 0
  const label = (rank: number): string => (isLone ? 'result' : `result of process ${rank}`)
  const rows = given.slice(0, resultsShownMax).map(([rank, result]) => [label(rank), inOneLine(result)])
  const more = given.length - rows.length
  const lines = inColumns(rows).map((line) => `  ${line}`)
  return [...lines, ...(more > 0 ? [paint.dim(`  and ${more} more; --json shows all`)] : [])]
}

function inOneLine(result: unknown): string {
  const text = inspect(result, { breakLength: Number.POSITIVE_INFINITY, depth: 2, maxArrayLength: 10 })
  return text.length > resultLineLength ? `${text.slice(0, resultLineLength)} …` : text
}
