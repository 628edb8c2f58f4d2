/** Two that write to one file at the same time: what has the name in the end is all of one of them. */
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { closeOutlet, findFile, type Outlet, openNewOutlet, writeText } from '../../src/files/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'new-outlet-'))
afterAll(() => rmSync(folder, { recursive: true }))

const never = new AbortController().signal
const open = async (path: string): Promise<Outlet> => openNewOutlet(await findFile(path), never)

async function write(path: string, text: string): Promise<void> {
  const outlet = await open(path)
  await writeText(outlet, text, never)
  await closeOutlet(outlet)
}

test.each([
  ['was there before', 'old', true],
  ['is new', 'fresh', false],
])('the last that opened a file that %s has the name, and nothing is mixed', async (_, name, isThere) => {
  const path = join(folder, name)
  if (isThere) writeFileSync(path, 'from long ago')
  const outlets = [await open(path), await open(path), await open(path)]
  for (const line of ['a\n', 'b\n']) {
    for (const [index, outlet] of outlets.entries()) await writeText(outlet, `${index}${line}`, never)
  }
  for (const outlet of outlets) await closeOutlet(outlet)
  expect(readFileSync(path, 'utf8')).toBe('2a\n2b\n')
})

test('any number at the same moment', async () => {
  const path = join(folder, 'crowd')
  await Promise.all(Array.from({ length: 20 }, (_, index) => write(path, `${index}`.repeat(3))))
  expect(readFileSync(path, 'utf8')).toMatch(/^(\d+?)\1\1$/)
})

test('the file keeps its permissions, and a link still leads to it', async () => {
  const [path, link] = [join(folder, 'mine'), join(folder, 'link')]
  writeFileSync(path, 'before')
  chmodSync(path, 0o600)
  symlinkSync(path, link)
  await write(link, 'after')
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['after', 0o600])
})

test('what has another name too is not changed under that', async () => {
  const [path, other] = [join(folder, 'one'), join(folder, 'other')]
  writeFileSync(path, 'before')
  linkSync(path, other)
  await write(path, 'after')
  expect([path, other].map((name) => readFileSync(name, 'utf8'))).toEqual(['after', 'before'])
})

test('a folder that is missing is said', async () => {
  await expect(open(join(folder, 'no', 'such'))).rejects.toThrow('ENOENT')
  expect(existsSync(join(folder, 'no'))).toBe(false)
})
