import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type LoadedProgram, type RunOutcome, writeRunFile } from '../machine/index.ts'
import { isObservation, type ObservedProcess, type Observing } from './observe.ts'

/** The compiled modules: threads run plain JavaScript, wherever this module itself runs from. */
const compiled = (name: string): string => new URL(`../../dist/testing/${name}.js`, import.meta.url).href

/** The program as its threads are to import it: observed. The module is written to `folder`, as `name`. */
export function observedProgram(loaded: LoadedProgram, observing: Observing, folder: string, name: string) {
  const file = join(folder, `${name}.mjs`)
  const lines = [
    `import ${JSON.stringify(compiled('foreign-calls'))}`,
    `import { observe } from ${JSON.stringify(compiled('observe'))}`,
    `import program from ${JSON.stringify(loaded.moduleUrl)}`,
    `export default observe(program, ${JSON.stringify(observing)})`,
  ]
  writeRunFile(file, `${lines.join('\n')}\n`)
  return { ...loaded, moduleUrl: pathToFileURL(file).href } satisfies LoadedProgram
}

/** What one process gave, and what it looked like. */
export interface ProcessRecord {
  readonly result: unknown
  readonly emitted: readonly unknown[]
  /** Its last look; in a journal one for each step, with what that step emitted. */
  readonly steps: readonly { readonly emitted: readonly unknown[]; readonly seen: ObservedProcess }[]
}

/** What each process gave, by rank. */
export function processRecords({ results, emitted }: Pick<RunOutcome, 'results' | 'emitted'>): ProcessRecord[] {
  let next = 0
  return results.map((result) => {
    const steps: { emitted: unknown[]; seen: ObservedProcess }[] = []
    let values: unknown[] = []
    // All of a process's values come together, and its last look is behind them all.
    while (steps.at(-1)?.seen.isLast !== true) {
      const value = emitted[next]
      next += 1
      if (isObservation(value)) {
        steps.push({ emitted: values, seen: value })
        values = []
      } else {
        values.push(value)
      }
    }
    return { result, emitted: steps.flatMap((step) => step.emitted), steps }
  })
}
