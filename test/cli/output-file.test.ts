import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { prepareOutput, writeOutput } from '../../src/cli/run/output-file.ts'
import { InterruptedError } from '../../src/machine/index.ts'

const root = mkdtempSync(join(tmpdir(), 'paritas-output-'))
let folder = root
let tests = 0
const never = new AbortController().signal

beforeEach(() => {
  tests += 1
  folder = join(root, String(tests))
  mkdirSync(folder)
})
afterAll(() => rmSync(root, { recursive: true }))

test('writes all texts under the final name and leaves nothing else', async () => {
  const path = join(folder, 'sorted.txt')
  const texts = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(10_000)}\n`)
  await writeOutput(await prepareOutput(path), texts, never)
  expect(readFileSync(path, 'utf8')).toBe(texts.join(''))
  expect(readdirSync(folder)).toEqual(['sorted.txt'])
})

test('the final name is not there while texts are still written', async () => {
  const path = join(folder, 'sorted.txt')
  const seen: string[][] = []
  function* texts(): Generator<string> {
    for (let index = 0; index < 3; index += 1) {
      yield 'x'.repeat(1 << 20)
      seen.push(readdirSync(folder))
    }
  }
  await writeOutput(await prepareOutput(path), texts(), never)
  expect(seen).toEqual(Array(3).fill(['sorted.txt.partial']))
  expect(readdirSync(folder)).toEqual(['sorted.txt'])
})

test('no texts make an empty file', async () => {
  const path = join(folder, 'empty.txt')
  await writeOutput(await prepareOutput(path), [], never)
  expect(readFileSync(path, 'utf8')).toBe('')
})

test('replaces a file and keeps its permissions; a link stays a link', async () => {
  const path = join(folder, 'real.txt')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  symlinkSync(path, join(folder, 'link.txt'))
  await writeOutput(await prepareOutput(join(folder, 'link.txt')), ['new'], never)
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(statSync(path).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder)).toEqual(['link.txt', 'real.txt'])
})

test.each([
  ['what a text is made of throws', new Error('no text'), 'no text'],
  ['the run is interrupted', new InterruptedError('interrupted'), 'interrupted'],
])('when %s, the old file stays and no partial one', async (_, error, message) => {
  const path = join(folder, 'sorted.txt')
  writeFileSync(path, 'old')
  const controller = new AbortController()
  function* texts(): Generator<string> {
    yield 'x'.repeat(1 << 20)
    if (!(error instanceof InterruptedError)) throw error
    controller.abort(error)
    yield 'y'
  }
  await expect(writeOutput(await prepareOutput(path), texts(), controller.signal)).rejects.toThrow(message)
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['sorted.txt'])
})

describe('before the run', () => {
  test('a missing folder', async () => {
    const path = join(folder, 'no', 'sorted.txt')
    await expect(prepareOutput(path)).rejects.toThrow(`--output ${path}: no such folder: ${join(folder, 'no')}`)
  })

  test('a folder', async () => {
    await expect(prepareOutput(folder)).rejects.toThrow(`--output ${folder}: it is a folder; give the name of a file`)
  })

  test('a file as folder', async () => {
    writeFileSync(join(folder, 'file'), '')
    const path = join(folder, 'file', 'sorted.txt')
    await expect(prepareOutput(path)).rejects.toThrow(`--output ${path}: part of the path is no folder`)
  })

  test('a folder in which nobody may create files', async () => {
    await expect(prepareOutput('/sys/sorted.txt')).rejects.toThrow('--output /sys/sorted.txt: permission denied')
  })

  test('a name that is too long', async () => {
    const path = join(folder, 'x'.repeat(250))
    await expect(prepareOutput(path)).rejects.toThrow('the name is too long')
  })

  test('nothing is left, and what is there keeps its content', async () => {
    writeFileSync(join(folder, 'sorted.txt'), 'old')
    writeFileSync(join(folder, 'sorted.txt.partial'), 'left over')
    await prepareOutput(join(folder, 'sorted.txt'))
    await prepareOutput(join(folder, 'other.txt'))
    expect(readdirSync(folder)).toEqual(['sorted.txt', 'sorted.txt.partial'])
    expect(readFileSync(join(folder, 'sorted.txt'), 'utf8')).toBe('old')
  })
})

describe('devices', () => {
  test('are written straight and stay what they are', async () => {
    await writeOutput(await prepareOutput('/dev/null'), ['gone'], never)
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    expect(existsSync('/dev/null.partial')).toBe(false)
  })

  test('a full disk', async () => {
    const target = await prepareOutput('/dev/full')
    await expect(writeOutput(target, ['text'], never)).rejects.toThrow('--output /dev/full: no space left on the disk')
  })

  test('a full disk while a file is written: the partial file goes', async () => {
    const path = join(folder, 'sorted.txt')
    const target = await prepareOutput(path)
    symlinkSync('/dev/full', `${path}.partial`)
    await expect(writeOutput(target, ['text'], never)).rejects.toThrow(`--output ${path}: no space left on the disk`)
    expect(readdirSync(folder)).toEqual([])
  })
})
