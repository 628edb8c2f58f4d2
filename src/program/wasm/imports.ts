import { enumerate, oneLine, UsageError } from '../../base/index.ts'
import type { Message, Next, Self, Wanted } from '../definition.ts'
import type { TypedArray } from '../fields.ts'
import type { ImportedFunction } from './module-file.ts'

/** What modules import from `paritas`, each with the names of its parameters. */
const parameterNames = {
  rank: [],
  processes: [],
  send: ['to', 'tag', 'address', 'length'],
  receive: ['from', 'tag'],
  sender: ['message'],
  tag: ['message'],
  length: ['message'],
  read: ['message', 'address'],
  inputLength: [],
  readInput: ['address'],
  emit: ['address', 'length'],
  progress: ['done', 'total'],
  done: ['result'],
} as const

type ImportName = keyof typeof parameterNames

/** Programs in AssemblyScript call it for errors that they cannot go on from. */
const abortParameters = ['message', 'file', 'line', 'column'] as const

/** Throws a `UsageError` of one line for an import that there is not, or not with so many parameters. */
export function checkImports(imports: readonly ImportedFunction[]): void {
  for (const { module, name, parameters } of imports) {
    const names = namesOf(module, name)
    if (names === null) {
      const known = enumerate(Object.keys(parameterNames))
      throw new UsageError(
        `the WebAssembly module imports ${oneLine(`${module}.${name}`)}, which there is not: paritas has ${known}, and env has abort`,
      )
    }
    if (names.length === parameters.length) continue
    const call = `it is ${name}(${names.join(', ')})`
    throw new UsageError(`the WebAssembly module imports ${module}.${name} with other parameters: ${call}`)
  }
}

function namesOf(module: string, name: string): readonly string[] | null {
  if (module === 'env' && name === 'abort') return abortParameters
  return module === 'paritas' && Object.hasOwn(parameterNames, name) ? parameterNames[name as ImportName] : null
}

/** The step that runs: what the functions work on, and what it has said so far of how the process goes on. */
export interface RunningStep {
  readonly messages: readonly Message[]
  readonly wanted: Wanted[]
  /** Null until the module calls `done`. */
  result: number | null
}

/** What modules see of their process. */
type CallingSelf = Omit<Self, 'memory' | 'size' | 'vars'>

/** What the functions work with. */
export interface ImportContext {
  readonly self: CallingSelf
  /** The module's memory as it is now. */
  memory(): ArrayBufferLike
  /** Throws while no step runs: when the module is made, which is on each recovery. */
  step(name: string): RunningStep
}

type ImportFunctions = Readonly<Record<ImportName, (...values: number[]) => unknown>>

/** The functions that a module may import, by module and name. Addresses and lengths are in bytes. */
export function importsFor(context: ImportContext): { paritas: ImportFunctions; env: object } {
  const { self, step } = context
  const message = (name: string, index: number): { from: number; tag: string; bytes: Uint8Array } => {
    const { messages } = step(name)
    const found = messages[index]
    if (found === undefined) throw new RangeError(`${name}: there is no message ${index}, there are ${messages.length}`)
    return { from: found.from, tag: found.tag, bytes: found.value as Uint8Array }
  }
  const input = (name: string): Uint8Array => {
    step(name)
    return bytesOf(self.input)
  }
  const write = (name: string, bytes: Uint8Array, address: number): void => {
    memoryAt(context, name, address, bytes.length).set(bytes)
  }
  const paritas: ImportFunctions = {
    rank: () => self.rank,
    processes: () => self.processes,
    send(to, tag, address, length) {
      step('send')
      self.send(to!, String(tag), memoryAt(context, 'send', address!, length!))
    },
    receive(from, tag) {
      step('receive').wanted.push({ ...(from! >= 0 && { from: from! }), ...(tag! >= 0 && { tag: String(tag) }) })
    },
    sender: (index) => message('sender', index!).from,
    tag: (index) => Number(message('tag', index!).tag),
    length: (index) => message('length', index!).bytes.length,
    read: (index, address) => write('read', message('read', index!).bytes, address!),
    inputLength: () => input('inputLength').length,
    readInput: (address) => write('readInput', input('readInput'), address!),
    emit(address, length) {
      step('emit')
      self.emit(memoryAt(context, 'emit', address!, length!))
    },
    progress: (done, total) => self.progress(done!, total!),
    done(result) {
      step('done').result = result!
    },
  }
  return { paritas, env: { abort: (...values: number[]) => abort(context, values) } }
}

/** The step's end: what it has asked to receive, done, or the next step at once. */
export function nextOf(self: CallingSelf, { wanted, result }: RunningStep): Next {
  const [first, ...others] = wanted
  if (result === null) return first === undefined ? self.next() : self.receive(first, ...others)
  if (first === undefined) return self.done(result)
  throw new Error(`process ${self.rank} called both receive and done in one step`)
}

/** What a message or an output carries: a view on the module's memory, of which `send` and `emit` make a copy. */
function memoryAt({ memory, self }: ImportContext, name: string, address: number, length: number): Uint8Array {
  const buffer = memory()
  // Numbers of 32 bits come from a module with a sign.
  const [from, count] = [address >>> 0, length >>> 0]
  if (from + count <= buffer.byteLength) return new Uint8Array(buffer, from, count)
  const outside = `${count} bytes from ${from} on lie outside of its memory of ${buffer.byteLength} bytes`
  throw new RangeError(`process ${self.rank} called ${name}, but ${outside}`)
}

function bytesOf(input: TypedArray | null): Uint8Array {
  return input === null ? new Uint8Array() : new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
}

function abort({ memory }: ImportContext, [message, file, line, column]: readonly number[]): never {
  const text = assemblyScriptText(memory(), message!) || 'the program aborted'
  const place = assemblyScriptText(memory(), file!)
  throw new Error(place === '' ? text : `${text} at ${place}:${line}:${column}`)
}

/** A string of AssemblyScript: UTF-16, its length in bytes in the 4 bytes before it; none at address 0. */
function assemblyScriptText(buffer: ArrayBufferLike, signedAddress: number): string {
  const address = signedAddress >>> 0
  if (address < 4 || address > buffer.byteLength || address % 4 !== 0) return ''
  const bytes = new Uint32Array(buffer, address - 4, 1)[0]!
  if (address + bytes > buffer.byteLength) return ''
  const lettersMax = 1000
  return String.fromCharCode(...new Uint16Array(buffer, address, Math.min(bytes >> 1, lettersMax)))
}
