import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { listPrograms, loadProgram } from '../machine/index.ts'
import { inputFileNames, type Program } from '../program/index.ts'
import { withRunFolder } from './run/run-folder.ts'
import type { Paint } from './surroundings.ts'
import { inColumns } from './wording.ts'

/** What ships in `programsFolder`: each program with its sizes, its input and its output, as lines without their ends. */
export async function programLines(programsFolder: string, paint: Paint): Promise<string[]> {
  const programs = await withRunFolder((folder) => loadAll(programsFolder, folder))
  return programs.flatMap((program, index) => [...(index > 0 ? [''] : []), ...aboutProgram(program, paint)])
}

async function loadAll(programsFolder: string, folder: string): Promise<Program[]> {
  const programs: Program[] = []
  for (const name of listPrograms(programsFolder)) {
    // A module is imported once for each path, so each bundle needs one of its own.
    const cacheFolder = join(folder, name)
    await mkdir(cacheFolder)
    programs.push((await loadProgram(name, { programsFolder, cacheFolder })).program)
  }
  return programs
}

function aboutProgram(program: Program, paint: Paint): string[] {
  const { name, description, size = {}, input, output } = program
  const sizes = Object.entries(size).map(([sizeName, field]) => [
    `--size ${sizeName}=${field.default}`,
    `${field.help} (${field.allowed})`,
  ])
  const files = [
    ...(input === undefined ? [] : [[['--input', ...inputFileNames(program)].join(' '), input.description]]),
    ...(output === undefined ? [] : [['--output FILE', output.description ?? 'what the program emits']]),
  ]
  const headline = description === undefined ? paint.bold(name) : `${paint.bold(name)}: ${description}`
  return [headline, ...inColumns([...sizes, ...files]).map((line) => `  ${line}`)]
}
