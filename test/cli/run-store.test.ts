/** What a run that has ended early says of the checkpoints in its folder. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeFolder } from '../../src/checkpoint-files/index.ts'
import { RunStore } from '../../src/cli/run/run-store.ts'
import { SampleRun } from '../checkpoint-files/samples.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** The store of a run in whose folder are the checkpoints 10, 20 and so on. */
async function abandoned(checkpoints: number): Promise<{ path: string; store: RunStore }> {
  const path = mkdtempSync(join(tmpdir(), 'paritas-abandoned-'))
  folders.push(path)
  const sample = new SampleRun(nodeFolder(path))
  for (let sequence = 1; sequence <= checkpoints; sequence += 1) await sample.checkpoint(sequence, [{ 0: 1 }], true)
  await sample.end()
  const nothing = { newest: null, older: null, passedOver: [], lastSequence: 0 }
  return { path, store: new RunStore({ ...nothing, path, what: path }, null) }
}

const spoil = (path: string, name: string): void => writeFileSync(join(path, name), 'torn')

describe('a run that ends before its end', () => {
  it('says from which checkpoint it can be gone on with', async () => {
    const { path, store } = await abandoned(2)
    expect(await store.abandon()).toBe(`checkpoint 20 is on disk: 'paritas resume ${path}' goes on from there`)
  })

  it.each(['checkpoint-00000002.json', 'pages-00000002-run-0.bin'])(
    'names the one before if %s is damaged',
    async (name) => {
      const { path, store } = await abandoned(2)
      spoil(path, name)
      expect(await store.abandon()).toBe(`checkpoint 10 is on disk: 'paritas resume ${path}' goes on from there`)
    },
  )

  it('says why there is none to go on from, and leaves what is there', async () => {
    const { path, store } = await abandoned(1)
    spoil(path, 'checkpoint-00000001.json')
    const before = readdirSync(path)
    expect(await store.abandon()).toBe(
      `no checkpoint in ${path} is whole (checkpoint file checkpoint-00000001.json is passed over: checkpoint-00000001.json: it does not have its checksum)`,
    )
    expect(readdirSync(path)).toEqual(before)
  })

  it('leaves an empty folder if no checkpoint was begun', async () => {
    const { path, store } = await abandoned(0)
    await nodeFolder(path).create('pages-00000001-run-0.bin.partial')
    expect(await store.abandon()).toBeNull()
    expect(readdirSync(path)).toEqual([])
  })
})
