import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { syncFolder } from './node-folder.ts'

/** The folders of a disk, as far as making one needs them. Paths are absolute; errors are those of the operating system. */
export interface FolderTree {
  /** False: it is there already. */
  make(path: string): Promise<boolean>
  /** Which folders there are in this one survives a power cut when this has resolved. */
  sync(path: string): Promise<void>
}

/** Makes a folder, and those above it that are missing: durable when this resolves, as what is then synced in it is. */
export async function makeFolder(path: string, tree: FolderTree = nodeTree): Promise<void> {
  const folder = resolve(path)
  const parent = dirname(folder)
  let isNew: boolean
  try {
    isNew = await tree.make(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error
    await makeFolder(parent, tree)
    isNew = await tree.make(folder)
  }
  if (isNew) await tree.sync(parent)
}

const nodeTree: FolderTree = {
  async make(path) {
    try {
      await mkdir(path)
      return true
    } catch (error) {
      const isThere = await stat(path).then(
        (stats) => stats.isDirectory(),
        () => false,
      )
      if (isThere) return false
      throw error
    }
  },
  sync: syncFolder,
}
