import { mkdtempSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { findNewest, nodeFolder } from '../../src/checkpoint-files/index.ts'
import { pagesIn, SampleRun } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a folder of the operating system', () => {
  it('gives back what was written into it', async () => {
    const disk = nodeFolder(folder)
    const sample = new SampleRun(disk)
    await sample.checkpoint(1, [{ 0: 1, 2: 3 }], true)
    const manifest = await sample.checkpoint(2, [{ 2: 4 }], false)
    await sample.end()
    const { newest } = await findNewest(disk)
    expect(newest).toMatchObject(manifest)
    expect(await pagesIn(disk, manifest, 0)).toEqual({ 0: 1, 2: 4 })
  })

  it('reads a large file in parts that the operating system gives', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 251)
    const file = await nodeFolder(folder).create('large')
    await file.write(0, bytes)
    await file.close()
    const handle = await open(join(folder, 'large'))
    const read = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'read')
    await handle.close()
    expect(await nodeFolder(folder, 300).read('large', 10, 2000)).toEqual(bytes.subarray(10))
    expect(await nodeFolder(folder, 300).read('large', 0, 600)).toEqual(bytes.subarray(0, 600))
    const lengths = (read.mock.calls as unknown as readonly (readonly unknown[])[]).map(([, , length]) => length)
    read.mockRestore()
    expect(lengths).toEqual([300, 300, 300, 90, 300, 300])
  })
})
