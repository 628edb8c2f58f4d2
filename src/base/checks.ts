/**
 * Whether what came in, off a link or out of a file, is what it should be. A check says what is wrong in a few words
 * that follow the name of what was looked at, such as `.sources[1].place is 'x', not a place`; null: nothing is. It
 * never throws, whatever the value is.
 */
export type Check = (value: unknown) => string | null

/** One check for each field, so that a field that is added does not compile until it has its check. */
export type ChecksOf<Fields> = { readonly [Key in keyof Fields]-?: Check }

/** The checks of each type of a union that `Key` tells apart: a type that is added does not compile without its line. */
export type VariantChecks<Union extends Tagged<Key>, Key extends string = 'type'> = {
  readonly [Type in Union[Key]]: ChecksOf<Omit<OfType<Union, Key, Type>, Key>>
}
/** Members of several types are each of them. */
type OfType<Union, Key extends string, Type> = Union extends { readonly [Name in Key]: infer Types }
  ? Type extends Types
    ? Union
    : never
  : never
type Tagged<Key extends string> = Readonly<Record<Key, string>>

/** A check by a predicate; `what` completes 'is …, not', for instance `a number`. */
export const when =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value) =>
    test(value) ? null : unlike(what, value)

const unlike = (what: string, value: unknown): string =>
  value === undefined ? ' is missing' : ` is ${nameOf(value)}, not ${what}`

/** Not made by `when`: every frame has such numbers, and a direct test is faster than one that was passed in. */
export const count: Check = (value) => (isCount(value) ? null : unlike('a whole number', value))
export const number = when('a number', Number.isFinite)
export const positive = when('a number above 0', (value) => Number.isFinite(value) && (value as number) > 0)
export const text = when('a text', (value) => typeof value === 'string')
export const flag = when('true or false', (value) => typeof value === 'boolean')
export const bytes = when('bytes', (value) => value instanceof Uint8Array)
export const object = when('an object', isRecord)

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

export const oneOf = (values: readonly unknown[]): Check => when(values.join(' or '), (value) => values.includes(value))

export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null ? null : check(value)

export const orMissing =
  (check: Check): Check =>
  (value) =>
    value === undefined ? null : check(value)

export const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return list(value)
    for (let index = 0; index < value.length; index += 1) {
      const problem = check(value[index])
      if (problem !== null) return `[${index}]${problem}`
    }
    return null
  }
const list = when('a list', Array.isArray)
const some = when('a list with something in it', (value) => Array.isArray(value) && value.length > 0)

/** A list of two, each by a check of its own; `what` names it. */
export const pairOf = (what: string, first: Check, second: Check): Check =>
  when(
    what,
    (value) => Array.isArray(value) && value.length === 2 && first(value[0]) === null && second(value[1]) === null,
  )

/** A list that is not empty. */
export const someOf =
  (check: Check): Check =>
  (value) =>
    some(value) ?? listOf(check)(value)

/** An object with fields of any names. */
export const mapOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value)
      ? problemAmong(
          Object.keys(value).map((name) => [name, check]),
          value,
        )
      : object(value)

export function objectOf<Fields>(checks: ChecksOf<Fields>): Check {
  const fields = Object.entries<Check>(checks)
  return (value) => (isRecord(value) ? problemAmong(fields, value) : object(value))
}

/** One of the types of a union, which `key` tells apart. */
export function variantOf<Union extends Tagged<'type'>>(checks: VariantChecks<Union>): Check
export function variantOf<Union extends Tagged<Key>, Key extends string>(
  checks: VariantChecks<Union, Key>,
  key: Key,
): Check
export function variantOf(checks: Readonly<Record<string, Readonly<Record<string, Check>>>>, key = 'type'): Check {
  const fieldsOf = new Map<unknown, FieldList>()
  for (const [type, one] of Object.entries(checks)) fieldsOf.set(type, Object.entries(one))
  return (value) => {
    if (!isRecord(value)) return object(value)
    const fields = fieldsOf.get(value[key])
    if (fields === undefined) return ` of ${key} ${nameOf(value[key])}, which there is not`
    const problem = problemAmong(fields, value)
    return problem === null ? null : ` of ${key} ${nameOf(value[key])}: ${problem.slice(1)}`
  }
}

type FieldList = readonly (readonly [name: string, check: Check])[]

function problemAmong(fields: FieldList, value: Readonly<Record<string, unknown>>): string | null {
  for (const [name, check] of fields) {
    const problem = check(value[name])
    if (problem !== null) return `.${name}${problem}`
  }
  return null
}

/** What is wrong with a value that should be `what`, in one line that begins with `what`; null if nothing is. */
export function problemWith(what: string, value: unknown, check: Check): string | null {
  const problem = check(value)
  if (problem === null) return null
  return problem.startsWith('.') ? `${what}: ${problem.slice(1)}` : `${what}${problem}`
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const textLengthMax = 40

/** A value in a few words, for one line. */
export function nameOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return `'${value.slice(0, textLengthMax).replaceAll(/[^\x20-\x7e]/g, '?')}'`
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object'
}
