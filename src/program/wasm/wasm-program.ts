import { describeValue, messageOf, UsageError } from '../../base/index.ts'
import type { ProcessContext, ProgramDefinition, Vars } from '../definition.ts'
import { type TypedArray, u8, u32, u64 } from '../fields.ts'
import { type AnySizes, defaultSizes, type SizeFields } from '../sizes.ts'
import { checkImports } from './imports.ts'
import { type ModuleFile, readModule, wasmPageBytes, wasmPagesMax } from './module-file.ts'
import { type WasmFields, WasmProcess, type WasmSelf } from './wasm-process.ts'

declare const WebAssembly: { Module: new (bytes: Uint8Array) => object }

type SharedParts = 'name' | 'description' | 'size' | 'input' | 'output' | 'verify' | 'verifiedAgainst'

/** A program whose steps are those of a WebAssembly module. */
export interface WasmProgramDefinition<SizesOf extends SizeFields = SizeFields, Input extends TypedArray = TypedArray>
  extends Pick<ProgramDefinition<SizesOf, WasmFields, Vars, Input>, SharedParts> {
  /**
   * The compiled module: `import wasm from './my-module.wasm'`. It exports its `memory`, `start`, which is given the
   * sizes in their order, and `step`, which is given how many messages there are.
   */
  readonly wasm: Uint8Array
  /**
   * The most bytes that the memory of one process may grow to; `memory.grow` gives no more. May be left out if the
   * module itself says a maximum, and makes that one smaller.
   */
  readonly memoryBytesMax?: number | ((context: ProcessContext<SizesOf>) => number)
}

/**
 * A program, ready to be the default export of a module, whose processes are instances of a WebAssembly module. The
 * memory of the module and its globals are protected; nothing else of it can change. Throws a `UsageError` for a module
 * that is none, or that has what no checkpoint can hold.
 */
export function wasmProgram<SizesOf extends SizeFields = Record<never, never>, Input extends TypedArray = TypedArray>(
  definition: WasmProgramDefinition<SizesOf, Input>,
): ProgramDefinition<SizesOf, WasmFields, Vars, Input> {
  const { wasm, memoryBytesMax, ...parts } = definition
  const module = checkedModule(wasm)
  startValues(module, defaultSizes(parts.size ?? {}))
  const processes = new WeakMap<object, WasmProcess>()
  const makeProcess = (self: object): WasmProcess => {
    const process = new WasmProcess(module, self as WasmSelf)
    processes.set(self, process)
    return process
  }
  const restored = (self: object): WasmProcess => {
    const process = makeProcess(self)
    process.restore()
    return process
  }
  return {
    ...parts,
    memory(context) {
      startValues(module, context.size)
      const bytesMax = typeof memoryBytesMax === 'function' ? memoryBytesMax(context) : memoryBytesMax
      const pages = maximumPages(module, bytesMax)
      return { memory: u8(pages * wasmPageBytes), globals: u64(module.mutableGlobals.length), pages: u32() }
    },
    start: (self) => makeProcess(self).run('start', startValues(module, self.size), []),
    step: (self, messages) => (processes.get(self) ?? restored(self)).run('step', [messages.length], messages),
  }
}

function checkedModule(wasm: unknown): ModuleFile {
  if (!(wasm instanceof Uint8Array)) {
    const how = "import it: `import wasm from './my-module.wasm'`"
    throw new UsageError(`wasm must be the bytes of a WebAssembly module, but is ${describeValue(wasm)}; ${how}`)
  }
  try {
    new WebAssembly.Module(wasm)
  } catch (error) {
    throw new UsageError(`wasm is no WebAssembly module: ${messageOf(error)}`)
  }
  const module = readModule(wasm)
  checkImports(module.imports)
  for (const name of ['start', 'step']) {
    if (module.exports.get(name)?.kind === 'function') continue
    throw new UsageError(`the WebAssembly module must export a function '${name}'`)
  }
  const { parameters } = module.exports.get('step')!
  if (parameters.length > 1 || (parameters[0] ?? 'i32') !== 'i32') {
    throw new UsageError(`step of the WebAssembly module must take one i32, how many messages there are, or nothing`)
  }
  return module
}

/** The sizes as `start` takes them. */
function startValues({ exports }: ModuleFile, size: AnySizes): (number | bigint)[] {
  const { parameters } = exports.get('start')!
  const sizes = Object.entries(size)
  if (sizes.length !== parameters.length) {
    const wanted = `as many numbers as the program has sizes: ${sizes.length}, not ${parameters.length}`
    throw new UsageError(`start of the WebAssembly module must take ${wanted}`)
  }
  return sizes.map(([name, value], index) => startValue(name, value, parameters[index]!))
}

function startValue(name: string, value: number | string, type: string): number | bigint {
  if (typeof value === 'string') {
    throw new UsageError(`size '${name}' is a text; a WebAssembly module can only be given numbers`)
  }
  if (type === 'f64' || type === 'f32') return value
  const isWhole = Number.isInteger(value)
  if (type === 'i64' && isWhole) return BigInt(value)
  if (type === 'i32' && isWhole && value >= -(2 ** 31) && value < 2 ** 32) return value
  throw new UsageError(`size '${name}' is ${value}, which start of the WebAssembly module cannot take as ${type}`)
}

/** How many pages the memory of a process may have. */
function maximumPages({ memory }: ModuleFile, bytesMax: number | undefined): number {
  const { initialPages } = memory
  if (bytesMax === undefined) {
    if (memory.maximumPages !== null) return memory.maximumPages
    throw new UsageError(
      'the WebAssembly module says no maximum for its memory: compile it with one, or say memoryBytesMax',
    )
  }
  const pages = Math.min(Math.ceil(bytesMax / wasmPageBytes), memory.maximumPages ?? Number.POSITIVE_INFINITY)
  if (pages >= initialPages && pages <= wasmPagesMax) return pages
  const least = `the module begins with ${initialPages * wasmPageBytes} bytes, and 4 GiB are the most`
  throw new UsageError(`memoryBytesMax is ${describeValue(bytesMax)}: ${least}`)
}
