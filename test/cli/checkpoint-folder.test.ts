/** A folder of checkpoints as the command finds it. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import { nodeFolder } from '../../src/checkpoint-files/index.ts'
import { emptyFolder, withNewFolder, withOldFolder } from '../../src/cli/run/checkpoint-folder.ts'
import { SampleRun } from '../checkpoint-files/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-folder-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a folder that cannot be read', () => {
  it('is refused in one line', async () => {
    const path = join(folder, 'unreadable')
    mkdirSync(path)
    const failure = Object.assign(new Error('EACCES: permission denied, scandir'), {
      code: 'EACCES',
      syscall: 'scandir',
    })
    vi.spyOn(fs, 'readdir').mockRejectedValue(failure)
    syncBuiltinESMExports()
    const action = vi.fn()
    const refusals = [withOldFolder(path, action), withNewFolder(path, action)]
    const texts = await Promise.all(refusals.map((refusal) => refusal.catch((error: unknown) => error)))
    vi.restoreAllMocks()
    syncBuiltinESMExports()
    expect(texts).toEqual([
      new UsageError(`${path}: permission denied`),
      new UsageError(`--checkpoint-dir ${path}: permission denied`),
    ])
    expect(readdirSync(path)).toEqual([])
  })
})

describe('a run that begins', () => {
  it.each([
    ['is damaged', (path: string) => writeFileSync(path, 'not a manifest'), 'it does not have its checksum'],
    [
      'the disk does not give',
      (path: string) => {
        rmSync(path)
        mkdirSync(path)
      },
      'EISDIR: illegal operation on a directory, read',
    ],
  ])('refuses a folder with a checkpoint that %s, and leaves it as it is', async (name, spoil, why) => {
    const path = join(folder, name)
    mkdirSync(path)
    const sample = new SampleRun(nodeFolder(path))
    await sample.checkpoint(1, [{ 0: 1 }], true)
    await sample.end()
    const manifest = 'checkpoint-00000001.json'
    spoil(join(path, manifest))
    const before = readdirSync(path)
    const action = vi.fn()
    await expect(withNewFolder(path, action)).rejects.toThrow(UsageError)
    const text = `--checkpoint-dir ${path}: it holds a checkpoint that cannot be read (checkpoint file ${manifest} is passed over: `
    await expect(withNewFolder(path, action)).rejects.toThrow(text)
    await expect(withNewFolder(path, action)).rejects.toThrow(`${why}); remove it, or choose another folder`)
    expect(action).not.toHaveBeenCalled()
    expect(readdirSync(path)).toEqual(before)
  })

  it('takes a folder in which the run before was killed while it kept its input', async () => {
    const path = join(folder, 'cut-off')
    mkdirSync(path)
    writeFileSync(join(path, 'input.bin.partial'), 'half of')
    writeFileSync(join(path, 'outputs-ab12.bin'), '')
    await withNewFolder(path, () => Promise.resolve())
    await emptyFolder(path)
    expect(readdirSync(path)).toEqual([])
  })
})
