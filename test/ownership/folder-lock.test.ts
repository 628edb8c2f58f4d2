/** One process at a time has a folder, whoever was killed before, and at whatever moment. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withLock } from '../../src/cli/run/checkpoint-folder.ts'
import { encodeOwner, type FolderLock, lockFolder, lockName, thisProcess } from '../../src/ownership/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const names = (): string[] => readdirSync(folder).sort()
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)

/** A process that has ended; another number, another process. */
const ended = (number = 1): string => encodeOwner({ ...thisProcess(), began: String(number) })
const elsewhere = (): string => encodeOwner({ ...thisProcess(), space: 'pid:[7]' })

async function take(): Promise<FolderLock> {
  const lock = await lockFolder(folder)
  if ('pid' in lock) throw new Error(`in use by ${lock.pid}`)
  return lock
}

/** Takes the lock in another process, which is killed before the change to the folder of that number, if it gets so far. */
function isKilledTaking(change: number): boolean {
  const script = fileURLToPath(new URL('killed-taker.mjs', import.meta.url))
  const { signal, status, stderr } = spawnSync(process.execPath, [script, folder, String(change)], { encoding: 'utf8' })
  expect([signal, status], stderr).toEqual(signal === null ? [null, 0] : ['SIGKILL', null])
  return signal !== null
}

describe('the lock of a folder', () => {
  it('is held by one at a time', async () => {
    const first = await take()
    expect(await lockFolder(folder)).toMatchObject({ pid: process.pid, isElsewhere: false })
    await first.release()
    await (await take()).release()
    expect(names()).toEqual([])
  })

  it.each([
    ['whose number another process has by now', ended()],
    ['that was there before the machine started anew', encodeOwner({ ...thisProcess(), boot: 'before' })],
    ['whose writing a power cut has cut off', ended().slice(0, 20)],
  ])('is taken over from a process %s', async (_, text) => {
    write(lockName, text)
    await (await take()).release()
    expect(names()).toEqual([])
  })

  it('that is abandoned goes to one of many that want it at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      write(lockName, ended())
      const taken = await Promise.all(Array.from({ length: 8 }, () => lockFolder(folder)))
      const owners = taken.filter((lock): lock is FolderLock => 'release' in lock)
      expect(owners).toHaveLength(1)
      expect(names()).toEqual([lockName])
      await owners[0]!.release()
    }
  })

  it('is taken over from whoever is killed while taking it, at whatever change, one after another', async () => {
    write(lockName, ended())
    // The right to remove it, the removal, the end of that right, the lock itself, and the cleaning after those before.
    for (let change = 0; change < 10; change += 1) expect(isKilledTaking(change)).toBe(true)
    await (await take()).release()
    expect(names()).toEqual([])
    for (const change of [2, 3]) {
      write(lockName, ended(change))
      for (let kills = 0; kills < 3; kills += 1) expect(isKilledTaking(change)).toBe(true)
    }
    await (await take()).release()
    expect(names()).toEqual([])
  })

  it.each([
    ['in another container', { space: 'pid:[7]' }],
    ['on another machine', { machine: 'other 7', boot: 'other' }],
  ])('is never taken from a process %s', async (_, where) => {
    write(lockName, encodeOwner({ ...thisProcess(), began: '1', ...where }))
    const before = readFileSync(join(folder, lockName), 'utf8')
    expect(await lockFolder(folder)).toMatchObject({ pid: process.pid, isElsewhere: true })
    expect(names()).toEqual([lockName])
    expect(readFileSync(join(folder, lockName), 'utf8')).toBe(before)
  })

  it('waits for nobody elsewhere who is removing an abandoned one', async () => {
    write(lockName, ended())
    isKilledTaking(2)
    const [over] = names().filter((name) => name.startsWith(`${lockName}.over`))
    write(over!, elsewhere())
    expect(await lockFolder(folder)).toMatchObject({ isElsewhere: true, file: join(folder, over!) })
  })
})

describe('a folder that is hard to lock', () => {
  afterEach(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  })

  /** The next call of this name does `before`, and fails with `code` unless that is null. */
  const disturb = (name: 'link' | 'readdir' | 'writeFile', code: string | null, before = (_: string): void => {}) => {
    const original = fs[name] as (...args: unknown[]) => Promise<never>
    vi.spyOn(fs, name).mockImplementationOnce((...args: unknown[]) => {
      before(args[0] as string)
      if (code === null) return original(...args)
      return Promise.reject(Object.assign(new Error(`${code}: it fails`), { code, syscall: name }))
    })
    syncBuiltinESMExports()
  }

  it('is locked though whoever had it last took the own file for one that was cut off', async () => {
    disturb('link', null, (own) => rmSync(own))
    await (await take()).release()
    expect(names()).toEqual([])
  })

  it('has no lock of the own when it cannot be read', async () => {
    disturb('readdir', 'EACCES')
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'EACCES' })
    expect(names()).toEqual([])
  })

  it('has no empty file when there is no room', async () => {
    disturb('writeFile', 'ENOSPC', (own) => writeFileSync(own, ''))
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(names()).toEqual([])
  })

  it.each(['EPERM', 'ENOTSUP'])('is told when its file system has no hard links (%s)', async (code) => {
    disturb('link', code)
    await expect(withLock(folder, 'here', () => Promise.resolve())).rejects.toThrow(
      /^here: its file system has no hard links, by which a folder is locked; choose one on another disk$/,
    )
    expect(names()).toEqual([])
  })

  it('ends in one line where the lock is no file', async () => {
    symlinkSync('nowhere', join(folder, lockName))
    await expect(withLock(folder, 'here', () => Promise.resolve())).rejects.toThrow(
      `here: ${join(folder, lockName)} is there but cannot be read (perhaps a link that leads nowhere); remove it`,
    )
    rmSync(join(folder, lockName))
    mkdirSync(join(folder, lockName))
    await expect(withLock(folder, 'here', () => Promise.resolve())).rejects.toThrow(/^here: lock: it is a folder$/)
    expect(names()).toEqual([lockName])
  })
})

it('who may be in a folder is told in one line, with what to do', async () => {
  write(lockName, encodeOwner({ ...thisProcess(), pid: 12, machine: 'node-7 abc' }))
  await expect(withLock(folder, 'here', () => Promise.resolve())).rejects.toThrow(
    `here: it is in use by a run in another container or on another machine (pid 12 on node-7); if that has ended, remove ${join(folder, lockName)}`,
  )
})
