import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { messageOf } from '../../src/base/index.ts'
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
  await writeOutput(await prepareOutput(path), () => texts, never)
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
  await writeOutput(await prepareOutput(path), texts, never)
  expect(seen).toEqual(Array(3).fill([expect.stringMatching(/^\.paritas-.*\.partial$/)]))
  expect(readdirSync(folder)).toEqual(['sorted.txt'])
})

test('no texts make an empty file', async () => {
  const path = join(folder, 'empty.txt')
  await writeOutput(await prepareOutput(path), () => [], never)
  expect(readFileSync(path, 'utf8')).toBe('')
})

test('replaces a file and keeps its permissions; a link stays a link', async () => {
  const path = join(folder, 'real.txt')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  symlinkSync(path, join(folder, 'link.txt'))
  await writeOutput(await prepareOutput(join(folder, 'link.txt')), () => ['new'], never)
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
  await expect(writeOutput(await prepareOutput(path), texts, controller.signal)).rejects.toThrow(message)
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
    const path = join(folder, 'x'.repeat(256))
    await expect(prepareOutput(path)).rejects.toThrow('the name is too long')
  })

  test('a name that is as long as can be', async () => {
    const path = join(folder, 'x'.repeat(255))
    await writeOutput(await prepareOutput(path), () => ['text'], never)
    expect(readFileSync(path, 'utf8')).toBe('text')
  })

  test('a socket', async () => {
    const path = join(folder, 'socket')
    const server = createServer().listen(path)
    await once(server, 'listening')
    await expect(prepareOutput(path)).rejects.toThrow(`--output ${path}: it is a socket; give the name of a file`)
    server.close()
  })

  test('a descriptor that is open for reading only', async () => {
    const descriptor = openSync(join(root, '..'), 'r')
    writeFileSync(join(folder, 'read.txt'), '')
    const readOnly = openSync(join(folder, 'read.txt'), 'r')
    await expect(prepareOutput(`/dev/fd/${readOnly}`)).rejects.toThrow('it is not open for that')
    await expect(prepareOutput(`/dev/fd/${descriptor}`)).rejects.toThrow('it is a folder')
    closeSync(readOnly)
    closeSync(descriptor)
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
    await writeOutput(await prepareOutput('/dev/null'), () => ['gone'], never)
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    expect(existsSync('/dev/null.partial')).toBe(false)
  })

  test('a full disk: the output is kept in the temporary folder, and the line says where', async () => {
    const target = await prepareOutput('/dev/full')
    const failed = writeOutput(target, () => ['text'], never)
    await expect(failed).rejects.toThrow(
      /^--output \/dev\/full: no space left on the disk; the whole output is kept in \S+$/,
    )
    expect(keptBy(String(await failed.catch(messageOf)))).toBe('text')
  })

  test('a pipe nobody reads: the output is kept when that is given up', async () => {
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const controller = new AbortController()
    const failed = writeOutput(await prepareOutput(path), () => ['text'], controller.signal)
    controller.abort(new InterruptedError('interrupted'))
    await expect(failed).rejects.toBeInstanceOf(InterruptedError)
    expect(keptBy(String(await failed.catch(messageOf)))).toBe('text')
  })

  test('a file that this process has open keeps what is in it', async () => {
    const path = join(folder, 'log')
    writeFileSync(path, 'before\n')
    const descriptor = openSync(path, 'a')
    await writeOutput(await prepareOutput(`/dev/fd/${descriptor}`), () => ['text\n'], never)
    closeSync(descriptor)
    expect(readFileSync(path, 'utf8')).toBe('before\ntext\n')
    expect(readdirSync(folder)).toEqual(['log'])
  })
})

/** The content of the file that `message` says the output is kept in; removes it. */
function keptBy(message: string): string {
  const [, path] = / is kept in (\S+)$/.exec(message)!
  const text = readFileSync(path!, 'utf8')
  rmSync(path!)
  return text
}

