/** The power is cut at every point of a run that writes checkpoints: whatever the disk holds then, one can go on from it. */
import { describe, expect, it } from 'vitest'
import {
  clearFailed,
  clearUnnamed,
  type Found,
  findNewest,
  pageFileName,
  readManifest,
  readOutputLog,
  writePageFile,
} from '../../src/checkpoint-files/index.ts'
import { FragileDisk } from './fragile-disk.ts'
import { type Pages, pageSizeBytes, pagesIn, SampleRun } from './samples.ts'

/** What each checkpoint changes in the memories of two processes, and what they hold then. */
const story: readonly {
  readonly isFull: boolean
  readonly changes: readonly Pages[]
  readonly held: readonly Pages[]
}[] = [
  { isFull: true, changes: [{ 0: 1, 3: 1 }, { 1: 1 }], held: [{ 0: 1, 3: 1 }, { 1: 1 }] },
  {
    isFull: false,
    changes: [{ 0: 2 }, { 2: 2 }],
    held: [
      { 0: 2, 3: 1 },
      { 1: 1, 2: 2 },
    ],
  },
  {
    isFull: false,
    changes: [{ 3: 0 }, {}],
    held: [
      { 0: 2, 3: 0 },
      { 1: 1, 2: 2 },
    ],
  },
  { isFull: true, changes: [{ 0: 4 }, { 1: 4 }], held: [{ 0: 4 }, { 1: 4 }] },
  { isFull: false, changes: [{ 1: 5 }, { 1: 5 }], held: [{ 0: 4, 1: 5 }, { 1: 5 }] },
]

/** Runs the story; `done[n]` operations were done when checkpoint n was. */
async function run(): Promise<{ disk: FragileDisk; done: number[] }> {
  const disk = new FragileDisk()
  const sample = new SampleRun(disk)
  const done = [0]
  for (const [index, { changes, isFull }] of story.entries()) {
    await sample.checkpoint(index + 1, changes, isFull)
    done.push(disk.operations.length)
  }
  return { disk, done }
}

describe('a power cut', () => {
  it('at any byte leaves the checkpoint before usable, or the new one', async () => {
    const { disk, done } = await run()
    let cuts = 0
    for (const { what, done: operations, files } of disk.powerCuts()) {
      cuts += 1
      const found = await findNewest(FragileDisk.holding(files))
      const sequence = found.newest?.sequence ?? 0
      // The checkpoints whose last operation is done; the one that is being written may be there too.
      const complete = done.findLastIndex((end) => end <= operations)
      expect([complete, complete + 1], what).toContain(sequence)
      if (found.newest === null) continue
      const folder = FragileDisk.holding(files)
      for (const rank of [0, 1]) {
        expect(await pagesIn(folder, found.newest, rank), what).toEqual(story[sequence - 1]!.held[rank])
      }
      const outputs = await readOutputLog(folder, found.newest.outputs)
      expect(
        outputs.map(({ payload }) => payload[0]),
        what,
      ).toEqual(story.slice(0, sequence).map((_, index) => index + 1))
    }
    expect(cuts).toBeGreaterThan(3000)
  })

  it('keeps two checkpoints and what they need, and nothing else', async () => {
    const { disk } = await run()
    expect((await disk.names()).sort()).toEqual([
      'checkpoint-00000004.json',
      'checkpoint-00000005.json',
      'outputs-run.bin',
      'pages-00000004-run-0.bin',
      'pages-00000004-run-1.bin',
      'pages-00000005-run-0.bin',
      'pages-00000005-run-1.bin',
    ])
  })
})

describe('a disk that is full', () => {
  it('at any operation fails that checkpoint only, and leaves no partial file', async () => {
    const { disk, done } = await run()
    for (let at = done[1]!; at < disk.operations.length; at += 1) {
      const full = new FragileDisk()
      const sample = new SampleRun(full)
      full.failsAt = at
      let newest = 0
      for (const [index, { changes }] of story.entries()) {
        try {
          await sample.checkpoint(index + 1, changes, true)
          newest = index + 1
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' })
        }
      }
      const found = await findNewest(full)
      // Where only the last sync fails, the checkpoint may be there all the same.
      expect([newest, newest + 1]).toContain(found.newest?.sequence)
      expect((await full.names()).filter((name) => name.endsWith('.partial'))).toEqual([])
    }
  })
})

describe('a writing that failed', () => {
  it('leaves nothing when it is cleared away, and what is kept stays whole', async () => {
    const { disk } = await run()
    const before = (await disk.names()).sort()
    const { newest } = await findNewest(disk)
    const content = { checkpoint: 60, pageSizeBytes, batches: [], checksums: new Uint8Array(0), stop: () => false }
    await writePageFile(disk, pageFileName(6, 'run', 0), content)
    await disk.create(`${pageFileName(6, 'run', 1)}.partial`)
    await disk.create('outputs-other.bin')
    await clearFailed(disk, [await readManifest(disk, 4), newest!], 6)
    expect((await disk.names()).sort()).toEqual([...before, 'outputs-other.bin'].sort())
    expect((await findNewest(disk)).newest).toEqual(newest)
  })
})

