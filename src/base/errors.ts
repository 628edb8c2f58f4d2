import { oneLine } from './quoted.ts'

/**
 * Something the user gave is wrong: an option, a size, a line of input, a module that is no program. The message is one
 * line that says what and where; it is shown without a stack, and the command ends with exit code 1.
 */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Whether `error` is a `UsageError`, of this or of another copy of the package. */
export function isUsageError(error: unknown): error is UsageError {
  return isError(error) && (error instanceof UsageError || textIn(error, 'name') === 'UsageError')
}

/** Whether it is an error, whatever it is: to ask a revoked proxy throws. */
export function isError(thrown: unknown): thrown is Error {
  return attempt(() => thrown instanceof Error, false)
}

/** What `read` gives, or `otherwise` if it throws: a getter or a proxy of a program can do anything. */
export function attempt<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** A text of an error; where it cannot be read, that and why. */
export function textIn(error: Error, field: 'name' | 'message'): string {
  try {
    return String(error[field])
  } catch (failure) {
    const why = attempt(() => String((failure as Error).message), 'reading it throws')
    return `(its ${field} cannot be read: ${why})`
  }
}

/** `value` in a few words for an error message, for instance `'abc'`, `5`, `an array` or `nothing`. */
export function describeValue(value: unknown): string {
  return attempt(() => describeReadable(value), 'an object that cannot be read')
}

function describeReadable(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'string') return `'${oneLine(value, textLengthMax)}'`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return String(value)
  const name = value.constructor?.name ?? 'Object'
  return name === 'Object' ? 'an object' : `an object of class ${name}`
}

const textLengthMax = 60

/** The first line of what went wrong, whatever was thrown: fit for a terminal, though it may quote any file. */
export function messageOf(error: unknown): string {
  const text = isError(error) ? textIn(error, 'message') || textIn(error, 'name') : describeValue(error)
  return withoutMiddle(text.split('\n', 1)[0]!).replace(/\p{Cc}/gu, escaped)
}

/** Longer than any message written for people: a line beyond it quotes something. */
const lineLengthMax = 600

/** Cuts a long line in its middle: its beginning says where something is wrong, its end what. */
function withoutMiddle(line: string): string {
  if (line.length <= lineLengthMax) return line
  return `${line.slice(0, 120)}…${line.slice(-80)}`
}

/** A control character, for instance as `\\x1b`. */
function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/** `a`, `a and b`, or `a, b and c`. */
export function enumerate(items: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`
}
