import { describe, expect, it } from 'vitest'
import { expectBytes, pagesOf, programOf } from './model.ts'
import type { PagesContractOptions } from './pages-contract.ts'

const none: ReadonlyMap<string, Uint8Array> = new Map()

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
