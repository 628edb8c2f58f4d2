/**
 * Programs: what their authors import as `paritas` (`paritas.ts` says which of it), and what runs them needs: checking a
 * module, sizes and input, laying out memory, and running the steps of one process. Pure: bytes in and out, and a codec
 * that is handed in.
 */
export { UsageError } from '../base/index.ts'
export {
  defineProgram,
  type FilesInput,
  type FinishedRun,
  type InputBlock,
  type InputContext,
  type InputDefinition,
  type InputFile,
  type LinesInput,
  type Message,
  type Next,
  type OutputDefinition,
  type ParsedInput,
  type Pattern,
  type ProcessContext,
  type Program,
  type ProgramDefinition,
  type Self,
  type Vars,
  type Wanted,
} from './definition.ts'
export {
  type ArrayField,
  bindMemory,
  type Field,
  type Fields,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  isTypedArray,
  layoutMemory,
  type Memory,
  type ScalarField,
  type TypedArray,
  u8,
  u16,
  u32,
  u64,
} from './fields.ts'
export { inputFileNames, readInput, type SourceFile, splitLines } from './input.ts'
export {
  type Buffers,
  type Codec,
  createProcess,
  type Delivery,
  type Process,
  type Sending,
  type StepOutcome,
} from './process.ts'
export {
  type AnySizes,
  choice,
  defaultSizes,
  integer,
  number,
  parseSizes,
  type SizeField,
  type SizeFields,
  type Sizes,
  text,
} from './sizes.ts'
export { unknownKey } from './texts.ts'
export { memoryLayout, validateProgram } from './validate.ts'
export { copyPageBytes, type WasmPageWatch } from './wasm/page-watch.ts'
export { type WasmProgramDefinition, wasmProgram } from './wasm/wasm-program.ts'
