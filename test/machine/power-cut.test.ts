/**
 * The power is cut at every point of a run under the scheme disk, and of its going on: the conductor, the launcher's store,
 * the processors' shares and their memories are those of the machine; only the folder is one that remembers everything.
 */
import { describe, expect, it, vi } from 'vitest'
import { type Folder, findNewest, loadPages, type Manifest, readOutputLog } from '../../src/checkpoint-files/index.ts'
import type { PageBatch } from '../../src/parity/index.ts'
import { FragileDisk } from '../checkpoint-files/fragile-disk.ts'
import { DiskRun, pagesText } from './disk-run.ts'

// So small that the power can be cut at each byte of each file.
vi.mock('../../src/machine/page-size.ts', () => ({ pageSizeBytes: 32 }))

/** More than changes may follow a full file, over two runs. */
const [before, after] = [6, 7]

interface Story {
  readonly disk: FragileDisk
  readonly captured: DiskRun['captured']
  /** So many operations were done when checkpoint n was. */
  readonly done: readonly number[]
}

async function playStory(): Promise<Story> {
  const disk = new FragileDisk()
  const done = [0]
  const first = await DiskRun.open(disk, 'first')
  for (let count = before; count > 0; count -= 1) done.push(await checkpoint(first, disk))
  await first.close()
  const second = await DiskRun.open(disk, 'second', first.captured)
  expect([0, 1].map((rank) => second.heldBy(rank))).toEqual(first.captured.get(before))
  for (let count = after; count > 0; count -= 1) done.push(await checkpoint(second, disk))
  await second.close()
  return { disk, captured: second.captured, done }
}

async function checkpoint(run: DiskRun, disk: FragileDisk): Promise<number> {
  await run.checkpoint()
  return disk.operations.length
}

/** What the files say that a process held. */
async function heldBy(folder: Folder, manifest: Manifest, rank: number): Promise<string> {
  const batches: PageBatch[] = []
  for await (const batch of loadPages(folder, manifest, rank)) batches.push(batch)
  return pagesText(batches)
}

describe('a power cut', () => {
  it('at any byte of what a run writes leaves the checkpoint before usable, or the new one', async () => {
    const { disk, captured, done } = await playStory()
    let cuts = 0
    for (const { what, done: operations, files } of disk.powerCuts()) {
      cuts += 1
      const folder = FragileDisk.holding(files)
      const { newest } = await findNewest(folder, 1)
      const complete = done.findLastIndex((end) => end <= operations)
      expect([complete, complete + 1], what).toContain(newest?.checkpoint ?? 0)
      if (newest === null) continue
      const held = [await heldBy(folder, newest, 0), await heldBy(folder, newest, 1)]
      expect(held, what).toEqual(captured.get(newest.checkpoint))
      const outputs = (await readOutputLog(folder, newest.outputs)).map(({ payload }) => payload[0])
      expect(outputs, what).toEqual(Array.from({ length: newest.checkpoint }, (_, index) => index + 1))
    }
    expect(cuts).toBeGreaterThan(3000)
  })

  it('leaves two checkpoints at the end, with no more changes in a row than one run may write', async () => {
    const { disk } = await playStory()
    const { newest, older } = await findNewest(disk)
    expect([older, newest].map((manifest) => manifest!.checkpoint)).toEqual([before + after - 1, before + after])
    // The ninth change in a row would have been the tenth checkpoint, which is a full one.
    expect(newest!.processes.map(({ chain }) => chain.length)).toEqual([4, 4])
    const files = [older, newest].flatMap((manifest) => manifest!.processes.flatMap(({ chain }) => chain))
    const names = new Set([...files.map(({ name }) => name), 'outputs-second.bin'])
    expect((await disk.names()).filter((name) => !name.startsWith('checkpoint-')).sort()).toEqual([...names].sort())
  })
})
