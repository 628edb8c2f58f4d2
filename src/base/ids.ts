declare const brand: unique symbol

/** A value that cannot be passed where another kind of the same base type is wanted. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Number of a process of the program, 0 to n - 1. */
export type Rank = number

/** Incarnation of the machine: raised by every recovery, carried by every frame. */
export type Epoch = number

/** One operating-system process that was started to be a processor; never used again once it is lost. */
export type ProcessorId = Branded<number, 'ProcessorId'>

/** Makes the id of the `index`-th processor that the machine started, counting from 1. */
export function processorId(index: number): ProcessorId {
  return index as ProcessorId
}
