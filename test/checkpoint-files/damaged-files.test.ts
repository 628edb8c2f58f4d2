/** Files that somebody or something has changed: each is refused by name, in bounded memory, or read as it was written. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it, vi } from 'vitest'
import {
  DamagedFileError,
  decodeManifest,
  encodeManifest,
  findNewest,
  type Manifest,
  OutputLog,
  readOutputLog,
  readPageFile,
  writePageFile,
} from '../../src/checkpoint-files/index.ts'
import { FragileDisk } from './fragile-disk.ts'
import { batchOf, pageSizeBytes, SampleRun } from './samples.ts'

const head = { checkpoint: 7, pageSizeBytes }

async function wholeFile(): Promise<Uint8Array> {
  const disk = new FragileDisk()
  const batches = [batchOf({ 0: 1, 5: 2 }), batchOf({ 9: 3 })]
  const written = await writePageFile(disk, 'f', {
    ...head,
    batches,
    checksums: new Uint8Array(16).fill(8),
    stop: () => false,
  })
  const bytes = await disk.read('f', 0, 1e6)
  expect(written!.bytes).toBe(bytes.length)
  return bytes
}

async function readBack(bytes: Uint8Array): Promise<unknown> {
  const disk = FragileDisk.holding(new Map([['f', bytes]]))
  const pages: unknown[] = []
  for await (const { numbers } of readPageFile(disk, 'f', head)) pages.push(numbers)
  return pages
}

/** Reads, or refuses by name. */
async function expectReadOrRefused(reading: Promise<unknown>): Promise<void> {
  try {
    await reading
  } catch (error) {
    expect(error).toBeInstanceOf(DamagedFileError)
  }
}

describe('a file of pages', () => {
  it('is read as it was written', async () => {
    expect(await readBack(await wholeFile())).toEqual([[0, 5], [9]])
  })

  it('that is cut off anywhere, or changed in any bit, is refused', async () => {
    const whole = await wholeFile()
    for (let at = 0; at < whole.length; at += 1) {
      await expect(readBack(whole.subarray(0, at))).rejects.toThrow(DamagedFileError)
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = whole.slice()
        changed[at]! ^= 1 << bit
        await expect(readBack(changed)).rejects.toThrow(DamagedFileError)
      }
    }
  })

  it('of another checkpoint or page size is refused', async () => {
    const disk = FragileDisk.holding(new Map([['f', await wholeFile()]]))
    await expect(readPageFile(disk, 'f', { checkpoint: 8, pageSizeBytes }).next()).rejects.toThrow(
      'f: it holds checkpoint 7 in pages of 16 bytes',
    )
  })

  it('that is told to stop leaves nothing', async () => {
    const disk = new FragileDisk()
    const content = { ...head, batches: [batchOf({ 0: 1 })], checksums: new Uint8Array(0), stop: () => true }
    expect(await writePageFile(disk, 'f', content)).toBeNull()
    expect(await disk.names()).toEqual([])
  })

  test.prop([fc.uint8Array({ maxLength: 200 })])('of random bytes is refused', async (bytes) => {
    await expect(readBack(bytes)).rejects.toThrow(DamagedFileError)
  })

  test.prop([fc.uint8Array({ maxLength: 100 }), fc.nat(20)])(
    'with random bytes inside is refused',
    async (bytes, at) => {
      const whole = await wholeFile()
      whole.set(bytes.subarray(0, whole.length - at), at)
      await expectReadOrRefused(readBack(whole))
    },
  )
})

describe('a manifest', () => {
  const sample: Manifest = {
    sequence: 3,
    checkpoint: 12,
    pageSizeBytes,
    processes: [
      { chain: [{ name: 'pages.bin', bytes: 9, checksum: 1, checkpoint: 12 }], released: 0, isFinished: false },
    ],
    outputs: { name: 'outputs-x.bin', bytes: 0 },
    run: {},
  }

  it('is read as it was written', () => {
    expect(decodeManifest('m', encodeManifest(sample))).toMatchObject(sample)
  })

  it.each<[string, object]>([
    ['sequence is -1, not a whole number', { sequence: -1 }],
    ['processes is a list of 0, not a list with something in it', { processes: [] }],
    [
      "processes[0].chain[0].name is '../etc/passwd', not a name",
      { processes: [{ ...sample.processes[0], chain: [{ name: '../etc/passwd', bytes: 1, checksum: 1 }] }] },
    ],
    ["outputs.name is '/tmp/x', not a name", { outputs: { name: '/tmp/x', bytes: 1 } }],
    ["run is 'away', not an object", { run: 'away' }],
  ])('whose %s is refused', (problem, change) => {
    const bytes = encodeManifest({ ...sample, ...change })
    expect(() => decodeManifest('m', bytes)).toThrow(new DamagedFileError('m', `its ${problem}`))
  })

  test.prop([fc.nat(400), fc.nat(255)])('with a changed byte is refused', (at, value) => {
    const bytes = encodeManifest(sample)
    const place = at % bytes.length
    fc.pre(bytes[place] !== value)
    bytes[place] = value
    expect(() => decodeManifest('m', bytes)).toThrow(DamagedFileError)
  })

  test.prop([fc.uint8Array({ maxLength: 300 })])('of random bytes is refused', (bytes) => {
    expect(() => decodeManifest('m', bytes)).toThrow(DamagedFileError)
  })
})

