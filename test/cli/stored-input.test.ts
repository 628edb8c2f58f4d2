/** What --input gave, kept beside the checkpoints. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DamagedFileError } from '../../src/checkpoint-files/index.ts'
import { loadInput, storeInput } from '../../src/cli/run/stored-input.ts'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'paritas-input-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

describe('a stored input', () => {
  it.each([
    ['of several parts', Float64Array.from({ length: 1_000_000 }, (_, index) => index / 7)],
    ['of no numbers', new Int32Array(0)],
    ['that is a part of something larger', new Uint32Array(Uint32Array.of(1, 2, 3, 4).buffer, 4, 2)],
  ])('%s comes back as it was', async (_, input) => {
    const stored = await storeInput(path, input)
    expect(stored!.bytes).toBe(input.byteLength)
    const back = await loadInput(path, stored)
    expect(back!.constructor).toBe(input.constructor)
    const bytes = Buffer.from(back!.buffer, back!.byteOffset, back!.byteLength)
    expect(bytes.equals(new Uint8Array(input.buffer, input.byteOffset, input.byteLength))).toBe(true)
  })

  it('is in memory once when it has come back', async () => {
    const input = Float64Array.from({ length: 100_000 }, (_, index) => index)
    const stored = await storeInput(path, input)
    const slice = vi.spyOn(Uint8Array.prototype, 'slice')
    const back = await loadInput(path, stored)
    expect(slice.mock.results.map(({ value }) => (value as Uint8Array).length)).not.toContain(input.byteLength)
    slice.mockRestore()
    expect(back!.buffer.byteLength).toBe(input.byteLength)
  })

  it('that is shorter or longer now is refused by name', async () => {
    const stored = await storeInput(path, Float64Array.of(1, 2, 3))
    const file = join(path, 'input.bin')
    for (const change of [() => appendFileSync(file, 'x'), () => truncateSync(file, 8)]) {
      change()
      await expect(loadInput(path, stored)).rejects.toThrow(DamagedFileError)
      await expect(loadInput(path, stored)).rejects.toThrow(/^input\.bin: it has \d+ bytes and not 24$/)
    }
  })
})
