import { readFile } from 'node:fs/promises'
import { UsageError } from '../../base/index.ts'
import { drawPage, drawPicture, summaryOf } from '../../drawing/index.ts'
import type { SpaceTime } from '../../trace/index.ts'
import { mention, requireDistinct } from '../distinct-files.ts'
import { interruptible } from '../interruption.ts'
import { parseDuration, parseWhole } from '../quantities.ts'
import { prepareOutput, writeOutput } from '../run/output-file.ts'
import type { Surroundings } from '../surroundings.ts'
import type { ShowArguments } from './arguments.ts'
import { type Readable, readFileToDraw } from './read-file.ts'

/** The script of pages, as the build makes it of src/viewer. */
const scriptUrl = new URL('../../../dist/viewer/viewer.js', import.meta.url)

const pictureWidthPx = 1440

/** Draws a trace or a scenario into a file. Throws a `UsageError` for whatever is wrong with file or options. */
export async function showTrace(args: ShowArguments, { stdout, stderr, signals }: Surroundings): Promise<void> {
  await requireDistinct([...mention('the trace', args.file, 'read'), ...mention('--output', args.output, 'write')])
  const target = await prepareOutput(args.output)
  await interruptible(
    signals,
    () => {},
    async (signal) => {
      const readable = await readFileToDraw(args.file, args.story, signal)
      const span = spanOf(readable.model, args)
      for (const remark of readable.remarks) stderr.write(`paritas: ${remark}\n`)
      const drawn = await draw(readable, span, args.format)
      await writeOutput(target, () => [drawn], signal)
      stdout.write(`${summaryOf(readable.model)}\n`)
      for (const finding of readable.findings) stdout.write(`${finding}\n`)
      stdout.write(`drawn in ${args.output}\n`)
    },
  )
}

interface TimeSpan {
  readonly from: number
  readonly to: number
}

function draw({ title, model, findings }: Readable, { from, to }: TimeSpan, format: 'svg' | 'html'): Promise<string> {
  if (format === 'svg') {
    return Promise.resolve(drawPicture(model, { title, findings, view: { from, to, width: pictureWidthPx } }))
  }
  return readFile(scriptUrl, 'utf8').then((script) => drawPage(model, { title, findings, from, to, script }))
}

function spanOf(model: SpaceTime, { from, to }: ShowArguments): TimeSpan {
  const span = {
    from: from === null ? startOf(model) : parseTime('--from', from, model),
    to: to === null ? model.to : parseTime('--to', to, model),
  }
  if (from !== null && span.from >= model.to && to === null) {
    throw new UsageError(`--from ${from}: the diagram ends before that, at ${Math.round(model.to)} ${unitOf(model)}`)
  }
  if (span.from < span.to || (from === null && to === null)) return span
  throw new UsageError(`--from and --to: the end must be after the beginning`)
}

/** How the machine came up is seldom of interest. */
function startOf({ from, to }: SpaceTime): number {
  return from < 0 && to > 0 ? Math.max(from, -0.03 * to) : from
}

const unitOf = ({ unit }: SpaceTime): string => (unit === 'ms' ? 'ms' : 'events')

function parseTime(option: string, text: string, { unit }: SpaceTime): number {
  return unit === 'ms' ? parseDuration(option, text) : parseWhole(option, text, { min: 0, max: 1_000_000_000 })
}
