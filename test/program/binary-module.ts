/** The parts of a module in WebAssembly's binary format, each the content of a section without its size. */
export interface Parts {
  readonly types?: readonly (readonly number[])[]
  readonly imports?: readonly (readonly number[])[]
  /** How many of the imports are functions. */
  readonly importedFunctions?: number
  /** Type of each function. */
  readonly functions?: readonly number[]
  readonly tables?: readonly (readonly number[])[]
  readonly memories?: readonly (readonly number[])[]
  readonly globals?: readonly (readonly number[])[]
  readonly exports?: readonly (readonly number[])[]
  /** Instructions of each function, without the end. */
  readonly code?: readonly (readonly number[])[]
}

/** The type () -> (). */
export const procedure = [0x60, 0, 0]
export const [functionKind, tableKind, memoryKind] = [0, 1, 2]

export function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)]
}

/** A module that passes, but for `parts`: one page of memory, and `start` and `step` that do nothing. */
export function binaryModule(parts: Parts = {}): Uint8Array<ArrayBuffer> {
  const {
    types = [procedure],
    imports = [],
    importedFunctions = 0,
    functions = [0, 0],
    tables = [],
    memories = [[1, 1, 1]],
    globals = [],
    code = [[], []],
  } = parts
  const exports = parts.exports ?? [
    [...name('memory'), memoryKind, 0],
    [...name('start'), functionKind, importedFunctions],
    [...name('step'), functionKind, importedFunctions + 1],
  ]
  const bodies = code.map((instructions) => [instructions.length + 2, 0, ...instructions, 0x0b])
  const sections: [id: number, items: readonly (readonly number[])[]][] = [
    [1, types],
    [2, imports],
    [3, functions.map((type) => [type])],
    [4, tables],
    [5, memories],
    [6, globals],
    [7, exports],
    [10, bodies],
  ]
  const bytes = sections.flatMap(([id, items]) => {
    const content = [items.length, ...items.flat()]
    return items.length === 0 ? [] : [id, content.length, ...content]
  })
  return Uint8Array.from([0, ...Buffer.from('asm'), 1, 0, 0, 0, ...bytes])
}
