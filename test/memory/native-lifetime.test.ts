// What the addon holds on to: memory is freed only after its tracker is closed, and signals that are not its own pass.
import { spawnSync } from 'node:child_process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { loadPaging, type PageScanner, type Paging } from '../../src/memory/native/load-addon.ts'
import { createPageTracker } from '../../src/memory/native/shadow-tracker.ts'
import { createWriteGuards } from '../../src/memory/native/write-guards.ts'
import { addonPath, isThere } from './kernel-trackers.ts'

const pageBytes = 4096

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Whether the collector frees what is referred to. Looking at it keeps it for that turn of the event loop. */
async function isFreed(reference: WeakRef<object>): Promise<boolean> {
  for (let attempt = 0; attempt < 10 && reference.deref() !== undefined; attempt += 1) {
    await nextTurn()
    collectGarbage()
    await nextTurn()
  }
  return reference.deref() === undefined
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function pagesOf(count: number): Uint8Array {
  return new Uint8Array(new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true }).buffer, 0, count * pageBytes)
}

type Closable = { close(): void }

/** A tracker of each kind over memory that nothing else refers to. */
const makers: Record<'shadow' | 'lean', (paging: Paging) => { tracker: Closable; memory: WeakRef<ArrayBufferLike> }> = {
  shadow: (paging) => {
    const live = pagesOf(4)
    return { tracker: createPageTracker(paging).watch(live, 4, pageBytes), memory: new WeakRef(live.buffer) }
  },
  lean: (paging) => {
    const live = pagesOf(4)
    const words = () => new Uint32Array(new SharedArrayBuffer(64))
    const buffer = () => ({ slots: words(), list: words(), frames: pagesOf(4) })
    return {
      tracker: createWriteGuards(paging).guard(live, [buffer(), buffer()]),
      memory: new WeakRef(live.buffer),
    }
  },
}

describe.each((['shadow', 'lean'] as const).filter(isThere))('%s', (name) => {
  const make = (): { tracker: Closable; memory: WeakRef<ArrayBufferLike> } => makers[name](loadPaging().paging!)

  it('keeps its memory until it is closed', async () => {
    const { tracker, memory } = make()
    expect(await isFreed(memory)).toBe(false)
    tracker.close()
    expect(await isFreed(memory)).toBe(true)
    tracker.close()
  })

  it('closes by itself when nobody refers to it any more', async () => {
    const dropped = (): WeakRef<ArrayBufferLike> => make().memory
    const memory = dropped()
    expect(await isFreed(memory)).toBe(true)
  })

  it('leaves memory that is not made of whole pages alone', () => {
    const { paging } = loadPaging()
    const views = [pagesOf(2).subarray(16), pagesOf(2).subarray(0, pageBytes + 16), pagesOf(1).subarray(0, 0)]
    const buffer = () => ({ slots: new Uint32Array(4), list: new Uint32Array(8), frames: pagesOf(2) })
    for (const view of views) {
      const open = () =>
        name === 'shadow'
          ? createPageTracker(paging!).watch(view, 1, pageBytes)
          : createWriteGuards(paging!).guard(view, [buffer(), buffer()])
      expect(open).toThrow(/is not made of whole pages/)
    }
  })
})

/** A scanner whose scans fail. */
class FailingScanner implements PageScanner {
  arm(): void {}

  disarm(): void {}

  take(): Uint32Array {
    throw new Error('PAGEMAP_SCAN fails: Cannot allocate memory')
  }

  peek(): Uint32Array {
    return this.take()
  }

  note(): void {}
  close(): void {}
}

describe.each((['lean'] as const).filter(isThere))('%s', () => {
  it('needs room for the old content of every page', () => {
    const live = pagesOf(4)
    const buffer = (slots: number, list: number, frames: number) => {
      return { slots: new Uint32Array(slots), list: new Uint32Array(list), frames: pagesOf(frames) }
    }
    const enough = buffer(4, 6, 4)
    for (const little of [buffer(3, 6, 4), buffer(4, 5, 4), buffer(4, 6, 3)]) {
      const guards = createWriteGuards(loadPaging().paging!)
      expect(() => guards.guard(live, [little, enough])).toThrow('a copy buffer has no room for all pages')
      expect(() => guards.guard(live, [enough, little])).toThrow('a copy buffer has no room for all pages')
    }
  })

  it('lets other bus errors end the process, as they would without it', () => {
    const source = `
      const { paging } = require(process.argv[1])
      const pages = () => new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer)
      const words = () => new Uint32Array(new SharedArrayBuffer(128))
      const live = pages()
      const guard = new paging.WriteGuard(live, words(), words(), pages(), words(), words(), pages())
      guard.protect()
      live[0] = 1
      console.log(live[0])
      process.kill(process.pid, 'SIGBUS')
    `
    const { stdout, signal } = spawnSync(process.execPath, ['--eval', source, addonPath()], { encoding: 'utf8' })
    expect([stdout, signal]).toEqual(['1\n', 'SIGBUS'])
  })
})

describe.each((['shadow'] as const).filter(isThere))('%s', () => {
  it('goes on through forks of the process, and in the memory’s other pages nothing is watched', () => {
    const live = pagesOf(8)
    const watch = createPageTracker(loadPaging().paging!).watch(live.subarray(0, 4 * pageBytes), 4, pageBytes)
    watch.arm()
    live[0] = 1
    spawnSync('true')
    live[2 * pageBytes] = 1
    live[5 * pageBytes] = 1
    expect([...watch.take()]).toEqual([0, 1, 2, 3])
    spawnSync('true')
    expect(watch.take().length).toBe(0)
    live[3 * pageBytes] = 1
    expect([...watch.peek()]).toEqual([3, 4])
    watch.close()
    expect(watch.take().length).toBe(0)
    const scanner = new (loadPaging().paging!.PageScanner)(live)
    scanner.close()
    expect(() => scanner.take()).toThrow('PAGEMAP_SCAN fails: Bad file descriptor')
    expect(() => scanner.arm()).toThrow('write protection fails: Bad file descriptor')
  })

  it('names all pages where the kernel fails to say which were written', () => {
    const watch = createPageTracker({ ...loadPaging().paging!, PageScanner: FailingScanner }).watch(pagesOf(8), 7, 4096)
    watch.arm()
    expect([...watch.take()]).toEqual([0, 7])
    expect([...watch.peek()]).toEqual([0, 7])
  })
})
