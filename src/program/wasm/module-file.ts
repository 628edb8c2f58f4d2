import { oneLine, UsageError } from '../../base/index.ts'
import { ByteReader, unsignedBytes } from './byte-reader.ts'
import { checkInstructions, skipConstant, skipType } from './instructions.ts'

/** WebAssembly counts its memory in pages of this size. */
export const wasmPageBytes = 65_536

/** 4 GiB: addresses of 32 bits reach no further. */
export const wasmPagesMax = 65_536

export type NumberType = 'i32' | 'i64' | 'f32' | 'f64'

/** What a module says of itself, as far as it matters to a process that runs it. */
export interface ModuleFile {
  readonly bytes: Uint8Array
  readonly sections: readonly Section[]
  readonly imports: readonly ImportedFunction[]
  readonly exports: ReadonlyMap<string, Exported>
  readonly memory: MemoryLimits
  /** All of them, whether exported or not. */
  readonly mutableGlobals: readonly MutableGlobal[]
}

export interface Section {
  readonly id: number
  readonly content: Uint8Array
}

export interface ImportedFunction {
  readonly module: string
  readonly name: string
  readonly parameters: readonly string[]
}

export interface Exported {
  readonly kind: 'function' | 'table' | 'memory' | 'global' | 'tag'
  /** For a function only. */
  readonly parameters: readonly string[]
}

export interface MemoryLimits {
  readonly initialPages: number
  /** Null if the module says none. */
  readonly maximumPages: number | null
  readonly isShared: boolean
}

export interface MutableGlobal {
  readonly index: number
  readonly type: NumberType
}

const typeNames: Readonly<Record<number, string>> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64' }
const kinds = ['function', 'table', 'memory', 'global', 'tag'] as const
const sectionIds = { type: 1, import: 2, function: 3, memory: 5, global: 6, export: 7, code: 10 } as const
const headerBytes = 8

/**
 * Reads a valid module. Throws a `UsageError` of one line where it has what no checkpoint can hold: all that a module
 * changes must be in its one memory, or in globals that are numbers.
 */
export function readModule(bytes: Uint8Array): ModuleFile {
  const sections = sectionsOf(bytes)
  const vector = <Item>(id: number, item: (reader: ByteReader, index: number) => Item): Item[] => {
    const found = sections.find((section) => section.id === id)
    if (found === undefined) return []
    const reader = new ByteReader(found.content)
    return reader.vector((index) => item(reader, index))
  }
  const functionTypes = vector(sectionIds.type, readFunctionType)
  const imports = vector(sectionIds.import, (reader) => readImport(reader, functionTypes))
  const own = vector(sectionIds.function, (reader) => functionTypes[reader.unsigned()]!)
  const functions = [...imports.map(({ parameters }) => parameters), ...own]
  const memories = vector(sectionIds.memory, readLimits)
  if (memories.length > 1) throw new UsageError('the WebAssembly module has several memories; it must have one')
  const globals = vector(sectionIds.global, readGlobal)
  const exports = new Map(vector(sectionIds.export, (reader) => readExport(reader, functions)))
  const [memory] = memories
  if (memory === undefined || exports.get('memory')?.kind !== 'memory') {
    throw new UsageError("the WebAssembly module must have a memory and export it as 'memory'")
  }
  vector(sectionIds.code, checkFunction)
  return { bytes, sections, imports, exports, memory, mutableGlobals: globals.filter((global) => global !== null) }
}

/** Under which name an instance of a rewritten module exports one of its mutable globals. */
export const globalName = ({ index }: MutableGlobal): string => `paritas: global ${index}`

/**
 * The same module, with every mutable global exported, so that it can be kept in checkpoints, and with a memory that
 * grows to `maximumPages` at most.
 */
export function rewriteModule(
  { bytes, sections, memory, mutableGlobals }: ModuleFile,
  maximumPages: number,
): Uint8Array {
  const rewritten = sections.map(({ id, content }) => {
    if (id === sectionIds.memory) return sectionBytes(id, limitsSection(memory, maximumPages))
    return sectionBytes(id, id === sectionIds.export ? exportSection(content, mutableGlobals) : content)
  })
  return concatenate([bytes.subarray(0, headerBytes), ...rewritten.flat()])
}

