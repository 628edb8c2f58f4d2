import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { foldAll } from '../folding.ts'
import { type Paint, paintFor, type Surroundings } from '../surroundings.ts'
import { inColumns } from '../wording.ts'
import type { ProgramFacts } from './facts.ts'

/** Written when Paritas is built, since loading every program takes much longer than listing them. */
const builtList = fileURLToPath(new URL('../../../dist/programs.json', import.meta.url))

/** What ships: each program with its sizes, its input and its output. */
export async function tellPrograms(
  isJson: boolean,
  { stdout, stderr, env, programsFolder }: Pick<Surroundings, 'stdout' | 'stderr' | 'env' | 'programsFolder'>,
): Promise<void> {
  const programs = await shippedPrograms(programsFolder)
  const report = isJson ? stderr : stdout
  const paint = paintFor(report, env)
  const lines = programs.flatMap((program, index) => [...(index > 0 ? [''] : []), ...programLines(program, paint)])
  report.write(`${foldAll(lines, report.columns).join('\n')}\n`)
  if (isJson) stdout.write(`${JSON.stringify({ programs })}\n`)
}

/** As they were when Paritas was built, or read from the programs themselves where one has been changed since. */
export async function shippedPrograms(programsFolder: string, list = builtList): Promise<readonly ProgramFacts[]> {
  const builtMs = statSync(list, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY
  if (newestMs(programsFolder) <= builtMs) return JSON.parse(readFileSync(list, 'utf8')) as ProgramFacts[]
  return (await import('./about.ts')).aboutPrograms(programsFolder)
}

function newestMs(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Math.max(...names.map((name) => statSync(join(folder, name)).mtimeMs))
}

function programLines({ name, description, sizes, input, output }: ProgramFacts, paint: Paint): string[] {
  const rows = [
    ...sizes.map((size) => [`--size ${size.name}=${size.default}`, `${size.help} (${size.allowed})`]),
    ...(input === null ? [] : [[['--input', ...input.files].join(' '), input.description]]),
    ...(output === null ? [] : [['--output FILE', output.description]]),
  ]
  const headline = description === null ? paint.bold(name) : `${paint.bold(name)}: ${description}`
  return [headline, ...inColumns(rows).map((line) => `  ${line}`)]
}
