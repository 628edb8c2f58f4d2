import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findNewest, lockFolder, lockName, nodeFolder } from '../../src/checkpoint-files/index.ts'
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

describe('the lock of a folder', () => {
  it('is held by one at a time, and taken over from a process that is gone', async () => {
    const first = await lockFolder(folder)
    expect(first).toBeTypeOf('object')
    expect(await lockFolder(folder)).toBe(process.pid)
    if (typeof first === 'object') await first.release()
    // Its number may be that of another process by now, which began at another time.
    writeFileSync(join(folder, lockName), JSON.stringify({ pid: process.pid, began: '1@another boot' }))
    const second = await lockFolder(folder)
    expect(second).toBeTypeOf('object')
    writeFileSync(join(folder, lockName), 'cut off by a pow')
    const third = await lockFolder(folder)
    if (typeof third === 'object') await third.release()
    expect(readdirSync(folder).filter((name) => name.startsWith(lockName))).toEqual([])
  })
  it('that is abandoned goes to one of many that want it at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      writeFileSync(join(folder, lockName), JSON.stringify({ pid: process.pid, began: '1@another boot' }))
      const taken = await Promise.all(Array.from({ length: 8 }, () => lockFolder(folder)))
      const owners = taken.filter((lock) => typeof lock === 'object')
      expect(owners).toHaveLength(1)
      expect(readdirSync(folder).filter((name) => name.startsWith(lockName))).toEqual([lockName])
      await owners[0]!.release()
    }
  })

  it('is refused by the name of the file that somebody left who died while taking it over', async () => {
    for (const name of [lockName, `${lockName}.over`]) writeFileSync(join(folder, name), '')
    await expect(lockFolder(folder)).rejects.toThrow(`${lockName}.over: `)
    expect(readdirSync(folder).filter((name) => name.startsWith(lockName))).toEqual([lockName, `${lockName}.over`])
  })
})
