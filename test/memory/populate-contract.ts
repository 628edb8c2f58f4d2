import { describe, expect, it } from 'vitest'
import type { PagesAhead } from '../../src/memory/index.ts'
import { expectBytes, pagesOf, programOf } from './model.ts'
import type { PagesContractOptions } from './pages-contract.ts'

const none: ReadonlyMap<string, Uint8Array> = new Map()

/** Zeros over zeros, as the system sees it a first write. */
function touch(ahead: readonly PagesAhead[], pageSizeBytes: number): void {
  for (const { bytes, pages } of ahead) {
    for (let i = 0; i < pages.length; i += 2) {
      for (let page = pages[i]!; page < pages[i + 1]!; page += 1) {
        Atomics.compareExchange(bytes, page * pageSizeBytes, 0, 0)
      }
    }
  }
}

/** What a memory promises that is given its pages before anybody writes them. */
export function populateContract({ name, pageSizeBytes, make }: PagesContractOptions): void {
  const programBytes = 5 * pageSizeBytes - 8
  const pages = (batches: Parameters<typeof pagesOf>[0]) => pagesOf(batches, pageSizeBytes)

  describe(`${name}: populate`, () => {
    it('changes nothing but who pays for the first writes', () => {
      const memory = make(programBytes)
      memory.populate()
      expect(memory.changedPages()).toBe(0)
      expect([...memory.pages(0, 3)]).toEqual([])
      expectBytes(programOf(memory, programBytes), new Uint8Array(programBytes))
      programOf(memory, programBytes)[pageSizeBytes] = 7
      expect(memory.capture(1, none).changedPages).toBe(1)
      expect(pages(memory.delta(3))).toEqual(pages(memory.pages(1, 3)))
    })

    it('names what a rebuild writes first, if pages are in use; touching it at any time changes nothing', () => {
      const source = make(programBytes)
      programOf(source, programBytes).fill(3)
      source.capture(1, none)
      const other = make(programBytes)
      const ahead = other.aheadOfRebuild(Uint32Array.of(1, 3)) ?? []
      touch(ahead, pageSizeBytes)
      other.clear()
      for (const batch of source.pages(1, 3)) other.absorb(batch)
      touch(ahead, pageSizeBytes)
      expect(other.adopt(1, source.checksums(1))).toEqual([])
      touch(ahead, pageSizeBytes)
      expectBytes(programOf(other, programBytes), new Uint8Array(programBytes).fill(3))
      other.restore(1)
      expectBytes(programOf(other, programBytes), new Uint8Array(programBytes).fill(3))
    })

    it('names what captures write first, each page once; touching it at any time changes nothing', () => {
      const memory = make(programBytes)
      const live = programOf(memory, programBytes)
      const ahead = () => memory.aheadOfCapture(() => Uint32Array.of(1, 2)).ahead
      live[pageSizeBytes] = 7
      const before = ahead()
      expect(ahead().every(({ pages }) => pages.length === 0)).toBe(true)
      touch(before, pageSizeBytes)
      memory.capture(1, none)
      memory.recycle(1)
      live[pageSizeBytes] = 8
      live[3 * pageSizeBytes] = 9
      touch([...before, ...ahead()], pageSizeBytes)
      expect(memory.capture(2, none).changedPages).toBe(2)
      touch([...before, ...ahead()], pageSizeBytes)
      expect(pages(memory.delta(3)).get(1)![0]).toBe(7 ^ 8)
      memory.restore(1)
      expect([live[pageSizeBytes], live[3 * pageSizeBytes]]).toEqual([7, 0])
    })

    it('leaves memory that can be rebuilt into', () => {
      const source = make(programBytes)
      programOf(source, programBytes).fill(3)
      source.capture(1, none)
      const other = make(programBytes)
      other.populate()
      other.clear()
      for (const batch of source.pages(1, 3)) other.absorb(batch)
      expect(other.adopt(1, source.checksums(1))).toEqual([])
      expectBytes(programOf(other, programBytes), new Uint8Array(programBytes).fill(3))
    })
  })
}
