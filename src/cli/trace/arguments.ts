import { basename } from 'node:path'
import { UsageError } from '../../base/index.ts'
import { parsePath } from '../choices.ts'
import { parseWhole } from '../quantities.ts'

/** The options of `paritas trace show` as they were typed. */
export interface TypedShowOptions {
  readonly output?: string
  readonly from?: string
  readonly to?: string
  readonly story: string
}

export interface ShowArguments {
  readonly file: string
  readonly output: string
  readonly format: 'svg' | 'html'
  /** As typed: what they mean depends on the file. */
  readonly from: string | null
  readonly to: string | null
  /** Counting from 1. */
  readonly story: number
}

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readShowArguments(file: string, typed: TypedShowOptions): ShowArguments {
  if (file === '') throw new UsageError('the name of the trace is empty')
  const output = parsePath('--output', typed.output) ?? `${basename(file).replace(/\.(?:jsonl?|txt)$/, '')}.html`
  return {
    file,
    output,
    format: formatOf(output),
    from: typed.from ?? null,
    to: typed.to ?? null,
    story: parseWhole('--story', typed.story, { min: 1, max: 10_000 }),
  }
}

function formatOf(output: string): ShowArguments['format'] {
  if (/\.html?$/i.test(output)) return 'html'
  if (/\.svg$/i.test(output)) return 'svg'
  throw new UsageError(`--output ${output}: the name must end in .html or .svg`)
}
