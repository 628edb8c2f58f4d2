import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
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
})
