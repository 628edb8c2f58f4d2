import { inBytes } from '../../base/index.ts'
import type { RunNews } from '../../machine/index.ts'
import type { Paint } from '../surroundings.ts'
import { inTime } from '../wording.ts'

/** Where a run stands, as far as its news tell. */
export interface Progress {
  /** What is being done when it is not computing, such as `reading numbers.txt`; null while it computes. */
  readonly activity: string | null
  /** 0 to 1; null while the program has said nothing. */
  readonly share: number | null
  readonly checkpoint: number
  readonly deltaBytes: number
  readonly isRecovering: boolean
}

export const noProgress: Progress = { activity: null, share: null, checkpoint: 0, deltaBytes: 0, isRecovering: false }

/** `progress` after `news`. */
export function advance(progress: Progress, news: RunNews): Progress {
  switch (news.type) {
    case 'started':
      return { ...progress, activity: null }
    case 'starting':
      return { ...progress, activity: startingText(news) }
    case 'progress':
      return { ...progress, share: Math.min(Math.max(news.share, 0), 1) }
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
export function liveText(progress: Progress, elapsedMs: number, columns: number, paint: Paint): string {
  const { activity, share, checkpoint, deltaBytes, isRecovering } = progress
  if (activity !== null) return `  ${paint.dim(activity.slice(0, Math.max(0, columns - 3)))}`
  const parts: [text: string, shown: string][] = []
  const add = (text: string, style: (text: string) => string): number => parts.push([text, style(text)])
  if (share !== null) {
    const filled = Math.round(share * barLength)
    const style = isRecovering ? paint.yellow : paint.green
    parts.push(['━'.repeat(barLength), style('━'.repeat(filled)) + paint.dim('─'.repeat(barLength - filled))])
    add(`${percent(share)} %`.padStart(5), paint.bold)
  }
  add(seconds(elapsedMs), paint.dim)
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
export function plainText({ share, checkpoint, deltaBytes }: Progress): string {
  const done = share === null ? 'computing' : `${percent(share)} %`.padStart(5)
  const sent = deltaBytes > 0 ? `   ${inBytes(deltaBytes)} of delta sent` : ''
  return checkpoint > 0 ? `${done}   checkpoint ${checkpoint}${sent}` : done
}

function percent(share: number): number {
  return Math.floor(share * 100)
}

/** Tenths of a second: more would only flicker. */
function seconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : inTime(ms)
}
