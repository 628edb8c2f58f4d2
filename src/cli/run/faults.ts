import { UsageError } from '../../base/index.ts'
import type { Fault, FaultTarget, FaultTime, SchemeName } from '../../machine/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place, rankOf } from '../../protocol/index.ts'
import { parseDuration } from '../quantities.ts'

/** What a fault must fit to: the machine it is done to. */
export interface FaultContext {
  readonly processes: number
  readonly spares: number
  /** That may conduct. */
  readonly conductors: number
  readonly scheme: SchemeName
  /** Null where there are no check processors. */
  readonly code: Pick<ErasureCode, 'checks' | 'copies'> | null
}

/** The fault of `--kill WHO@WHEN`. */
export function parseKill(text: string, context: FaultContext): Fault {
  return { kind: 'kill', ...parseFault(`--kill ${text}`, text, context) }
}

/** The fault of `--freeze WHO@WHEN[+DURATION]`. */
export function parseFreeze(text: string, context: FaultContext): Fault {
  const option = `--freeze ${text}`
  const plus = text.indexOf('+')
  const thawAfterMs = plus === -1 ? null : parseDuration(`${option}: the part after '+'`, text.slice(plus + 1))
  return { kind: 'freeze', thawAfterMs, ...parseFault(option, plus === -1 ? text : text.slice(0, plus), context) }
}

/** The fault as it is written on the command line, such as `--kill 2@50%`. */
export function faultOption(fault: Fault): string {
  const thaw = fault.kind === 'freeze' && fault.thawAfterMs !== null ? `+${fault.thawAfterMs}ms` : ''
  return `--${fault.kind} ${targetText(fault.who)}@${timeText(fault.when)}${thaw}`
}

/** What to write where a share of the progress is of no use. */
export const insteadOfShare = 'write a time, such as 1@2s, or a commit, such as 1@commit:3'

/** Faults that cannot come, since the program never says how far it is, each as a line. */
export function neverComing(faults: readonly Fault[], mayReportProgress: boolean): string[] {
  const waiting = faults.filter(({ when }) => when.kind === 'progress' && when.share > 0 && !mayReportProgress)
  return waiting.map(
    (fault) =>
      `  ${faultOption(fault)} will not come: this program reports no progress (self.progress); ${insteadOfShare}`,
  )
}

/** The first check row goes by the name of its role. */
function targetText(who: FaultTarget): string {
  if (who === 'spare' || who === 'random' || who === 'conductor') return who
  if (who === checkpointPlace(0)) return 'checkpoint'
  if (who === backupPlace(0)) return 'backup'
  return String(rankOf(who) ?? who)
}

function timeText(when: FaultTime): string {
  switch (when.kind) {
    case 'time':
      return `${when.ms}ms`
    case 'progress':
      return `${Number((when.share * 100).toFixed(6))}%`
    case 'commit':
      return `commit:${when.checkpoint}`
    case 'every':
      return `every:${when.ms}ms`
  }
}

function parseFault(
  option: string,
  text: string,
  context: FaultContext,
): { readonly who: FaultTarget; readonly when: FaultTime } {
  const [who, when, ...rest] = text.split('@')
  if (!who || !when || rest.length > 0) {
    throw new UsageError(`${option}: write WHO@WHEN, such as 2@50%, checkpoint@1.5s or random@commit:3`)
  }
  return { who: parseTarget(option, who, context), when: parseTime(option, when, context) }
}

function parseTarget(option: string, who: string, context: FaultContext): FaultTarget {
  if (who === 'random') return who
  if (who === 'conductor') {
    if (context.conductors > 1) return who
    throw new UsageError(
      `${option}: this command itself conducts; with --conductors 2 one of two processes does, and the other takes over`,
    )
  }
  if (who === 'spare') {
    if (context.spares === 0) throw new UsageError(`${option}: there is no spare: --spares is 0`)
    return who
  }
  return parsePlace(option, who, context)
}

/** The place of `2`, `a2`, `checkpoint`, `c1` and the like. */
export function parsePlace(option: string, who: string, { processes, code, scheme }: FaultContext): Place {
  const [, rank] = /^a?(\d{1,6})$/.exec(who) ?? []
  if (rank !== undefined) {
    if (Number(rank) < processes) return applicationPlace(Number(rank))
    const known = processes === 1 ? 'there is only process 0' : `processes are 0 to ${processes - 1}`
    throw new UsageError(`${option}: there is no process ${rank}: ${known}`)
  }
  return parseCheck(option, who, code, scheme)
}

/** `checkpoint`, `backup`, or with a number of its row `c1` or `b1`. */
function parseCheck(option: string, who: string, code: FaultContext['code'], scheme: SchemeName): Place {
  const [, role, row] = /^(c|b)(\d{1,6})$/.exec(who.replace(/^checkpoint$/, 'c0').replace(/^backup$/, 'b0')) ?? []
  if (role === undefined) {
    throw new UsageError(
      `${option}: '${who}' is neither the number of a process nor checkpoint, backup, spare, conductor or random`,
    )
  }
  const name = role === 'c' ? 'checkpoint' : 'backup'
  if (!code) throw new UsageError(`${option}: there is no ${name} processor with --scheme ${scheme}`)
  if (role === 'b' && code.copies === 1) throw new UsageError(`${option}: mirrors have no backup processors`)
  const { checks } = code
  if (Number(row) < checks) return role === 'c' ? checkpointPlace(Number(row)) : backupPlace(Number(row))
  const known = checks === 1 ? `there is only ${role}0` : `they are ${role}0 to ${role}${checks - 1}`
  throw new UsageError(`${option}: there is no ${name} processor ${who}: ${known}`)
}

function parseTime(option: string, when: string, { scheme }: FaultContext): FaultTime {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(when) ?? []
  if (percent !== undefined) {
    if (Number(percent) <= 100) return { kind: 'progress', share: Number(percent) / 100 }
    throw new UsageError(`${option}: progress goes up to 100%`)
  }
  const [, checkpoint] = /^commit:(\d{1,9})$/.exec(when) ?? []
  if (checkpoint !== undefined) {
    if (scheme === 'none') throw new UsageError(`${option}: nothing is committed with --scheme none`)
    if (Number(checkpoint) > 0) return { kind: 'commit', checkpoint: Number(checkpoint) }
    throw new UsageError(`${option}: commits are counted from 1`)
  }
  const [, period] = /^every:(.*)$/.exec(when) ?? []
  if (period !== undefined) return { kind: 'every', ms: parsePeriod(option, period) }
  if (!/^[\d.]+ ?[a-z]+$/i.test(when)) {
    throw new UsageError(`${option}: '${when}' is no time: write 1.5s, 250ms, 40%, commit:3 or every:1s`)
  }
  return { kind: 'time', ms: parseDuration(`${option}: the time`, when) }
}

function parsePeriod(option: string, text: string): number {
  const ms = parseDuration(`${option}: the time after 'every:'`, text)
  if (ms >= 1) return ms
  throw new UsageError(`${option}: the time after 'every:' must be at least 1ms`)
}
