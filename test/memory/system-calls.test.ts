// Writes of the operating system into a program's memory: found where pages are tracked or compared, refused with an
// error where old contents are kept at first writes.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProtectedMemory } from '../../src/memory/index.ts'
import { explainRefusedWrite, openMemory, type TrackerName } from '../../src/memory/native/index.ts'
import { portableKernels } from '../../src/parity/index.ts'
import { closing } from './closing.ts'
import { isThere } from './kernel-trackers.ts'
import { expectBytes, pagesOf, programOf } from './model.ts'

const pageSizeBytes = 4096
const programBytes = 16 * pageSizeBytes
const none: ReadonlyMap<string, Uint8Array> = new Map()
const content = new Uint8Array(3 * pageSizeBytes).fill(7)

let folder = ''
let file = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-memory-'))
  file = join(folder, 'content')
  writeFileSync(file, content)
})

afterAll(() => rmSync(folder, { recursive: true }))

function filled(tracker: TrackerName): { memory: ProtectedMemory; bytes: Uint8Array } {
  const { memory } = openMemory({ kernels: portableKernels, pageSizeBytes, programBytes, tracker })
  const bytes = programOf(closing(memory), programBytes).fill(1)
  memory.capture(1, none)
  memory.recycle(1)
  return { memory, bytes }
}

/** Reads the file by a system call, into `bytes` from `offset` on. Returns how far it came. */
function readInto(bytes: Uint8Array, offset: number): number {
  const descriptor = openSync(file, 'r')
  try {
    return readSync(descriptor, bytes, offset, content.length, 0)
  } finally {
    closeSync(descriptor)
  }
}

const changedBy = (memory: ProtectedMemory): number[] => [...pagesOf(memory.delta(16), pageSizeBytes).keys()]

describe.each((['compare', 'shadow'] as const).filter(isThere))('%s', (tracker) => {
  it('finds what read() has written, and undoes it', () => {
    const { memory, bytes } = filled(tracker)
    expect(readInto(bytes, 4 * pageSizeBytes + 5)).toBe(content.length)
    memory.capture(2, none)
    expect(changedBy(memory)).toEqual([4, 5, 6, 7])
    memory.restore(1)
    expectBytes(bytes, new Uint8Array(programBytes).fill(1))
  })

  it('finds what a thread of the system has written for a promise', async () => {
    const { memory, bytes } = filled(tracker)
    const handle = await open(file)
    await handle.read(bytes, 9 * pageSizeBytes, content.length, 0)
    await handle.close()
    memory.capture(2, none)
    expect(changedBy(memory)).toEqual([9, 10, 11])
  })
})

describe.each((['lean'] as const).filter(isThere))('%s', (tracker) => {
  it('makes system calls that write protected pages fail, and nothing changes', async () => {
    const { memory, bytes } = filled(tracker)
    expect(() => readInto(bytes, 4 * pageSizeBytes + 5)).toThrow(/^EFAULT: bad address in system call argument, read/)
    const handle = await open(file)
    await expect(handle.read(bytes, 9 * pageSizeBytes, content.length, 0)).rejects.toThrow(/^EFAULT/)
    await handle.close()
    expectBytes(bytes, new Uint8Array(programBytes).fill(1))
    expect(memory.capture(2, none).changedPages).toBe(0)
  })

  it('explains such an error, and no other', () => {
    const { bytes } = filled(tracker)
    const errorOf = (work: () => unknown): unknown => {
      try {
        return work()
      } catch (error) {
        return error
      }
    }
    expect(explainRefusedWrite(errorOf(() => readInto(bytes, 0)))).toBe(
      'lean memory cannot be written by read: let it write an array of your own and copy that, or take another kind of memory',
    )
    expect(explainRefusedWrite(errorOf(() => openSync(join(folder, 'nowhere'), 'r')))).toBe(null)
    expect(explainRefusedWrite(undefined)).toBe(null)
  })

  it('lets them write pages that are open, says how far they came, and keeps what they wrote', () => {
    const { memory, bytes } = filled(tracker)
    bytes[4 * pageSizeBytes] = 2
    const length = readInto(bytes, 4 * pageSizeBytes)
    expect(length).toBe(pageSizeBytes)
    const expected = new Uint8Array(programBytes).fill(1)
    expected.set(content.subarray(0, length), 4 * pageSizeBytes)
    expectBytes(bytes, expected)
    memory.capture(2, none)
    expect(changedBy(memory)).toEqual([4])
    bytes.fill(3)
    memory.restore(2)
    expectBytes(bytes, expected)
  })

  it('takes the same bytes through a buffer of the program’s own', () => {
    const { memory, bytes } = filled(tracker)
    const buffer = new Uint8Array(content.length)
    readInto(buffer, 0)
    bytes.set(buffer, 4 * pageSizeBytes + 5)
    memory.capture(2, none)
    expect(changedBy(memory)).toEqual([4, 5, 6, 7])
  })
})
