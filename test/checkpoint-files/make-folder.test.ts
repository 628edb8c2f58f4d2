/** The power is cut at every point of the making of a folder. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type FolderTree, makeFolder } from '../../src/checkpoint-files/index.ts'

const root = mkdtempSync(join(tmpdir(), 'paritas-make-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Folders in memory: what a power cut leaves is what had been synced, and hangs on what is left. */
class FragileTree implements FolderTree {
  readonly #there: Set<string>
  #durable: Set<string>

  constructor(folders: readonly string[]) {
    this.#there = new Set(folders)
    this.#durable = new Set(folders)
  }

  make(path: string): Promise<boolean> {
    if (!this.#there.has(dirname(path))) return Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))
    const isNew = !this.#there.has(path)
    this.#there.add(path)
    return Promise.resolve(isNew)
  }

  sync(path: string): Promise<void> {
    this.#durable = new Set([...this.#durable, ...[...this.#there].filter((one) => dirname(one) === path)])
    return Promise.resolve()
  }

  leftByPowerCut(path: string): boolean {
    return path === '/' || (this.#durable.has(path) && this.leftByPowerCut(dirname(path)))
  }
}

describe('a folder that is made', () => {
  it.each([[['/', '/a']], [['/', '/a', '/a/b']], [['/', '/a', '/a/b', '/a/b/c']]])(
    'is there after a power cut, where %j were',
    async (folders) => {
      const tree = new FragileTree(folders)
      await makeFolder('/a/b/c', tree)
      expect(tree.leftByPowerCut('/a/b/c')).toBe(true)
    },
  )

  it('may be there, or hang on others that are missing', async () => {
    const path = join(root, 'one', 'two')
    await makeFolder(path)
    await makeFolder(path)
    expect(statSync(path).isDirectory()).toBe(true)
  })

  it('is refused where a file is', async () => {
    writeFileSync(join(root, 'file'), '')
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolder(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})
