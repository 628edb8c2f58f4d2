import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { messageOf, UsageError } from '../../base/index.ts'
import { fileError, isSystemError } from '../../file-errors/index.ts'
import { openForReading } from '../../files/index.ts'
import type { Story } from '../../simulator/index.ts'
import { buildSpaceTime, recordsMax, type SpaceTime, TraceError, TraceReader } from '../../trace/index.ts'

/** What is drawn of a file. */
export interface Readable {
  readonly title: string
  readonly model: SpaceTime
  readonly findings: readonly string[]
  /** What the reader should know of the file itself; each one line. */
  readonly remarks: readonly string[]
}

/** Scenarios are written by people, or are as short as they can be. */
const scenarioLengthMax = 1 << 20

/** Reads a trace or a scenario, whichever the file is. Throws a `UsageError` that names file and line. */
export async function readFileToDraw(path: string, story: number, signal: AbortSignal): Promise<Readable> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) throw new UsageError(`${path}: it is a folder; give the name of a file`)
    if (stats.isFile() && stats.size === 0) throw new UsageError(`${path} is empty`)
    const texts = (await openForReading(path, signal)).setEncoding('utf8')[Symbol.asyncIterator]()
    let first = ''
    while (first.trim() === '') {
      const { value, done } = await texts.next()
      if (done) throw new UsageError(`${path} is neither a trace nor a scenario: it is empty`)
      first += value as string
    }
    // Each line of a trace is a JSON object; no line of a scenario is.
    if (first.trimStart()[0] === '{') return await readTrace(path, first, texts)
    return await readScenario(path, await restOf(path, first, texts), story)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof TraceError) throw new UsageError(error.message)
    throw isSystemError(error) ? fileError(path, error) : error
  }
}

/** The whole of a scenario. */
async function restOf(path: string, first: string, texts: AsyncIterator<string>): Promise<string> {
  let text = first
  for await (const more of { [Symbol.asyncIterator]: () => texts }) {
    text += more
    if (text.length > scenarioLengthMax) break
  }
  if (text.length <= scenarioLengthMax) return text
  throw new UsageError(`${path} is neither a trace nor a scenario`)
}

async function readTrace(path: string, first: string, texts: AsyncIterator<string>): Promise<Readable> {
  const reader = new TraceReader(path)
  reader.push(first)
  for await (const text of { [Symbol.asyncIterator]: () => texts }) {
    reader.push(text)
    if (reader.isFull) break
  }
  const { records, brokenLine, isCut } = reader.end()
  const remarks = [
    ...(brokenLine === null ? [] : [`${path}:${brokenLine}: the last line breaks off; what comes before it is drawn`]),
    ...(isCut ? [`${path} has more than ${recordsMax} lines: only the first ones are drawn`] : []),
  ]
  return { title: basename(path), model: buildSpaceTime(records, 'ms'), findings: [], remarks }
}

async function readScenario(path: string, text: string, wanted: number): Promise<Readable> {
  const stories = await storiesOf(path, text)
  const story = stories[wanted - 1]
  if (!story) {
    throw new UsageError(`--story ${wanted}: ${path} has only ${stories.length === 1 ? 'one' : stories.length}`)
  }
  const { why, records, findings } = story
  const others = `${path} tells ${stories.length} stories; this is number ${wanted}: choose another with --story`
  return {
    title: stories.length === 1 ? basename(path) : `${basename(path)}, story ${wanted}${why === '' ? '' : `: ${why}`}`,
    model: buildSpaceTime(records, 'events'),
    findings,
    remarks: stories.length === 1 ? [] : [others],
  }
}

/** Whatever keeps a scenario from being played is the file's fault. */
async function storiesOf(path: string, text: string): Promise<readonly Story[]> {
  const { traceScenario } = await import('../../simulator/index.ts')
  let stories: readonly Story[]
  try {
    stories = traceScenario(text)
  } catch (error) {
    throw new UsageError(`${path} is neither a trace nor a scenario that can be played: ${messageOf(error)}`)
  }
  const played = stories.filter(({ records }) => records.length > 0)
  if (played.length === 0) throw new UsageError(`${path} is neither a trace nor a scenario: no machine starts in it`)
  return played
}
