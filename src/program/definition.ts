import type { Rank } from '../base/index.ts'
import type { Fields, Memory, TypedArray } from './fields.ts'
import type { SizeFields, Sizes } from './sizes.ts'

/** A message, as `step` is given it. */
export interface Message {
  /** Rank of the sender. */
  readonly from: Rank
  readonly tag: string
  /** A copy of what was sent; yours to keep and change. */
  readonly value: unknown
}

/** Which messages will do: `from` one rank or any, with one `tag` or any. What is left out means any. */
export interface Wanted {
  readonly from?: Rank
  readonly tag?: string
}

/** A `Wanted` spelled out: null stands for any. */
export interface Pattern {
  readonly from: Rank | null
  readonly tag: string | null
}

/** How a process goes on after a step. Made by `self.receive`, `self.next` and `self.done`, and returned. */
export type Next =
  | { readonly kind: 'receive'; readonly patterns: readonly Pattern[] }
  | { readonly kind: 'continue' }
  | { readonly kind: 'done'; readonly result: unknown }

/** A small object of what can be copied: numbers, texts, arrays, maps, plain objects, but no functions or own classes. */
export type Vars = Record<string, unknown>

/** What `memory` and `vars` are told about the process they are for. */
export interface ProcessContext<SizesOf extends SizeFields = SizeFields> {
  readonly rank: Rank
  /** How many processes the program runs as. */
  readonly processes: number
  readonly size: Sizes<SizesOf>
}

/** A process, as its own `start` and `step` see it. */
export interface Self<
  SizesOf extends SizeFields = SizeFields,
  FieldsOf extends Fields = Fields,
  VarsOf extends Vars = Vars,
  Input extends TypedArray = TypedArray,
> extends ProcessContext<SizesOf> {
  /** The neighbours when the processes stand in a ring. */
  readonly left: Rank
  readonly right: Rank
  /** The fields of `memory()`, all 0 at first. Every checkpoint holds them, and a recovery brings them back. */
  readonly memory: Memory<FieldsOf>
  /** A place for small values of other kinds; checkpoints hold it too. It is written out after each step, so keep it small. */
  readonly vars: VarsOf
  /** What the program's `input` made of --input; only on rank 0, and only in `start`, else null. */
  readonly input: Input | null

  /** Sends a copy of `value` to process `to`. It leaves when the step ends. */
  send(to: Rank, tag: string, value?: unknown): void
  /**
   * Goes on when one message has come for each of `wanted`; `step` is given them in that order. `receive({})` takes
   * any message. Messages of one sender that match the same pattern come in the order in which they were sent.
   */
  receive(...wanted: readonly [Wanted, ...Wanted[]]): Next
  /** Goes on at once, with no messages. A checkpoint may fall in between: use it to cut long work into short steps. */
  next(): Next
  /** This process has finished; `result` is what it has to say in the end. */
  done(result?: unknown): Next

  /** Hands `value` to the outside (the program's `output`), once it is certain that no recovery takes it back. */
  emit(value: unknown): void
  /**
   * Shows a line with time and rank, once it is certain that no recovery takes it back, and so once only: of any
   * values the text that `console.log` makes of them, as they are now.
   */
  log(...values: readonly unknown[]): void
  /** Says that `done` of `total` is finished, in whatever unit. Only for people to see; call it as often as you like. */
  progress(done: number, total: number): void
}

/** What `input.parse` or `input.read` returns: the data for rank 0's `start`, and sizes that follow from it. */
export interface ParsedInput<SizesOf extends SizeFields = SizeFields, Input extends TypedArray = TypedArray> {
  readonly data: Input
  readonly size?: Partial<Sizes<SizesOf>>
}

export interface InputContext<SizesOf extends SizeFields = SizeFields> {
  readonly size: Sizes<SizesOf>
  /** Name of the file, for messages. */
  readonly file: string
}

/** Some lines of the input, one behind the other. Blocks, because awaiting every single line takes too long. */
export interface InputBlock {
  /** Number of the first line, counting from 1. */
  readonly first: number
  /** The lines, without their ends: of up to 2^27 characters, else the file is refused. */
  readonly lines: readonly string[]
}

/** One file of --input, as `read` is given it. */
export interface InputFile {
  /** As the user typed it, for messages. */
  readonly name: string
  /** Its text in blocks of lines. */
  lines(): AsyncIterable<InputBlock>
  /** All of it at once; a file for which there is no array that long is refused. */
  bytes(): Promise<Uint8Array>
}

