/** Which file a name means, through links of every kind, and whether two names mean one. */
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findFile, isSameFile } from '../../src/files/index.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'named-file-')))
afterAll(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)
mkdirSync(at('deep/inner'), { recursive: true })
writeFileSync(at('real.txt'), '')
linkSync(at('real.txt'), at('hard.txt'))
symlinkSync('real.txt', at('soft.txt'))
symlinkSync(at('soft.txt'), at('deep/twice.txt'))
symlinkSync('nowhere.txt', at('dangling.txt'))
symlinkSync(at('dangling.txt'), at('deep/dangling-twice.txt'))
symlinkSync('deep/inner', at('shortcut'))
symlinkSync('circle-b', at('circle-a'))
symlinkSync('circle-a', at('circle-b'))

test.each([
  ['real.txt', 'real.txt'],
  ['soft.txt', 'real.txt'],
  ['deep/twice.txt', 'real.txt'],
  ['hard.txt', 'hard.txt'],
  ['dangling.txt', 'nowhere.txt'],
  ['deep/dangling-twice.txt', 'nowhere.txt'],
  ['shortcut/new.txt', 'deep/inner/new.txt'],
])('%s means %s', async (name, meant) => {
  const { path, stats, descriptor } = await findFile(at(name))
  expect([path, descriptor]).toEqual([at(meant), null])
  expect(stats === null).toBe(!['real.txt', 'hard.txt'].includes(meant))
  expect((await findFile(relative('', at(name)))).path).toBe(path)
})

test('`..` behind a link to a folder leads where the system goes', async () => {
  expect((await findFile(`${folder}/shortcut/../new.txt`)).path).toBe(at('deep/new.txt'))
})

test.each([
  ['circle-a', 'ELOOP'],
  ['no/such/folder.txt', 'ENOENT'],
  ['real.txt/inside', 'ENOTDIR'],
])('%s: %s', async (name, code) => {
  await expect(findFile(at(name))).rejects.toMatchObject({ code })
})

test.each(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', `/proc/${process.pid}/fd/1`])(
  '%s is open already',
  async (name) => {
    expect(await findFile(name)).toMatchObject({ descriptor: 1 })
  },
)

test('a link to it is it', async () => {
  symlinkSync('/dev/stderr', at('errors'))
  expect(await findFile(at('errors'))).toMatchObject({ descriptor: 2 })
})

describe('two names', () => {
  const same = async (one: string, other: string): Promise<boolean> =>
    isSameFile(await findFile(at(one)), await findFile(at(other)))

  test.each([
    ['real.txt', 'hard.txt', true],
    ['real.txt', 'deep/twice.txt', true],
    ['nowhere.txt', 'deep/dangling-twice.txt', true],
    ['shortcut/new.txt', 'deep/inner/new.txt', true],
    ['shortcut', 'deep/inner', true],
    ['real.txt', 'nowhere.txt', false],
    ['new.txt', 'deep/new.txt', false],
  ])('%s and %s are one file: %s', async (one, other, expected) => {
    expect(await same(one, other)).toBe(expected)
  })
})
