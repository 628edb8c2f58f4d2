import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { listPrograms, loadProgram, withRunFolder } from '../../machine/index.ts'
import { inputFileNames, type Program } from '../../program/index.ts'
import type { ProgramFacts } from './facts.ts'

/** Bundles and imports each program in `programsFolder`, and says what it is. */
export async function aboutPrograms(programsFolder: string): Promise<ProgramFacts[]> {
  return await withRunFolder(async (folder) => {
    const facts: ProgramFacts[] = []
    for (const name of listPrograms(programsFolder)) {
      // A module is imported once for each path, so each bundle needs one of its own.
      const cacheFolder = join(folder, name)
      await mkdir(cacheFolder)
      facts.push(factsOf((await loadProgram(name, { programsFolder, cacheFolder })).program))
    }
    return facts
  })
}

function factsOf(program: Program): ProgramFacts {
  const { name, description = null, size = {}, input, output } = program
  return {
    name,
    description,
    sizes: Object.entries(size).map(([sizeName, field]) => ({
      ...{ name: sizeName, default: field.default, help: field.help, allowed: field.allowed },
    })),
    input: input === undefined ? null : { files: inputFileNames(program), description: input.description },
    output: output === undefined ? null : { description: output.description ?? 'what the program emits' },
  }
}
