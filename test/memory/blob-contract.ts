import { describe, expect, it } from 'vitest'
import type { ProtectedMemory } from '../../src/memory/index.ts'
import { expectBlobs, pagesOf } from './model.ts'

const none: ReadonlyMap<string, Uint8Array> = new Map()

export function blob(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill)
}

/** The contents of a checkpoint beside the program's own memory. */
export function blobContract(name: string, pageSizeBytes: number, create: () => ProtectedMemory): void {
  describe(`${name}: blobs`, () => {
    it('grow, shrink, appear and vanish', () => {
      const memory = create()
      const contents = [
        { a: blob(10, 1), b: blob(3 * pageSizeBytes, 2) },
        { a: blob(5 * pageSizeBytes, 3), b: blob(pageSizeBytes, 4) },
        { b: blob(200 * pageSizeBytes, 5), c: blob(0, 0) },
        {},
        { z: blob(1, 6) },
      ].map((content) => new Map<string, Uint8Array>(Object.entries(content)))
      contents.forEach((content, index) => {
        memory.capture(index + 1, content)
        expectBlobs(memory.blobs(), content)
        memory.restore(index)
        expectBlobs(memory.blobs(), contents[index - 1] ?? none)
        memory.capture(index + 1, content)
        memory.recycle(index + 1)
      })
    })

    it('that come again as the same object are not written again', () => {
      const memory = create()
      const [kept, changing] = [blob(50 * pageSizeBytes, 1), blob(8, 2)]
      memory.capture(
        1,
        new Map([
          ['kept', kept],
          ['changing', changing],
        ]),
      )
      memory.recycle(1)
      const again = memory.capture(
        2,
        new Map([
          ['kept', kept],
          ['changing', blob(8, 3)],
        ]),
      )
      expect(again.changedPages).toBe(1)
      expectBlobs(
        memory.blobs(),
        new Map([
          ['kept', kept],
          ['changing', blob(8, 3)],
        ]),
      )
    })

    it('keep their place beside others that come and go', () => {
      const memory = create()
      const log = new Map<string, Uint8Array>()
      for (let round = 1; round <= 40; round += 1) {
        log.set(`sent/${round}`, blob(pageSizeBytes, round))
        if (round > 4) log.delete(`sent/${round - 4}`)
        const { changedPages } = memory.capture(round, log)
        // The new entry, the root, and the directory of four entries.
        expect(changedPages).toBeLessThanOrEqual(2 + Math.ceil(104 / pageSizeBytes))
        memory.recycle(round)
      }
      expectBlobs(memory.blobs(), log)
      expect(Math.max(...pagesOf(memory.pages(40, 8), pageSizeBytes).keys())).toBeLessThan(24)
    })

    it('are copies', () => {
      const memory = create()
      memory.capture(1, new Map([['a', blob(8, 1)]]))
      memory.blobs().get('a')!.fill(9)
      expectBlobs(memory.blobs(), new Map([['a', blob(8, 1)]]))
    })
  })
}