function sectionsOf(bytes: Uint8Array): Section[] {
  const reader = new ByteReader(bytes, headerBytes)
  const sections: Section[] = []
  while (reader.position < bytes.length) {
    const id = reader.byte()
    sections.push({ id, content: reader.bytes(reader.unsigned()) })
  }
  return sections
}

function readFunctionType(reader: ByteReader): readonly string[] {
  const functionType = 0x60
  if (reader.byte() !== functionType)
    throw new UsageError('the WebAssembly module has types that Paritas does not know')
  const parameters = reader.vector(() => readType(reader))
  reader.vector(() => readType(reader))
  return parameters
}

function readType(reader: ByteReader): string {
  return typeNames[skipType(reader)] ?? 'other'
}

function readImport(reader: ByteReader, functionTypes: readonly (readonly string[])[]): ImportedFunction {
  const [module, name] = [reader.name(), reader.name()]
  const kind = kinds[reader.byte()]
  if (kind === 'function') return { module, name, parameters: functionTypes[reader.unsigned()]! }
  const advice = kind === 'memory' ? 'it must have its own, and export it' : 'Paritas gives it functions only'
  throw new UsageError(`the WebAssembly module imports the ${kind} ${oneLine(`${module}.${name}`)}: ${advice}`)
}

/** Null for what cannot change. */
function readGlobal(reader: ByteReader, index: number): MutableGlobal | null {
  const type = readType(reader)
  const isMutable = reader.byte() === 1
  skipConstant(reader)
  if (!isMutable) return null
  if (type === 'other') {
    throw new UsageError(
      `the WebAssembly module has a mutable global that is no number (number ${index} of its globals)`,
    )
  }
  return { index, type: type as NumberType }
}

function readLimits(reader: ByteReader): MemoryLimits {
  const flags = reader.byte()
  const [hasMaximum, isShared, has64Bits] = [1, 2, 4].map((flag) => (flags & flag) !== 0)
  if (has64Bits) throw new UsageError('the WebAssembly module has a memory of 64 bits; it must be one of 32 bits')
  const initialPages = reader.unsigned()
  return { initialPages, maximumPages: hasMaximum ? reader.unsigned() : null, isShared: isShared! }
}

function readExport(reader: ByteReader, functions: readonly (readonly string[])[]): [string, Exported] {
  const name = reader.name()
  const kind = kinds[reader.byte()]!
  const index = reader.unsigned()
  return [name, { kind, parameters: kind === 'function' ? functions[index]! : [] }]
}

function checkFunction(reader: ByteReader): void {
  const bytes = reader.unsigned()
  const end = reader.position + bytes
  reader.vector(() => {
    reader.skipNumber()
    skipType(reader)
  })
  checkInstructions(reader, end)
}

function limitsSection({ initialPages, isShared }: MemoryLimits, maximumPages: number): Uint8Array {
  return Uint8Array.from([1, isShared ? 3 : 1, ...unsignedBytes(initialPages), ...unsignedBytes(maximumPages)])
}

function exportSection(content: Uint8Array, globals: readonly MutableGlobal[]): Uint8Array {
  const reader = new ByteReader(content)
  const count = reader.unsigned() + globals.length
  const added = globals.flatMap((global) => {
    const name = Array.from(globalName(global), (letter) => letter.charCodeAt(0))
    return [name.length, ...name, kinds.indexOf('global'), ...unsignedBytes(global.index)]
  })
  return concatenate([Uint8Array.from(unsignedBytes(count)), content.subarray(reader.position), Uint8Array.from(added)])
}

function sectionBytes(id: number, content: Uint8Array): Uint8Array[] {
  return [Uint8Array.from([id, ...unsignedBytes(content.length)]), content]
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.length
  }
  return whole
}
