// The bundles of a host: whole or not there, within a bound, and never taken from a run.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BundleStore } from '../../src/machine/bundle/bundle-store.ts'
import { BundleError } from '../../src/machine/bundle/manifest.ts'
import type { ProgramBundle } from '../../src/machine/bundle/program-bundle.ts'
import { ownApi } from '../../src/machine/bundle/shared-package.ts'
import { bundleOf, reading } from './bundle-fixtures.ts'

let folder: string
let elsewhere: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-bundles-'))
  elsewhere = mkdtempSync(join(tmpdir(), 'paritas-bundles-'))
})
afterEach(() => {
  for (const one of [folder, elsewhere]) rmSync(one, { recursive: true, force: true })
})

const names = (): string[] => readdirSync(folder).sort()
const KiB = 1024

async function put(store: BundleStore, ...bundles: readonly ProgramBundle[]): Promise<void> {
  for (const bundle of bundles) await store.put(bundle.digest, reading(bundle))
}

/** Whom it was asked for, and how often. */
function counting(bundle: ProgramBundle) {
  const asked: (number | null)[] = []
  const read = reading(bundle)
  return {
    asked,
    read: (wanted: Parameters<typeof read>[0]) => {
      asked.push(wanted.file)
      return read(wanted)
    },
  }
}

describe('a store of bundles', () => {
  it('has what was put into it, to be loaded until it is released', async () => {
    const store = await BundleStore.open(join(folder, 'made', 'for', 'it'))
    const bundle = bundleOf('export default 7\n')
    expect(await store.has(bundle.digest)).toBe(false)
    expect(await store.open(bundle.digest)).toBeNull()
    await put(store, bundle)
    expect(await store.has(bundle.digest)).toBe(true)
    const opened = (await store.open(bundle.digest))!
    expect(opened).toMatchObject({ digest: bundle.digest, program: 'sample' })
    expect(readFileSync(new URL(opened.moduleUrl), 'utf8')).toBe('export default 7\n')
    expect(opened.files.map((file) => file.slice(file.lastIndexOf('/') + 1))).toEqual([
      'program.mjs',
      'wasm-kernel-0.wasm',
    ])
    await opened.release()
    expect(readdirSync(join(folder, 'made', 'for', 'it'))).toEqual([bundle.digest])
  })

  it('is there for the next process', async () => {
    const bundle = bundleOf()
    await put(await BundleStore.open(folder), bundle)
    const opened = await (await BundleStore.open(folder)).obtain(bundle.digest, () => {
      throw new Error('fetched again')
    })
    await opened.release()
  })

  it('fetches once for several that want it at a time, and not for those that come later', async () => {
    const store = await BundleStore.open(folder)
    const bundle = bundleOf('export default 3\n', 300 * KiB)
    const { read, asked } = counting(bundle)
    const opened = await Promise.all([1, 2, 3].map(() => store.obtain(bundle.digest, read)))
    opened.push(await store.obtain(bundle.digest, read))
    expect(asked.filter((file) => file === null)).toHaveLength(1)
    for (const one of opened) await one.release()
    expect(names()).toEqual([bundle.digest])
  })

  it('fetches for another one where whoever fetched first has lost its link', async () => {
    const store = await BundleStore.open(folder)
    const bundle = bundleOf()
    let loseLink = (): void => {}
    const first = store.obtain(
      bundle.digest,
      () => new Promise((_, reject) => (loseLink = () => reject(new Error('gone')))),
    )
    const second = store.obtain(bundle.digest, reading(bundle))
    await expect.poll(() => names().length).toBe(1)
    loseLink()
    await expect(first).rejects.toThrow('gone')
    await (await second).release()
  })

  it('keeps nothing of a bundle that is cut off, or damaged on its way', async () => {
    const store = await BundleStore.open(folder)
    const bundle = bundleOf('export default 3\n', 300 * KiB)
    const read = reading(bundle)
    const cutOff = store.put(bundle.digest, (wanted) => {
      if (wanted.offset > 100 * KiB) throw new Error('the link is gone')
      return read(wanted)
    })
    await expect(cutOff).rejects.toThrow('the link is gone')
    const damaged = store.put(bundle.digest, async (wanted) => {
      const part = await read(wanted)
      return wanted.offset === 0 && wanted.file === 1 ? { ...part, bytes: part.bytes.map((byte) => byte ^ 1) } : part
    })
    await expect(damaged).rejects.toThrow(BundleError)
    expect(names()).toEqual([])
  })

  it('takes no bundle for another version of Paritas, and loads none that is there: the line names both', async () => {
    const store = await BundleStore.open(folder)
    const foreign = bundleOf('export default 9\n', 1, { version: '9.8.7', api: 99 })
    const { version, api } = ownApi()
    const line = `the program was bundled by Paritas 9.8.7 (programs' interface 99), and here is Paritas ${version} (programs' interface ${api}): use the same version on both sides`
    const asked: unknown[] = []
    const putting = store.put(foreign.digest, (wanted) => {
      asked.push(wanted.file)
      return reading(foreign)(wanted)
    })
    await expect(putting).rejects.toMatchObject({ name: 'UsageError', message: line })
    expect(asked).toEqual([null])
    expect(names()).toEqual([])

    mkdirSync(join(folder, foreign.digest))
    for (const [file, name] of [null, 'program.mjs', 'wasm-kernel-0.wasm'].entries()) {
      const bytes = foreign.part(file === 0 ? null : file - 1, 0, Number.POSITIVE_INFINITY)!.bytes
      writeFileSync(join(folder, foreign.digest, name ?? 'manifest.json'), bytes)
    }
    await expect(store.open(foreign.digest)).rejects.toMatchObject({ name: 'UsageError', message: line })
    expect(names()).toEqual([foreign.digest])
  })
})

