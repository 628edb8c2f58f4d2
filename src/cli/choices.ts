/** What users choose by an option: names, seeds and paths. `option` names it, for the `UsageError`. */
import { enumerate, UsageError } from '../base/index.ts'
import { parseWhole } from './quantities.ts'

/** The one of `names` that `text` is. */
export function parseName<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text)
  if (found !== undefined) return found
  throw new UsageError(`${option} must be ${enumerate(names, 'or')}, but is '${text}'`)
}

/** Those of `names` that `text` has, with commas between them: in their usual order, each once. */
export function parseNames<Name extends string>(option: string, text: string, names: readonly Name[]): Name[] {
  const wanted = text.split(',').map((word) => word.trim())
  const strange = wanted.find((word) => !names.some((name) => name === word))
  if (strange === undefined) return names.filter((name) => wanted.includes(name))
  throw new UsageError(`${option} takes ${enumerate(names, 'and')}, with commas between them, but has '${strange}'`)
}

/** The name of a file as it was typed; null if none was. */
export function parsePath(option: string, text: string | undefined, kind = 'file'): string | null {
  if (text === '') throw new UsageError(`${option}: the name of the ${kind} is empty`)
  return text ?? null
}

/** The value of --seed; null if none was typed. */
export function parseSeed(text: string | undefined): number | null {
  return text === undefined ? null : parseWhole('--seed', text, { min: 0, max: 2 ** 31 - 1 })
}