describe('nothing of others is touched', () => {
  test('a file that has the name with .partial behind it', async () => {
    const path = join(folder, 'sorted.txt')
    writeFileSync(`${path}.partial`, 'mine')
    await writeOutput(await prepareOutput(path), () => ['text'], never)
    expect(readFileSync(`${path}.partial`, 'utf8')).toBe('mine')
  })

  test('two write one file at the same time: each wholly, and the last one stays', async () => {
    const path = join(folder, 'sorted.txt')
    const of = (letter: string) => () => Array.from({ length: 50 }, () => letter.repeat(1 << 17))
    const target = await prepareOutput(path)
    await Promise.all([writeOutput(target, of('a'), never), writeOutput(target, of('b'), never)])
    expect(['a', 'b'].map((letter) => of(letter)().join(''))).toContain(readFileSync(path, 'utf8'))
    expect(readdirSync(folder)).toEqual(['sorted.txt'])
  })
})

test.each(['target.txt', join('deep', 'target.txt')])('a link that leads nowhere: %s is created', async (name) => {
  mkdirSync(join(folder, 'deep'))
  symlinkSync(name, join(folder, 'link.txt'))
  await writeOutput(await prepareOutput(join(folder, 'link.txt')), () => ['text'], never)
  expect(readFileSync(join(folder, name), 'utf8')).toBe('text')
  expect(lstatSync(join(folder, 'link.txt')).isSymbolicLink()).toBe(true)
})

describe('a file that cannot be replaced', () => {
  test('that is known before, as its folder takes no other file: it is written in place', async () => {
    // The name of this process, which anybody may change, in a folder that the kernel makes.
    const path = '/proc/self/comm'
    const name = readFileSync(path, 'utf8')
    const target = await prepareOutput(path)
    expect(target.remark).toBe(
      '--output /proc/self/comm: its folder takes no other file, so it is written in place, once all is computed',
    )
    await writeOutput(target, () => ['ano', 'ther\n'], never)
    const written = readFileSync(path, 'utf8')
    writeFileSync(path, name)
    expect(written).toContain('ther')
  })

  test('that turns out at the end: it is written in place, and stays the same file', async () => {
    const path = join(folder, 'sorted.txt')
    writeFileSync(path, 'much longer than before')
    const { ino } = statSync(path)
    const target = await prepareOutput(path)
    await writeOutput(target, () => spoilt(['new'], () => rmSync(join(folder, partial()), { force: true })), never)
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(statSync(path).ino).toBe(ino)
    expect(readdirSync(folder)).toEqual(['sorted.txt'])
  })

  test('as another took the name: the output is kept beside, and the line says where', async () => {
    const path = join(folder, 'sorted.txt')
    const target = await prepareOutput(path)
    const failed = writeOutput(target, () => spoilt(['text'], () => mkdirSync(path, { recursive: true })), never)
    const message = await failed.catch(messageOf)
    expect(message).toMatch(`--output ${path}: it is a folder; the whole output is kept in ${folder}/paritas-output-`)
    expect(keptBy(message as string)).toBe('text')
    expect(readdirSync(folder)).toEqual(['sorted.txt'])
  })

  test('as its folder has gone: the output is kept in the temporary folder', async () => {
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    const target = await prepareOutput(join(inner, 'sorted.txt'))
    rmSync(inner, { recursive: true })
    const message = await writeOutput(target, () => ['text'], never).catch(messageOf)
    expect(message).toMatch(/: no such file or folder; the whole output is kept in \S+\.txt$/)
    expect(keptBy(message as string)).toBe('text')
  })

  const partial = (): string => readdirSync(folder).find((name) => name.endsWith('.partial')) ?? 'none'

  /** Gives the texts, and lets `deed` happen before it is at their end. */
  function* spoilt(texts: readonly string[], deed: () => void): Generator<string> {
    yield* texts
    deed()
  }
})
