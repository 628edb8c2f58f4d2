import { open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileInWriting, Folder } from './folder.ts'

/** Node ends the whole process where one read is to bring 2 GiB or more. */
const readBytesMax = 2 ** 30

/** The folder at `path`, which exists. No read of the operating system brings more than `partBytesMax`. */
export function nodeFolder(path: string, partBytesMax = readBytesMax): Folder {
  const at = (name: string): string => join(path, name)
  return {
    names: () => readdir(path),
    create: (name) => create(at(name)),
    read: (name, from, bytes) => read(at(name), from, bytes, partBytesMax),
    rename: (name, newName) => rename(at(name), at(newName)),
    remove: (name) => remove(at(name)),
    sync: () => syncFolder(path),
  }
}

async function create(path: string): Promise<FileInWriting> {
  const file = await open(path, 'w', 0o600)
  return {
    async write(at, bytes) {
      for (let written = 0; written < bytes.length; ) {
        written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten
      }
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

async function read(path: string, from: number, bytes: number, partBytesMax: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const content = new Uint8Array(Math.max(0, Math.min(bytes, size - from)))
    let length = 0
    while (length < content.length) {
      const partBytes = Math.min(partBytesMax, content.length - length)
      const { bytesRead } = await file.read(content, length, partBytes, from + length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return content.subarray(0, length)
  } finally {
    await file.close()
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Some file systems cannot do it and say so; their names are as durable as they make them. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error
  } finally {
    await folder.close()
  }
}