async function filesOf(disk: FragileDisk): Promise<Map<string, Uint8Array>> {
  const names = await disk.names()
  return new Map(await Promise.all(names.map(async (name) => [name, await disk.read(name, 0, 1e6)] as const)))
}

/** What is found, and what the memories of the newest checkpoint hold. */
async function contentOf(disk: FragileDisk): Promise<readonly [Found, ...Pages[]]> {
  const found = await findNewest(disk)
  const { newest } = found
  return newest === null ? [found] : [found, await pagesIn(disk, newest, 0), await pagesIn(disk, newest, 1)]
}

/** Files that no manifest names; null if one cannot be read. */
async function unnamed(disk: FragileDisk): Promise<string[] | null> {
  const names = await disk.names()
  const manifests = names.filter((name) => /^checkpoint-\d+\.json$/.test(name))
  const named = new Set(manifests)
  try {
    for (const name of manifests) {
      const { processes, outputs } = await readManifest(disk, Number(/\d+/.exec(name)![0]))
      named.add(outputs.name)
      for (const { chain } of processes) for (const file of chain) named.add(file.name)
    }
  } catch {
    return null
  }
  return names.filter((name) => !named.has(name))
}

describe('what a run that was killed has left', () => {
  it('goes wherever the power was cut, and nothing else', async () => {
    const { disk } = await run()
    for (const { what, files } of disk.powerCuts()) {
      const folder = FragileDisk.holding(files)
      const before = await contentOf(folder)
      await clearUnnamed(folder)
      expect(await contentOf(folder), what).toEqual(before)
      expect((await unnamed(folder)) ?? [], what).toEqual([])
    }
  })

  it('goes before the next run, of whatever number: all that no checkpoint names', async () => {
    const { disk } = await run()
    const before = (await disk.names()).sort()
    const left = ['pages-00000006-dead-0.bin', 'pages-00000004-dead-1.bin', 'pages-00000007-dead-0.bin.partial']
    for (const name of [...left, 'outputs-dead.bin', 'checkpoint-00000006.json.partial']) await disk.create(name)
    for (const name of ['notes.txt', 'lock', 'input.bin']) await disk.create(name)
    await clearUnnamed(disk)
    expect((await disk.names()).sort()).toEqual([...before, 'input.bin', 'lock', 'notes.txt'].sort())
  })

  it('stays where a damaged manifest may name it', async () => {
    const { disk } = await run()
    const files = await filesOf(disk)
    files.get('checkpoint-00000005.json')![30]! ^= 1
    const left = ['pages-00000006-dead-0.bin', 'pages-00000005-dead-0.bin.partial']
    for (const name of [...left, 'pages-00000005-other-0.bin', 'outputs-other.bin']) files.set(name, new Uint8Array(1))
    const damaged = FragileDisk.holding(files)
    const before = await contentOf(damaged)
    expect(before[0].newest?.sequence).toBe(4)
    await clearUnnamed(damaged)
    expect(await contentOf(damaged)).toEqual(before)
    expect([...files.keys()].filter((name) => !left.includes(name)).sort()).toEqual((await damaged.names()).sort())
  })

  it('is removed as far as can be, and the first error is told', async () => {
    const { disk } = await run()
    const left = ['outputs-dead.bin', 'pages-00000006-dead-0.bin', 'pages-00000006-dead-1.bin']
    for (const name of left) await disk.create(name)
    const remove = disk.remove.bind(disk)
    disk.remove = (name) => (name === left[1] ? Promise.reject(new Error(`held: ${name}`)) : remove(name))
    await expect(clearUnnamed(disk)).rejects.toThrow(`held: ${left[1]}`)
    const names = await disk.names()
    expect(left.filter((name) => names.includes(name))).toEqual([left[1]])
  })
})

describe('a checkpoint that is damaged later', () => {
  it('is passed over, with a line that says why', async () => {
    const { disk } = await run()
    const names = await disk.names()
    for (const name of names.filter((one) => one.includes('00000005'))) {
      const files = new Map(await Promise.all(names.map(async (one) => [one, await disk.read(one, 0, 1e6)] as const)))
      files.get(name)![30]! ^= 1
      const found = await findNewest(FragileDisk.holding(files))
      expect(found.newest?.sequence).toBe(4)
      expect(found.passedOver).toEqual([
        `checkpoint file checkpoint-00000005.json is passed over: ${name}: it does not have its checksum`,
      ])
      files.delete(name)
      const other = await findNewest(FragileDisk.holding(files))
      expect(other.newest?.sequence).toBe(4)
      const missing = `checkpoint file checkpoint-00000005.json is passed over: ${name} is missing`
      expect(other.passedOver).toEqual(name.endsWith('.json') ? [] : [missing])
    }
  })
})
