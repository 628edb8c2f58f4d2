import { UsageError } from '../../base/index.ts'
import type { ByteReader } from './byte-reader.ts'

/** What follows an opcode: a number in LEB128, a type, a list, where memory is accessed, or so many bytes. */
type Immediate = 'number' | 'type' | 'list' | 'access' | 1 | 4 | 8 | 16

/** First and last opcode, and what follows each of them. */
type Row = readonly [first: number, last: number, ...immediates: Immediate[]]

/** What follows each opcode. */
type Immediates = ReadonlyMap<number, readonly Immediate[]>

const instructions = immediatesOf([
  [0x00, 0x01],
  [0x02, 0x04, 'type'],
  [0x05, 0x05],
  [0x06, 0x06, 'type'],
  [0x07, 0x09, 'number'],
  [0x0b, 0x0b],
  [0x0c, 0x0d, 'number'],
  [0x0e, 0x0e, 'list', 'number'],
  [0x0f, 0x0f],
  [0x10, 0x10, 'number'],
  [0x11, 0x11, 'number', 'number'],
  [0x12, 0x12, 'number'],
  [0x13, 0x13, 'number', 'number'],
  [0x18, 0x18, 'number'],
  [0x19, 0x1b],
  [0x1c, 0x1c, 'list'],
  [0x20, 0x26, 'number'],
  [0x28, 0x3e, 'access'],
  [0x3f, 0x42, 'number'],
  [0x43, 0x43, 4],
  [0x44, 0x44, 8],
  [0x45, 0xc4],
  [0xd0, 0xd0, 'type'],
  [0xd1, 0xd1],
  [0xd2, 0xd2, 'number'],
])

/** Opcodes of several bytes, by the first one. */
const prefixed: Readonly<Record<number, Immediates>> = {
  252: immediatesOf([
    [0, 7],
    [8, 8, 'number', 'number'],
    [9, 9, 'number'],
    [10, 10, 'number', 'number'],
    [11, 11, 'number'],
    [12, 12, 'number', 'number'],
    [13, 13, 'number'],
    [14, 14, 'number', 'number'],
    [15, 17, 'number'],
  ]),
  // SIMD.
  253: immediatesOf([
    [0, 11, 'access'],
    [12, 13, 16],
    [14, 20],
    [21, 34, 1],
    [35, 83],
    [84, 91, 'access', 1],
    [92, 93, 'access'],
    [94, 275],
  ]),
  // Atomics.
  254: immediatesOf([
    [0, 2, 'access'],
    [3, 3, 1],
    [16, 78, 'access'],
  ]),
}

/** table.set, and table.init, table.copy, table.grow and table.fill. */
const tableSet = 0x26
const tableWriters = [12, 14, 15, 17]

/**
 * Passes the instructions up to byte `end`. Throws a `UsageError` for one that changes a table, since what a table holds
 * cannot be kept in a checkpoint, and for one that is not known.
 */
export function checkInstructions(reader: ByteReader, end: number): void {
  while (reader.position < end) skipInstruction(reader)
}

/** Passes an expression of constants, as globals begin with, with its end. */
export function skipConstant(reader: ByteReader): void {
  const endOpcode = 0x0b
  while (skipInstruction(reader) !== endOpcode);
}

function skipInstruction(reader: ByteReader): number {
  const opcode = reader.byte()
  const group = prefixed[opcode]
  const code = group === undefined ? opcode : reader.unsigned()
  const immediates = (group ?? instructions).get(code)
  if (immediates === undefined) {
    const shown = group === undefined ? opcode.toString(16) : `${opcode.toString(16)} ${code.toString(16)}`
    throw new UsageError(`the WebAssembly module has an instruction that Paritas does not know: 0x${shown}`)
  }
  if (group === undefined ? code === tableSet : opcode === 252 && tableWriters.includes(code)) {
    throw new UsageError('the WebAssembly module changes a table, which no checkpoint can hold')
  }
  for (const immediate of immediates) skipImmediate(reader, immediate)
  return opcode
}

function skipImmediate(reader: ByteReader, immediate: Immediate): void {
  switch (immediate) {
    case 'number':
      reader.skipNumber()
      return
    case 'type':
      skipType(reader)
      return
    case 'list':
      reader.vector(() => reader.skipNumber())
      return
    case 'access':
      reader.skipNumber()
      reader.skipNumber()
      return
    default:
      reader.skip(immediate)
  }
}

/** Passes a type, whose first byte is returned; references to a type of the module have a number behind it. */
export function skipType(reader: ByteReader): number {
  const [refNull, ref] = [0x63, 0x64]
  const first = reader.byte()
  if (first === refNull || first === ref || first >= 128) reader.skipNumber()
  return first
}

function immediatesOf(rows: readonly Row[]): Immediates {
  const immediates = new Map<number, readonly Immediate[]>()
  for (const [first, last, ...kinds] of rows)
    for (let code = first; code <= last; code += 1) immediates.set(code, kinds)
  return immediates
}