describe('a log of outputs', () => {
  it('is written again after a sync that failed', async () => {
    const disk = new FragileDisk()
    const log = await OutputLog.create(disk, 'log')
    log.add({ rank: 0, index: 0, kind: 'emit', payload: Uint8Array.of(7) })
    // The write is done, and the sync after it fails.
    disk.failsAt = disk.operations.length + 1
    await expect(log.sync()).rejects.toMatchObject({ code: 'ENOSPC' })
    const before = disk.operations.length
    log.add({ rank: 0, index: 1, kind: 'emit', payload: Uint8Array.of(8) })
    const bytes = await log.sync()
    expect(disk.operations.slice(before).map(({ type }) => type)).toEqual(['write', 'syncFile'])
    const outputs = await readOutputLog(disk, { name: 'log', bytes })
    expect(outputs.map(({ payload }) => payload[0])).toEqual([7, 8])
  })

  it('is written and read in few pieces, however many outputs are in it', async () => {
    const disk = new FragileDisk()
    const log = await OutputLog.create(disk, 'log')
    const payloads = Array.from({ length: 5000 }, (_, index) => new Uint8Array(index % 700).fill(index))
    payloads[2500] = new Uint8Array(3 * 2 ** 20).fill(7)
    for (const [index, payload] of payloads.entries()) log.add({ rank: index % 3, index, kind: 'emit', payload })
    const bytes = await log.sync()
    const read = vi.spyOn(disk, 'read')
    const outputs = await readOutputLog(disk, { name: 'log', bytes })
    expect(outputs.map(({ rank, index }) => [rank, index])).toEqual(payloads.map((_, index) => [index % 3, index]))
    expect(outputs.every(({ payload }, index) => Buffer.compare(payload, payloads[index]!) === 0)).toBe(true)
    expect(read.mock.calls.length).toBeLessThan(20)
    expect(disk.operations.filter(({ type }) => type === 'write').length).toBeLessThan(20)
  })

  it('ends where the checkpoint says, though more was written later', async () => {
    const disk = new FragileDisk()
    const log = await OutputLog.create(disk, 'log')
    log.add({ rank: 0, index: 0, kind: 'emit', payload: Uint8Array.of(1) })
    const bytes = await log.sync()
    log.add({ rank: 0, index: 1, kind: 'done', payload: Uint8Array.of(2) })
    await log.sync()
    expect(await readOutputLog(disk, { name: 'log', bytes })).toHaveLength(1)
    await expect(readOutputLog(disk, { name: 'log', bytes: bytes + 9 })).rejects.toThrow('log: it is cut off')
  })

  test.prop([fc.nat(60), fc.integer({ min: 1, max: 255 })])('with a changed byte is refused', async (at, change) => {
    const disk = new FragileDisk()
    const sample = new SampleRun(disk)
    await sample.checkpoint(1, [{ 0: 1 }], true)
    const { outputs } = await sample.checkpoint(2, [{ 0: 2 }], true)
    expect(await readOutputLog(disk, outputs)).toHaveLength(2)
    const bytes = await disk.read(outputs.name, 0, outputs.bytes)
    bytes[at % bytes.length]! ^= change
    const changed = FragileDisk.holding(new Map([[outputs.name, bytes]]))
    await expect(readOutputLog(changed, outputs)).rejects.toThrow(DamagedFileError)
  })
})

it('a folder of anything but checkpoints has no newest one', async () => {
  const files = new Map([
    ['checkpoint-00000001.json', new Uint8Array(40)],
    ['checkpoint-1.json', new Uint8Array(3)],
    ['notes.txt', new Uint8Array(3)],
  ])
  const found = await findNewest(FragileDisk.holding(files))
  expect(found).toMatchObject({ newest: null, lastSequence: 1 })
  expect(found.passedOver).toEqual([
    'checkpoint file checkpoint-00000001.json is passed over: checkpoint-00000001.json: it does not have its checksum',
  ])
})
