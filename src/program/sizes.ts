import { describeValue, enumerate, quoted, UsageError } from '../base/index.ts'
import { isWellFormed, unknownKey } from './texts.ts'

/** One thing that users choose with `--size name=value`. Made by `integer`, `number`, `choice` and `text`. */
export interface SizeField<Value extends number | string = number | string> {
  readonly kind: 'integer' | 'number' | 'choice' | 'text'
  readonly default: Value
  /** What it is, for people. */
  readonly help: string
  /** What may be given, in words, for instance `a whole number from 1 to 64`. */
  readonly allowed: string
  /** The value that `text` stands for, or null if it stands for none that is allowed. */
  read(text: string): Value | null
  allows(value: unknown): boolean
}

export type SizeFields = Readonly<Record<string, SizeField>>

/** What `self.size` is, out of the `size` of a program. */
export type Sizes<Definition extends SizeFields> = {
  readonly [Name in keyof Definition]: Definition[Name] extends SizeField<infer Value> ? Value : never
}

/** The sizes of any program, when it is not known which of them are numbers and which are texts. */
export type AnySizes = Readonly<Record<string, number | string>>

export interface NumberOptions {
  readonly default: number
  readonly min?: number
  readonly max?: number
  readonly help: string
}

/** A whole number. Users may write `1000000`, `1_000_000` or `1e6`. */
export function integer(options: NumberOptions): SizeField<number> {
  return numeric('integer', 'a whole number', options, Number.isSafeInteger)
}

/** A number, whole or not. */
export function number(options: NumberOptions): SizeField<number> {
  return numeric('number', 'a number', options, Number.isFinite)
}

/** One of `values`. */
export function choice<const Value extends string>(
  values: readonly Value[],
  options: { readonly default: NoInfer<Value>; readonly help: string },
): SizeField<Value> {
  requireKnown(options, ['default', 'help'])
  const allows = (value: unknown): value is Value => values.some((one) => one === value)
  return checked({
    kind: 'choice',
    ...options,
    allowed: enumerate(values, 'or'),
    read: (text) => (allows(text) ? text : null),
    allows,
  })
}

/** Any text that UTF-8 can hold. */
export function text(options: { readonly default: string; readonly help: string }): SizeField<string> {
  requireKnown(options, ['default', 'help'])
  const allows = (value: unknown): boolean => typeof value === 'string' && isWellFormed(value)
  return checked({ kind: 'text', ...options, allowed: 'a text that UTF-8 can hold', read: (given) => given, allows })
}

/** The default of every size. */
export function defaultSizes(size: SizeFields): AnySizes {
  return Object.fromEntries(Object.entries(size).map(([name, field]) => [name, field.default]))
}

/**
 * All sizes of a program: `settings`, each `name=value`, over the defaults; a later setting wins.
 * Throws a `UsageError` for a setting that is no such pair, an unknown name, or a value that is not allowed.
 */
export function parseSizes(
  program: { readonly name: string; readonly size?: SizeFields },
  settings: readonly string[],
): AnySizes {
  const known = program.size ?? {}
  const values: Record<string, number | string> = { ...defaultSizes(known) }
  for (const setting of settings) {
    const equals = setting.indexOf('=')
    if (equals < 1) throw new UsageError(`'${setting}' sets no size: write name=value, such as ${example(known)}`)
    const name = setting.slice(0, equals)
    const given = setting.slice(equals + 1)
    const value = sizeField(program, name).read(given)
    if (value === null) throw notAllowed(name, known[name]!, given)
    values[name] = value
  }
  return values
}

/** Throws a `UsageError` unless each of `values` is a size of the program and allowed. */
export function checkSizes(program: { readonly name: string; readonly size?: SizeFields }, values: AnySizes): void {
  for (const [name, value] of Object.entries(values)) {
    const field = sizeField(program, name)
    if (!field.allows(value)) throw notAllowed(name, field, value)
  }
}

function sizeField(program: { readonly name: string; readonly size?: SizeFields }, name: string): SizeField {
  const known = program.size ?? {}
  if (Object.hasOwn(known, name)) return known[name]!
  const names = Object.keys(known)
  const hint = names.length === 0 ? 'it has no sizes' : `its sizes are ${enumerate(names)}`
  throw new UsageError(`program ${quoted(program.name)} has no size ${quoted(name)}: ${hint}`)
}

function notAllowed(name: string, field: SizeField, given: unknown): UsageError {
  return new UsageError(`size ${quoted(name)} must be ${field.allowed}, but is ${describeValue(given)}`)
}

function example(known: SizeFields): string {
  const [first] = Object.entries(known)
  return first === undefined ? 'records=1000' : `${first[0]}=${first[1].default}`
}

function numeric(
  kind: 'integer' | 'number',
  noun: string,
  options: NumberOptions,
  isKind: (value: number) => boolean,
): SizeField<number> {
  requireKnown(options, ['default', 'min', 'max', 'help'])
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options
  const allows = (value: unknown): value is number =>
    typeof value === 'number' && isKind(value) && value >= min && value <= max
  const read = (given: string): number | null => {
    const value = numberIn(given)
    return value !== null && allows(value) ? value : null
  }
  return checked({ kind, default: options.default, help: options.help, allowed: noun + range(options), read, allows })
}

/** The number that `given` stands for in decimal digits; null for anything else, and for what rounding would change. */
function numberIn(given: string): number | null {
  if (!/^[+-]?(\d+(_\d+)*(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(given)) return null
  const digits = given.replaceAll('_', '')
  const value = Number(digits)
  if (value === 0 && /[1-9]/.test(digits.replace(/e.*/i, ''))) return null
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !/^[+-]?\d+$/.test(digits)) return value
  return BigInt(value) === BigInt(digits.replace(/^\+/, '')) ? value : null
}

function range({ min, max }: NumberOptions): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max !== undefined ? ` of at most ${max}` : ''
}

function requireKnown(options: object, known: readonly string[]): void {
  const unknown = unknownKey(options, known)
  if (unknown !== null) throw new TypeError(`a size ${unknown}`)
}

/** The field, once its own default is known to be allowed. */
function checked<Value extends number | string>(field: SizeField<Value>): SizeField<Value> {
  if (field.allows(field.default)) return field
  throw new RangeError(`the default of a size must be ${field.allowed}, but is ${describeValue(field.default)}`)
}
