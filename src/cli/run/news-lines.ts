import { enumerate, inBytes } from '../../base/index.ts'
import type { Recovery, RunNews, TakeOver } from '../../machine/index.ts'
import type { Paint } from '../surroundings.ts'
import { counted, inColumns, inTime } from '../wording.ts'
import { faultOption, insteadOfShare } from './faults.ts'

/** What is told of `news`, as lines without their ends; none for news that only moves the progress. */
export function linesOf(news: RunNews, paint: Paint): string[] {
  switch (news.type) {
    case 'started':
      return processorLines(news.processors).map((line) => paint.dim(line))
    case 'progress':
    case 'longSteps':
    case 'commit':
    case 'emitted':
    case 'stored':
    case 'starting':
    case 'ended':
      return []
    case 'log':
      return news.text.split('\n').map((line) => timed(news.atMs, `process ${news.rank}: ${line}`, paint))
    case 'fault':
      return [timed(news.atMs, paint.red(faultText(news)), paint)]
    case 'lost':
      return [timed(news.atMs, paint.yellow(`lost ${news.name} (${pidOf(news)}): ${news.why}`), paint)]
    case 'slow':
      return [timed(news.atMs, slowText(news), paint)]
    case 'alone':
      return [timed(news.atMs, aloneText(news), paint)]
    case 'heldUp':
      return [timed(news.atMs, paint.yellow(heldUpText(news)), paint)]
    case 'replaced':
      return [timed(news.atMs, `${pidOf(news)} takes the place of ${news.name}`, paint)]
    case 'conductorLost':
      return [timed(news.atMs, paint.yellow(conductorText(news)), paint)]
    case 'tookOver':
      return [timed(news.atMs, paint.green(takeOverText(news.takeOver)), paint)]
    case 'spareLost':
      return [timed(news.atMs, paint.yellow(`lost a spare processor (${pidOf(news)}); starting another`), paint)]
    case 'hostLost':
      return [timed(news.atMs, paint.yellow(hostLossText(news)), paint)]
    case 'hostCoverage':
      return [timed(news.atMs, hostCoverageText(news), paint)]
    case 'coverage':
      return news.missing.length === 0 ? [] : [timed(news.atMs, coverageText(news), paint)]
    case 'line':
      return [timed(news.atMs, lineText(news), paint)]
    case 'resumed':
      return resumedLines(news.recovery, news.atMs, paint)
    case 'failedStep':
      return [
        timed(news.atMs, paint.yellow(`a step of process ${news.rank} threw: ${firstLine(news.error)}`), paint),
        timed(news.atMs, 'going back once, in case the machine was at fault', paint),
      ]
    case 'fenced':
      return [timed(news.atMs, `${pidOf(news)}, replaced while it was silent, came back and was told to end`, paint)]
    case 'faultMissed':
      return [paint.yellow(`  ${faultOption(news.fault)} did not happen: ${missedText(news)}`)]
    case 'warning':
      return [paint.yellow(`  ${news.text}`)]
  }
}

const timeWidth = 8

/** `text` behind the time since the program began to compute. */
export function timed(atMs: number, text: string, paint: Paint): string {
  return `  ${paint.dim(inTime(atMs).padStart(timeWidth))}  ${text}`
}

/** As their names begin, and what several are. */
const kinds = [
  ...(['application', 'checkpoint', 'backup', 'spare'] as const).map((kind) => [kind, `${kind} processor`] as const),
  ['conductor', 'conductor'],
  ['standby', 'standby conductor'],
] as const

/** One row for each kind of processor, with the process ids in the order of the ranks, or the hosts that they are on. */
function processorLines(processors: Extract<RunNews, { type: 'started' }>['processors']): string[] {
  const inOrder = [...processors].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  const rows = kinds.flatMap(([kind, what]) => {
    const some = inOrder.filter(({ name }) => name.startsWith(kind))
    if (some.length === 0) return []
    return [[counted(some.length, what), whereabouts(some)]]
  })
  return inColumns(rows).map((line) => `  ${line}`)
}

function whereabouts(processors: Extract<RunNews, { type: 'started' }>['processors']): string {
  const hosts = processors.flatMap(({ host }) => host ?? [])
  return hosts.length > 0 ? `on ${enumerate(hosts)}` : `pid ${processors.map(({ pid }) => pid).join(', ')}`
}

/** `pid 47`, or `pid 47 on h2`. */
function pidOf({ pid, host = null }: { readonly pid: number; readonly host?: string | null }): string {
  return host === null ? `pid ${pid}` : `pid ${pid} on ${host}`
}

function conductorText({ pid, why, conducted }: Extract<RunNews, { type: 'conductorLost' }>): string {
  return conducted ? `lost the conductor (pid ${pid}): ${why}` : `lost a standby conductor (pid ${pid}): ${why}`
}

function takeOverText({ pid, ...parts }: TakeOver): string {
  return `pid ${pid} conducts (${takeOverParts(parts)})`
}

