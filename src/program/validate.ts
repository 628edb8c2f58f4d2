import { describeValue, isUsageError, messageOf, quoted, UsageError } from '../base/index.ts'
import type { ProcessContext, Program } from './definition.ts'
import { type Fields, isField, layoutMemory, type MemoryLayout } from './fields.ts'
import { unknownKey } from './texts.ts'

/**
 * The program that a module exports by default. Throws a `UsageError` of one line if it is none; the line says what is
 * missing or wrong, not in which module.
 */
export function validateProgram(exported: unknown): Program {
  if (exported === undefined) {
    throw new UsageError('no default export: end the module with `export default defineProgram({ ... })`')
  }
  if (typeof exported !== 'object' || exported === null) {
    throw new UsageError(
      `the default export must be what defineProgram({ ... }) returns, but is ${describeValue(exported)}`,
    )
  }
  requireKnown('the program', exported, programParts)
  const { name, description, memory, vars, start, step, verify, verifiedAgainst, size, input, output } =
    exported as Parts
  if (typeof name !== 'string' || name === '') throw wrongPart('name', 'a text', name)
  requireType('description', 'string', description, 'optional')
  requireType('memory', 'function', memory)
  requireType('start', 'function', start)
  requireType('step', 'function', step)
  requireType('vars', 'function', vars, 'optional')
  requireType('verify', 'function', verify, 'optional')
  requireType('verifiedAgainst', 'string', verifiedAgainst, 'optional')
  requireSizes(size)
  requireType('input', 'object', input, 'optional')
  requireKnown('input', input, ['description', 'parse', 'files', 'read'])
  if (input !== undefined) requireType('input.description', 'string', member(input, 'description'))
  if (input !== undefined) requireReader(input)
  requireType('output', 'object', output, 'optional')
  requireKnown('output', output, ['description', 'format'])
  if (output !== undefined) requireType('output.format', 'function', member(output, 'format'))
  if (output !== undefined) requireType('output.description', 'string', member(output, 'description'), 'optional')
  return exported as Program
}

/**
 * How the memory of one process is laid out. Throws a `UsageError` if the program's `memory()` throws or returns
 * something that is no set of fields; a `UsageError` of its own says what the program cannot do.
 */
export function memoryLayout(program: Program, context: ProcessContext): MemoryLayout {
  const where = `program ${quoted(program.name)}: memory() of process ${context.rank}`
  let fields: unknown
  try {
    fields = program.memory(context)
  } catch (error) {
    // What the program says of sizes or processes that it cannot do is meant for the user as it is.
    if (isUsageError(error)) throw new UsageError(`program ${quoted(program.name)}: ${messageOf(error)}`)
    throw new UsageError(`${where} failed: ${messageOf(error)}`)
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields) || isField(fields)) {
    const given = isField(fields) ? 'a single field' : describeValue(fields)
    throw new UsageError(`${where} must return fields by name, such as { total: f64() }, but returned ${given}`)
  }
  for (const [name, field] of Object.entries(fields)) {
    if (isField(field)) continue
    const given = describeValue(field)
    throw new UsageError(`${where} must return fields made by f64, u32 and the like, but ${quoted(name)} is ${given}`)
  }
  return layoutMemory(fields as Fields)
}

const programParts = [
  ...['name', 'description', 'size', 'memory', 'vars', 'input', 'output', 'start', 'step', 'verify'],
  'verifiedAgainst',
]

/** Refuses unknown names: a misspelt one would pass for one that was left out. */
function requireKnown(owner: string, value: unknown, known: readonly string[]): void {
  const unknown = typeof value === 'object' && value !== null ? unknownKey(value, known) : null
  if (unknown !== null) throw new UsageError(`${owner} ${unknown}`)
}

type Parts = Readonly<Record<keyof Program, unknown>>

const nouns = { function: 'a function', object: 'an object', string: 'a text' } as const

function requireType(name: string, type: keyof typeof nouns, value: unknown, presence?: 'optional'): void {
  if (value === undefined && presence === 'optional') return
  const actual = value === null ? 'null' : typeof value
  if (actual !== type) throw wrongPart(name, nouns[type], value)
}

function requireSizes(size: unknown): void {
  requireType('size', 'object', size, 'optional')
  for (const [name, field] of Object.entries(size ?? {})) {
    const isSize = typeof member(field, 'read') === 'function' && typeof member(field, 'allows') === 'function'
    if (!isSize) throw wrongPart(`size.${name}`, 'made by integer, number, choice or text', field)
  }
}

/** `parse`, or `read` with the names of its files. */
function requireReader(input: unknown): void {
  const files = member(input, 'files')
  if (files === undefined && member(input, 'read') === undefined) {
    requireType('input.parse', 'function', member(input, 'parse'))
    return
  }
  const areNames = Array.isArray(files) && files.length > 0 && files.every((name) => typeof name === 'string')
  if (!areNames) throw wrongPart('input.files', "names of files, such as ['A', 'B']", files)
  requireType('input.read', 'function', member(input, 'read'))
}

function member(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? (owner as Readonly<Record<string, unknown>>)[name] : undefined
}

function wrongPart(name: string, wanted: string, value: unknown): UsageError {
  return new UsageError(`${name} must be ${wanted}, but is ${value === undefined ? 'missing' : describeValue(value)}`)
}
