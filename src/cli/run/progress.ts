import { enumerate, inBytes } from '../../base/index.ts'
import type { LongStep, RunNews } from '../../machine/index.ts'
import type { Paint } from '../surroundings.ts'
import { inTime } from '../wording.ts'

/** Where a run stands, as far as its news tell. */
export interface RunProgress {
  /** What is being done when it is not computing, such as `reading numbers.txt`; null while it computes. */
  readonly activity: string | null
  /** 0 to 1; null while the program has said nothing. */
  readonly share: number | null
  readonly checkpoint: number
  readonly deltaBytes: number
  readonly isRecovering: boolean
  readonly longSteps: readonly LongStep[]
}

export const noProgress: RunProgress = {
  ...{ activity: null, share: null, checkpoint: 0, deltaBytes: 0, isRecovering: false, longSteps: [] },
}

/** `progress` after `news`. */
export function advance(progress: RunProgress, news: RunNews): RunProgress {
  switch (news.type) {
    case 'started':
      return { ...progress, activity: null }
    case 'starting':
      return { ...progress, activity: startingText(news) }
    case 'progress':
      return { ...progress, share: Math.min(Math.max(news.share, 0), 1) }
    case 'longSteps':
      return { ...progress, longSteps: news.steps }
    case 'commit':
      return { ...progress, checkpoint: news.checkpoint, deltaBytes: news.deltaBytes }
    case 'lost':
      return { ...progress, isRecovering: true }
    case 'resumed':
      return { ...progress, isRecovering: false }
    default:
      return progress
  }
}

export function startingText({ ready, wanted }: Extract<RunNews, { type: 'starting' }>): string {
  return `starting processors: ${ready} of ${wanted} are ready`
}

const barLength = 24

/** The line that is rewritten in a terminal, at most `columns` wide. */
export function liveText(progress: RunProgress, elapsedMs: number, columns: number, paint: Paint): string {
  const { activity, share, checkpoint, deltaBytes, isRecovering } = progress
  if (activity !== null) return `  ${paint.dim(activity.slice(0, Math.max(0, columns - 3)))}`
  const parts: [text: string, shown: string][] = []
  const add = (text: string, style: (text: string) => string): number => parts.push([text, style(text)])
  const steps = longStepsText(progress, elapsedMs)
  if (share !== null) {
    const filled = Math.round(share * barLength)
    const style = isRecovering ? paint.yellow : paint.green
    // Long steps are told of in the room of the bar.
    if (steps === null)
      parts.push(['━'.repeat(barLength), style('━'.repeat(filled)) + paint.dim('─'.repeat(barLength - filled))])
    add(`${percent(share)} %`.padStart(5), paint.bold)
  }
  add(seconds(elapsedMs), paint.dim)
  if (steps !== null) add(steps, paint.yellow)
  if (isRecovering) add('recovering', paint.yellow)
  else if (checkpoint > 0) add(`checkpoint ${checkpoint}`, paint.dim)
  if (deltaBytes > 0) add(`${inBytes(deltaBytes)} of delta sent`, paint.dim)
  let line = ''
  let length = 1
  for (const [text, shown] of parts) {
    length += text.length + 2
    // One column stays free, or some terminals begin a new line.
    if (length >= columns) break
    line += `  ${shown}`
  }
  return line
}

/** What is said of the progress where nothing can be rewritten. */
export function plainText({ share, checkpoint, deltaBytes }: RunProgress): string {
  const done = share === null ? 'computing' : `${percent(share)} %`.padStart(5)
  const sent = deltaBytes > 0 ? `   ${inBytes(deltaBytes)} of delta sent` : ''
  return checkpoint > 0 ? `${done}   checkpoint ${checkpoint}${sent}` : done
}

/** A step that has gone on for this long is told of: it may never end. */
const longStepMsMin = 2000
const ranksShownMax = 4

/** Which processes have been in which step for how long, the longest first; null where that is short. */
export function longStepsText({ longSteps }: RunProgress, elapsedMs: number): string | null {
  const long = longSteps.filter(({ sinceMs }) => elapsedMs - sinceMs >= longStepMsMin)
  if (long.length === 0) return null
  const sinceMs = Math.min(...long.map((one) => one.sinceMs))
  const { step } = long.find((one) => one.sinceMs === sinceMs)!
  const ranks = long.filter((one) => one.step === step).map(({ rank }) => rank)
  const others = long.length - ranks.length
  const where = step === 0 ? 'start' : `step ${step}`
  const what = `${processesText(ranks)} in ${where} for ${seconds(elapsedMs - sinceMs).replace(/\.\d/, '')}`
  return others === 0 ? what : `${what}, and ${others} more in others`
}

function processesText(ranks: readonly number[]): string {
  if (ranks.length === 1) return `process ${ranks[0]}`
  if (ranks.length <= ranksShownMax) return `processes ${enumerate(ranks.map(String))}`
  return `${ranks.length} processes`
}

function percent(share: number): number {
  return Math.floor(share * 100)
}

/** Tenths of a second: more would only flicker. */
function seconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : inTime(ms)
}
