/** A folder of checkpoints as the command finds it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
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

describe('a folder that another version of Paritas has written', () => {
  it.each([
    ['an older one', 1, '1'],
    ['a newer one', 99, '99'],
    ['one that says no format', undefined, 'nothing'],
  ])('is refused in one line and left as it is: %s', async (name, format, said) => {
    const path = join(folder, name)
    mkdirSync(path)
    const sample = new SampleRun(nodeFolder(path))
    await sample.checkpoint(1, [{ 0: 1 }], true)
    await sample.checkpoint(2, [{ 0: 2 }], true)
    await sample.end()
    const manifest = join(path, 'checkpoint-00000002.json')
    const [written] = readFileSync(manifest, 'utf8').split('\n')
    const json = `${JSON.stringify({ ...JSON.parse(written!), format })}\n`
    writeFileSync(manifest, `${json}${crc32(json).toString(16).padStart(8, '0')}\n`)
    const before = readdirSync(path)
    const why = `checkpoint-00000002.json is of format ${said}, and this version of Paritas reads format 2; go on with the version that wrote it, or choose another folder`
    const action = vi.fn()
    await expect(withOldFolder(path, action)).rejects.toThrow(new UsageError(`${path}: ${why}`))
    await expect(withNewFolder(path, action)).rejects.toThrow(new UsageError(`--checkpoint-dir ${path}: ${why}`))
    expect(action).not.toHaveBeenCalled()
    expect(readdirSync(path)).toEqual(before)
  })
})