describe('a bundle that is damaged in the store', () => {
  const bundle = bundleOf('export default 5\n', 5000)
  it.each<[string, (file: (name: string) => string) => void]>([
    ['a byte of it is another one', (file) => rewrite(file('program.mjs'), 'export default 6\n')],
    ['a file is shorter', (file) => truncateSync(file('wasm-kernel-0.wasm'), 100)],
    ['a file is longer', (file) => rewrite(file('program.mjs'), 'export default 5\n\n')],
    ['a file is gone', (file) => rmSync(file('wasm-kernel-0.wasm'))],
    ['a file more is there', (file) => writeFileSync(file('program.mjs.at'), 'file:///etc/passwd')],
    ['a file is a link', (file) => linkTo(file('program.mjs'), 'export default 5\n')],
    ['its manifest is another one', (file) => rewrite(file('manifest.json'), '{}')],
  ])('is fetched anew: %s', async (_, damage) => {
    const store = await BundleStore.open(folder)
    await put(store, bundle)
    damage((name) => join(folder, bundle.digest, name))
    expect(await store.open(bundle.digest)).toBeNull()
    expect(names()).toEqual([])
    const { read, asked } = counting(bundle)
    const opened = await store.obtain(bundle.digest, read)
    expect(asked).toEqual([null, 0, 1])
    expect(readFileSync(new URL(opened.moduleUrl), 'utf8')).toBe('export default 5\n')
    await opened.release()
  })
})

function rewrite(file: string, text: string): void {
  chmodSync(file, 0o600)
  writeFileSync(file, text)
}

function linkTo(file: string, text: string): void {
  const target = join(elsewhere, 'target')
  writeFileSync(target, text)
  rmSync(file)
  symlinkSync(target, file)
}

describe('the bound of a store', () => {
  const bundles = [1, 2, 3, 4].map((number) => bundleOf(`export default ${'1'.repeat(number)}\n`, 100 * KiB))
  const [first, second, third, fourth] = bundles as [ProgramBundle, ProgramBundle, ProgramBundle, ProgramBundle]

  it('lets those go that were not used for longest', async () => {
    const store = await BundleStore.open(folder, 250 * KiB)
    await put(store, first, second)
    utimesSync(join(folder, first.digest), 1, 1)
    utimesSync(join(folder, second.digest), 2, 2)
    await (await store.open(first.digest))!.release()
    await put(store, third)
    expect(names()).toEqual([first.digest, third.digest].sort())
  })

  it('takes none that is in use, also by another process, and says so when nothing else is left', async () => {
    const store = await BundleStore.open(folder, 250 * KiB)
    await put(store, first, second)
    const opened = (await store.open(first.digest))!
    const other = await usedElsewhere(second)
    await expect(store.put(third.digest, reading(third))).rejects.toMatchObject({
      name: 'UsageError',
      message: `${folder} keeps 250 KiB of program bundles: 201 KiB are in use, and this one takes 100 KiB`,
    })
    expect(names().filter((name) => name.length === 64)).toEqual([first.digest, second.digest].sort())

    other.kill('SIGKILL')
    await once(other, 'exit')
    await put(store, third)
    expect(names().filter((name) => name.length === 64)).toEqual([first.digest, third.digest].sort())
    await opened.release()
    await put(store, fourth)
    expect(names().filter((name) => name.length === 64)).toHaveLength(2)
  })

  it('refuses what is larger than it before any of it comes', async () => {
    const store = await BundleStore.open(folder, 50 * KiB)
    const { read, asked } = counting(first)
    await expect(store.put(first.digest, read)).rejects.toThrow(
      `${folder} keeps 50.0 KiB of program bundles, and this one takes 100 KiB`,
    )
    expect(asked).toEqual([null])
    expect(names()).toEqual([])
  })
})

const user = fileURLToPath(new URL('bundle-user.mjs', import.meta.url))
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Another process that uses it until it is killed. */
async function usedElsewhere({ digest }: ProgramBundle): Promise<ChildProcess> {
  const child = spawn(process.execPath, [user, folder, digest], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  expect(String((await once(child.stdout!, 'data'))[0])).toBe('opened\n')
  return child
}

describe('a process that is killed while it fetches', () => {
  it('leaves nothing that counts, and the next one removes it', async () => {
    const { digest } = bundleOf()
    const child = spawn(process.execPath, [user, folder, digest, 'fetch'], { stdio: ['ignore', 'pipe', 'inherit'] })
    started.push(child)
    await once(child.stdout!, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(names()).toEqual([expect.stringMatching(/^incoming\./)])
    const store = await BundleStore.open(folder)
    expect(await store.has(digest)).toBe(false)
    expect(names()).toEqual([])
  })
})

it('a folder that cannot be used is said in one line', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(BundleStore.open(join(folder, 'file', 'bundles'))).rejects.toThrow(
    `cannot keep program bundles in ${folder}/file/bundles: part of the path is no folder`,
  )
})