/** `detect 3.1 ms, take over 12 ms`. */
export function takeOverParts({ detectMs, takeOverMs }: Pick<TakeOver, 'detectMs' | 'takeOverMs'>): string {
  const detect = detectMs === null ? 'detect unknown' : `detect ${inTime(detectMs)}`
  return `${detect}, take over ${inTime(takeOverMs)}`
}

function faultText({ kind, name, ...process }: Extract<RunNews, { type: 'fault' }>): string {
  const pid = pidOf(process)
  switch (kind) {
    case 'kill':
      return `killing ${name} (${pid}) with SIGKILL`
    case 'freeze':
      return `freezing ${name} (${pid}) with SIGSTOP`
    case 'thaw':
      return `waking ${name} (${pid}) with SIGCONT`
  }
}

function slowText({ name, silentMs, ...process }: Extract<RunNews, { type: 'slow' }>): string {
  return `${name} (${pidOf(process)}) is slow: it lives, but has got no processor time to beat for ${inTime(silentMs)}`
}

function aloneText({ name, silentMs, ...process }: Extract<RunNews, { type: 'alone' }>): string {
  return `${name} (${pidOf(process)}) heard nobody for ${inTime(silentMs)}, and its program stood still until it did`
}

function heldUpText({ rank, bytes, missing, longStep }: Extract<RunNews, { type: 'heldUp' }>): string {
  const what = `process ${rank} waits: ${inBytes(bytes)} of output and messages cannot be committed`
  if (missing.length > 0) return `${what} until ${inFew(missing)} ${missing.length === 1 ? 'is' : 'are'} there again`
  if (longStep) return `${what} before process ${longStep.rank} has ended step ${longStep.step}`
  return `${what} yet`
}

function missedText({ fault, hadProgress }: Extract<RunNews, { type: 'faultMissed' }>): string {
  return fault.when.kind === 'progress' && !hadProgress
    ? `the program reported no progress (self.progress); ${insteadOfShare}`
    : 'the run ended first, or there was nobody to hit'
}

function coverageText({ missing, furtherLosses, hasDisk }: Extract<RunNews, { type: 'coverage' }>): string {
  const until = `until ${inFew(missing)} ${missing.length === 1 ? 'is' : 'are'} restored`
  if (furtherLosses > 0)
    return `${until}, ${counted(furtherLosses, 'further loss')} ${furtherLosses === 1 ? 'is' : 'are'} covered`
  return hasDisk
    ? `${until}, a further loss takes every process back to the disk`
    : `${until}, no further loss is covered`
}

/** `lost host h3 (a2, b0 and a spare): its heartbeats are missing`. */
function hostLossText({ host, places, spares, why }: Extract<RunNews, { type: 'hostLost' }>): string {
  const idle = spares === 0 ? [] : [spares === 1 ? 'a spare' : `${spares} spares`]
  const what = [...(places.length > placesShownMax ? [`${places.length} places`] : places), ...idle]
  return `lost host ${host ?? 'of unknown name'} (${enumerate(what)}): ${why}`
}

/** `the loss of host h2 (a0 and a1) would not be covered`. */
function hostCoverageText({ hosts, hasDisk }: Extract<RunNews, { type: 'hostCoverage' }>): string {
  if (hosts.length === 0) return 'the loss of any one host is covered again'
  const what = hosts.map(({ host, places }) => `${host} (${enumerate(places)})`)
  const which = what.length > namesShownMax ? `any of ${what.length} hosts` : `host ${oneOf(what)}`
  return hasDisk
    ? `the loss of ${which} would take every process back to the disk`
    : `the loss of ${which} would not be covered`
}

/** `h1 or h2`. */
function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

const placesShownMax = 8
const namesShownMax = 3

function inFew(names: readonly string[]): string {
  return names.length <= namesShownMax ? enumerate(names) : `${names.length} processors`
}

function lineText({ toCheckpoint, rollback, fromDisk }: Extract<RunNews, { type: 'line' }>): string {
  if (fromDisk) return `recovering from disk: every process goes back to checkpoint ${toCheckpoint}`
  if (rollback) return `recovering: every process goes back to checkpoint ${toCheckpoint}`
  return `recovering: checkpoint ${toCheckpoint} stands, no process has to go back`
}

function resumedLines({ totalMs, lostWorkMs, rollback, ...parts }: Recovery, atMs: number, paint: Paint): string[] {
  const again = `computing again after ${inTime(totalMs)} (${recoveryParts(parts)})`
  const work = rollback ? [`${' '.repeat(timeWidth + 4)}${inTime(lostWorkMs)} of work is done again`] : []
  return [timed(atMs, paint.green(again), paint), ...work]
}

/** `detect 3.1 ms, rebuild 42 ms, resume 36 ms`. */
export function recoveryParts(parts: Pick<Recovery, 'detectMs' | 'rebuildMs' | 'resumeMs'>): string {
  const detect = parts.detectMs === null ? 'detect unknown' : `detect ${inTime(parts.detectMs)}`
  return `${detect}, rebuild ${inTime(parts.rebuildMs)}, resume ${inTime(parts.resumeMs)}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
