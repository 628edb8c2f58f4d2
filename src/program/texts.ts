import { enumerate, quoted } from '../base/index.ts'

/** Whether the text is the same after it was written as UTF-8 and read again: half of a surrogate pair is not. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

/**
 * What to tell of the first key of `given` that is not among `known`, with the one that was meant if it is near:
 * `has 'form': did you mean 'from'?`. Null if all are known.
 */
export function unknownKey(given: object, known: readonly string[]): string | null {
  const key = Reflect.ownKeys(given)
    .map(String)
    .find((name) => !known.includes(name))
  if (key === undefined) return null
  const [nearest] = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3) && distance < name.length)
    .sort((one, other) => one.distance - other.distance)
  const hint = nearest === undefined ? `there is only ${enumerate(known)}` : `did you mean '${nearest.name}'?`
  return `has ${quoted(key)}: ${hint}`
}

/** How many letters are to be changed, added or taken away, to make the one text the other (Levenshtein). */
function editDistance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1]
    for (let column = 0; column < other.length; column += 1) {
      const replaced = above[column]! + (letter === other[column] ? 0 : 1)
      current.push(Math.min(replaced, above[column + 1]! + 1, current[column]! + 1))
    }
    above = current
  }
  return above.at(-1)!
}
