/** The launcher's part in checkpoints on disk: which files stay after a loss of some. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { findNewest, nodeFolder } from '../../src/checkpoint-files/index.ts'
import { DiskStore } from '../../src/machine/local/disk-store.ts'
import { SampleRun } from '../checkpoint-files/samples.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** The store of a run that is gone on with, in whose folder the last two of the checkpoints 10, 20 and so on are whole. */
async function resumed(isFull = [true, true]): Promise<{
  store: DiskStore
  path: string
  manifests: () => string[]
  dispatch: ReturnType<typeof vi.fn>
  warn: ReturnType<typeof vi.fn>
}> {
  const path = mkdtempSync(join(tmpdir(), 'paritas-store-'))
  folders.push(path)
  const sample = new SampleRun(nodeFolder(path))
  for (const [index, full] of isFull.entries()) await sample.checkpoint(index + 1, [{ 0: index }], full)
  await sample.end()
  const { newest, older, lastSequence } = await findNewest(nodeFolder(path))
  const [dispatch, warn] = [vi.fn(), vi.fn()]
  const store = new DiskStore(
    { path, run: 'again', every: 1, isIncremental: true, from: newest, older, lastSequence, about: {} },
    nodeFolder(path),
    { dispatch, onStored: vi.fn(), warn, fail: vi.fn() },
  )
  const manifests = (): string[] => readdirSync(path).filter((name) => name.endsWith('.json'))
  return { store, path, manifests, dispatch, warn }
}

it('a resumed run has both whole checkpoints to go back to, also after a write that failed', async () => {
  const { store, manifests } = await resumed()
  expect(store.options.whole.map(({ checkpoint }) => checkpoint)).toEqual([10, 20])
  store.tell({ type: 'notStored', checkpoint: 30, sequence: 3, place: 'a0', reason: 'ENOSPC', ends: false })
  await store.close()
  expect(manifests()).toEqual(['checkpoint-00000001.json', 'checkpoint-00000002.json'])
})

it('a checkpoint that is passed over goes, and the good one before it stays, when a new one is whole', async () => {
  const { store, manifests, dispatch, warn } = await resumed()
  store.tell({ type: 'passedOver', checkpoint: 20, place: 'a0', reason: 'pages.bin: it is cut off' })
  const file = { isFull: true, bytes: 1, checksum: 1 }
  const shares = [{ file, released: 0, isFinished: false }]
  store.seal({ type: 'seal', sequence: 3, checkpoint: 20, since: null, shares })
  await store.close()
  expect(warn.mock.calls).toEqual([
    ['checkpoint 20 on disk is passed over: application processor 0: pages.bin: it is cut off'],
  ])
  expect(dispatch).toHaveBeenCalledWith({ type: 'sealed', sequence: 3 })
  expect(manifests()).toEqual(['checkpoint-00000001.json', 'checkpoint-00000003.json'])
})

it('a file that cannot be removed is told of once, by name, and keeps no other', async () => {
  const { store, path, manifests, warn } = await resumed()
  // A folder in place of a file: nobody removes it so, not even root.
  mkdirSync(join(path, 'pages-00000001-dead-0.bin'))
  writeFileSync(join(path, 'pages-00000002-dead-0.bin'), '')
  const seal = async (sequence: number): Promise<void> => {
    const shares = [{ file: { isFull: true, bytes: 1, checksum: 1 }, released: 0, isFinished: false }]
    store.seal({ type: 'seal', sequence, checkpoint: 10 * sequence, since: null, shares })
    await vi.waitFor(() => expect(manifests()).toHaveLength(2))
    await vi.waitFor(() => expect(manifests().at(-1)).toBe(`checkpoint-0000000${sequence}.json`))
  }
  await seal(3)
  await seal(4)
  await store.close()
  expect(manifests()).toEqual(['checkpoint-00000003.json', 'checkpoint-00000004.json'])
  expect(readdirSync(path).filter((name) => name.includes('dead'))).toEqual(['pages-00000001-dead-0.bin'])
  expect(warn.mock.calls).toEqual([
    [
      expect.stringMatching(
        /^a file of an old checkpoint cannot be removed: pages-00000001-dead-0\.bin: E(?:ISDIR|PERM): [^,']*; it takes room/,
      ),
    ],
  ])
})

it('a resumed run goes on counting the files of changes that hang on a full one', async () => {
  const { store, manifests } = await resumed([true, false, false])
  expect(store.options.whole.map(({ changesInARow }) => changesInARow)).toEqual([1, 2])
  await store.close()
  expect(manifests()).toHaveLength(2)
})

it('says to who takes over what is whole, and what is being sealed until that is', async () => {
  const { store } = await resumed([true, false])
  const file = { isFull: false, bytes: 1, checksum: 1 }
  const shares = [{ file, released: 4, isFinished: true }]
  store.seal({ type: 'seal', sequence: 3, checkpoint: 30, since: 2, shares })
  expect(store.holds).toMatchObject({ whole: [{ sequence: 1 }, { sequence: 2 }], lastSequence: 3 })
  const outputs = [{ released: 4, isFinished: true }]
  const sealed = { sequence: 3, checkpoint: 30, changesInARow: 2, outputs }
  expect(store.holds.sealing).toEqual(sealed)
  await store.close()
  expect(store.holds).toMatchObject({ whole: [{ sequence: 2 }, sealed], sealing: null, lastSequence: 3 })
})