/** How a program reads the one text file of --input. */
export interface LinesInput<SizesOf extends SizeFields = SizeFields, Input extends TypedArray = TypedArray> {
  /** What the file holds, for people, for instance `one number a line`. */
  readonly description: string
  /**
   * Reads the file, which comes in blocks of lines. For a line that is wrong throw a `UsageError` such as
   * ``new UsageError(`${file}:${block.first + index}: '${line}' is no number`)``.
   */
  parse(blocks: AsyncIterable<InputBlock>, context: InputContext<SizesOf>): Promise<ParsedInput<SizesOf, Input>>
}

/** How a program reads several files of --input, or files that are no text. */
export interface FilesInput<SizesOf extends SizeFields = SizeFields, Input extends TypedArray = TypedArray> {
  readonly description: string
  /** A name for each file, for people, for instance `['A', 'B']`: as many as --input takes. */
  readonly files: readonly string[]
  /** Reads the files, in the order in which they were typed. For what is wrong throw a `UsageError` that names the file. */
  read(files: readonly InputFile[], context: Pick<InputContext<SizesOf>, 'size'>): Promise<ParsedInput<SizesOf, Input>>
}

/** How a program reads what --input names. */
export type InputDefinition<SizesOf extends SizeFields = SizeFields, Input extends TypedArray = TypedArray> =
  | LinesInput<SizesOf, Input>
  | FilesInput<SizesOf, Input>

/** How a program writes the file of --output. */
export interface OutputDefinition {
  /** What the file holds, for people, for instance `the numbers in order, one a line`. */
  readonly description?: string
  /** One emitted value as text: whole lines, each with its newline. */
  format(value: unknown): string
}

/** A finished run, as `verify` is given it. */
export interface FinishedRun<SizesOf extends SizeFields = SizeFields, Input extends TypedArray = TypedArray> {
  readonly size: Sizes<SizesOf>
  readonly processes: number
  /** What `input.parse` or `input.read` returned, or null without --input. */
  readonly input: Input | null
  /** What each process gave to `self.done`, by rank. */
  readonly results: readonly unknown[]
  /** Everything that was emitted: process 0's values first, those of each process in the order in which it emitted them. */
  readonly emitted: readonly unknown[]
}

/** A program: what memory a process has, and what one step of it does. */
export interface ProgramDefinition<
  SizesOf extends SizeFields = SizeFields,
  FieldsOf extends Fields = Fields,
  VarsOf extends Vars = Vars,
  Input extends TypedArray = TypedArray,
> {
  readonly name: string
  /** One line for the list of programs. */
  readonly description?: string
  /** What users can choose with `--size name=value`. */
  readonly size?: SizesOf
  /**
   * The memory of one process. It may differ from process to process, but must depend on nothing but its argument. Write
   * it above `start` and `step`, so that TypeScript knows the fields there.
   */
  memory(context: ProcessContext<SizesOf>): FieldsOf
  /** What `self.vars` is at first; an empty object if left out. */
  vars?(context: ProcessContext<SizesOf>): VarsOf
  readonly input?: InputDefinition<SizesOf, Input>
  readonly output?: OutputDefinition
  /** Runs once, on a fresh process. */
  start(self: Self<SizesOf, FieldsOf, VarsOf, Input>): Next
  /**
   * Runs whenever what was asked for is there; `messages` is empty after `self.next()`. A step either is wholly in a
   * checkpoint or not in it at all. It may run again after a recovery, from the memory of the checkpoint.
   */
  step(self: Self<SizesOf, FieldsOf, VarsOf, Input>, messages: readonly Message[]): Next
  /** Says what is wrong with a finished run, in one line, or null if all is right. */
  verify?(run: FinishedRun<SizesOf, Input>): string | null | Promise<string | null>
  /** What `verify` compares with, for people, for instance `an independent sort`. */
  readonly verifiedAgainst?: string
}

/** Any program. */
export type Program = ProgramDefinition

/**
 * A program, ready to be the default export of a module:
 *
 * ```ts
 * import { defineProgram, f64 } from 'paritas'
 *
 * export default defineProgram({
 *   name: 'sum',
 *   memory: () => ({ total: f64() }),
 *   start: (self) => {
 *     if (self.rank > 0) self.send(0, 'part', self.rank)
 *     return self.rank > 0 ? self.done() : self.receive(...)
 *   },
 *   step(self, messages) { ... },
 * })
 * ```
 */
export function defineProgram<
  SizesOf extends SizeFields = Record<never, never>,
  FieldsOf extends Fields = Fields,
  VarsOf extends Vars = Vars,
  Input extends TypedArray = TypedArray,
>(
  definition: ProgramDefinition<SizesOf, FieldsOf, VarsOf, Input>,
): ProgramDefinition<SizesOf, FieldsOf, VarsOf, Input> {
  return definition
}
