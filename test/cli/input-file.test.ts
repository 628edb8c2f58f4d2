/** Files of --input: read in parts, of whatever length, and refused in one line where they cannot be. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import { sourceFile } from '../../src/cli/run/input-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'input-file-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const signal = new AbortController().signal
const numbered = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31) % 251)

describe('the bytes of a file', () => {
  it.each([0, 1, 2 ** 22, 2 ** 23 + 5])('of %i bytes', async (length) => {
    const path = join(folder, `${length}.bin`)
    await writeFile(path, numbered(length))
    const bytes = await sourceFile(path, signal).bytes()
    expect(Buffer.compare(bytes, numbered(length))).toBe(0)
  })

  it.each([0, 1, 2 ** 22 + 7])('of a pipe through which %i come, which has no size', async (length) => {
    const path = join(folder, `${length}.pipe`)
    execFileSync('mkfifo', [path])
    const reading = sourceFile(path, signal).bytes()
    const writer = await open(path, 'w')
    await writer.writeFile(numbered(length))
    await writer.close()
    expect(Buffer.compare(await reading, numbered(length))).toBe(0)
  })

  it('that are more than any array holds are refused in one line', async () => {
    const path = join(folder, 'large.npy')
    await writeFile(path, '')
    await truncate(path, 2 ** 40)
    const message = `--input ${path}: 1099511627776 bytes are more than can be read in one piece; use a smaller file`
    await expect(sourceFile(path, signal).bytes()).rejects.toThrow(new UsageError(message))
  })

  it('end with the run', async () => {
    const path = join(folder, 'aborted.bin')
    await writeFile(path, numbered(10))
    const aborted = AbortSignal.abort(new Error('interrupted'))
    await expect(sourceFile(path, aborted).bytes()).rejects.toThrow('interrupted')
  })
})
