import { assert } from '../../base/index.ts'
import type { Message, Next, Self } from '../definition.ts'
import type { ArrayField, ScalarField } from '../fields.ts'
import type { SizeFields } from '../sizes.ts'
import { type ImportContext, importsFor, nextOf, type RunningStep } from './imports.ts'
import { MemoryCopy } from './memory-copy.ts'
import { globalName, type ModuleFile, type NumberType, rewriteModule, wasmPageBytes } from './module-file.ts'
import { watchPagesOf } from './page-watch.ts'

/** The little of the WebAssembly interface that is used here; pure folders see no DOM types. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: Exports }
}

interface Exports {
  readonly memory: WasmMemory
  readonly [name: string]: unknown
}

interface WasmMemory {
  readonly buffer: ArrayBufferLike
  grow(pages: number): number
}

interface WasmGlobal {
  value: number | bigint
}

/** The protected memory of a process that is a module. */
export type WasmFields = {
  /** The module's memory, with room for as much as it may grow to. First, so that its pages are protected pages. */
  memory: ArrayField<Uint8Array>
  /** Its mutable globals, bit by bit. */
  globals: ArrayField<BigUint64Array>
  /** How many pages of WebAssembly the memory has now. */
  pages: ScalarField<number>
}

export type WasmSelf = Self<SizeFields, WasmFields>

/**
 * A process whose steps are those of a module. Its instance lives between the steps as it is; after each of them the
 * protected memory is made the same, so that a new instance can go on from there.
 */
export class WasmProcess {
  readonly #self: WasmSelf
  readonly #module: ModuleFile
  readonly #exports: Exports
  readonly #copy: MemoryCopy
  #step: RunningStep | null = null

  /** A fresh instance. */
  constructor(module: ModuleFile, self: WasmSelf) {
    this.#self = self
    this.#module = module
    const bytes = rewriteModule(module, self.memory.memory.length / wasmPageBytes)
    const context: ImportContext = {
      self,
      memory: () => this.#memory.buffer,
      step: (name) => {
        if (this.#step !== null) return this.#step
        throw new Error(`process ${self.rank} called ${name} while its module was being made: call it in start or step`)
      },
    }
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(bytes), importsFor(context)).exports
    this.#copy = new MemoryCopy(self.memory.memory, watchPagesOf(self))
  }

  /** Makes the instance what the protected memory says. */
  restore(): void {
    const { memory, globals, pages } = this.#self.memory
    const missingPages = pages - this.#pages
    assert(missingPages >= 0, 'program: what a module does while it is made is the same each time')
    this.#memory.grow(missingPages)
    new Uint8Array(this.#memory.buffer).set(memory.subarray(0, pages * wasmPageBytes))
    for (const [index, global] of this.#module.mutableGlobals.entries()) {
      this.#global(index).value = numberOf(global.type, globals[index]!)
    }
  }

  /** Runs an exported function as a step. */
  run(name: 'start' | 'step', values: readonly (number | bigint)[], messages: readonly Message[]): Next {
    const step: RunningStep = { messages, wanted: [], result: null }
    this.#step = step
    try {
      const exported = this.#exports[name] as (...values: readonly (number | bigint)[]) => unknown
      exported(...values)
    } catch (error) {
      throw this.#explained(error)
    } finally {
      this.#step = null
    }
    this.#save()
    return nextOf(this.#self, step)
  }

  #save(): void {
    const { memory } = this.#self
    this.#copy.carryOver(this.#memory.buffer)
    // Every write makes a page one that has changed.
    if (memory.pages !== this.#pages) memory.pages = this.#pages
    for (const [index, { type }] of this.#module.mutableGlobals.entries()) {
      const bits = bitsOf(type, this.#global(index).value)
      if (memory.globals[index] !== bits) memory.globals[index] = bits
    }
  }

  /** A module that can have no more memory mostly ends in a trap that says nothing of it. */
  #explained(error: unknown): unknown {
    if (!(error instanceof Error) || this.#memory.buffer.byteLength < this.#self.memory.memory.length) return error
    const mebibytes = this.#self.memory.memory.length / 2 ** 20
    error.message += ` (the module's memory has grown to its maximum, ${mebibytes} MiB)`
    return error
  }

  get #memory(): WasmMemory {
    return this.#exports.memory
  }

  get #pages(): number {
    return this.#memory.buffer.byteLength / wasmPageBytes
  }

  #global(index: number): WasmGlobal {
    return this.#exports[globalName(this.#module.mutableGlobals[index]!)] as WasmGlobal
  }
}

const bits = new DataView(new ArrayBuffer(8))

function bitsOf(type: NumberType, value: number | bigint): bigint {
  if (type === 'i64') return BigInt.asUintN(64, value as bigint)
  if (type === 'i32') return BigInt.asUintN(32, BigInt(value))
  bits.setFloat64(0, value as number)
  return bits.getBigUint64(0)
}

/** Numbers of 32 bits in floating point are kept as the same number in 64 bits. */
function numberOf(type: NumberType, saved: bigint): number | bigint {
  if (type === 'i64') return BigInt.asIntN(64, saved)
  if (type === 'i32') return Number(BigInt.asIntN(32, saved))
  bits.setBigUint64(0, saved)
  return bits.getFloat64(0)
}
