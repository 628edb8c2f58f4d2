import { codeFor } from '../../machine/index.ts'
import { parseSeed } from '../choices.ts'
import type { Surroundings } from '../surroundings.ts'
import type { RunArguments } from './arguments.ts'
import { type CheckpointFolder, withOldFolder } from './checkpoint-folder.ts'
import { parseFreeze, parseKill } from './faults.ts'
import { perform, requireDistinctFiles } from './run.ts'
import { type RunDescription, readDescription } from './run-description.ts'
import { RunStore } from './run-store.ts'

/** The options of `paritas resume` as they were typed. Everything else is as it was when the run began. */
export interface TypedResumeOptions {
  readonly kill: readonly string[]
  readonly freeze: readonly string[]
  readonly seed?: string
  readonly trace?: string
  readonly output?: string
  readonly json?: true
  readonly quiet?: true
}

/** Goes on with a run from its newest whole checkpoint on disk; ends as `run` does. */
export async function resume(path: string, typed: TypedResumeOptions, surroundings: Surroundings): Promise<void> {
  await withOldFolder(path, async (folder) => {
    const description = readDescription(path, folder.newest!.run, surroundings.version)
    const store = new RunStore(folder, description)
    const args = resumeArguments(description, typed)
    await requireDistinctFiles(args, path)
    await perform(args, surroundings, store, resumedLines(folder))
  })
}

function resumeArguments(description: RunDescription, typed: TypedResumeOptions): RunArguments {
  const { scheme, machine, conductors = 1, output } = description
  const { processes, spares, protection } = machine
  const context = { processes, spares, conductors, scheme, code: codeFor(processes, protection) }
  return {
    ...description,
    conductors,
    hostsPath: null,
    sizeSettings: [],
    inputPaths: [],
    outputPath: typed.output ?? output,
    checkpointDir: null,
    faults: [
      ...typed.kill.map((text) => parseKill(text, context)),
      ...typed.freeze.map((text) => parseFreeze(text, context)),
    ],
    inspected: null,
    seed: parseSeed(typed.seed),
    tracePath: typed.trace ?? null,
    isJson: typed.json ?? false,
    isQuiet: typed.quiet ?? false,
  }
}

function resumedLines({ path, newest, passedOver }: CheckpointFolder): string[] {
  return [...passedOver.map((line) => `  ${line}`), `going on from checkpoint ${newest!.checkpoint} in ${path}`]
}
