import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { ProtectedMemory } from '../../src/memory/index.ts'
import { actionsArbitrary, expectPages, isZero, Model, pagesOf, programOf } from './model.ts'
import type { PagesContractOptions } from './pages-contract.ts'

const none: ReadonlyMap<string, Uint8Array> = new Map()

/** What a memory promises whose committed checkpoint is read while it goes on. */
export function heldContract({ name, pageSizeBytes, make }: PagesContractOptions): void {
  const programBytes = 5 * pageSizeBytes - 8
  const pages = (batches: Parameters<typeof pagesOf>[0]) => pagesOf(batches, pageSizeBytes)
  const sorted = (all: Map<number, Uint8Array>) => new Map([...all].sort(([one], [other]) => one - other))

  /** Pages by number at the oldest kept checkpoint. */
  const settled = (memory: ProtectedMemory) => pages(memory.pages(memory.kept[0]!, 3))

  describe(`${name}: a held checkpoint`, () => {
    test.prop([actionsArbitrary(programBytes), actionsArbitrary(programBytes), fc.integer({ min: 1, max: 4 })], {
      numRuns: 30,
    })('stays as it was, whatever happens while it is read', (before, during, pagesPerBatch) => {
      const memory = make(programBytes)
      const model = new Model(memory, programBytes)
      for (const action of before) model.apply(action)
      const expected = settled(memory)
      const held = memory.pin(null)
      expect(held).toMatchObject({
        checkpoint: memory.kept[0],
        isFull: true,
        checksums: memory.checksums(memory.kept[0]!),
      })
      const reading = held.pages(pagesPerBatch)
      const read = []
      for (const action of during) {
        model.apply(action)
        const next = reading.next()
        if (!next.done) read.push(next.value)
      }
      read.push(...reading)
      held.release()
      expectPages(sorted(pages(read)), expected)
      expect(held.asideBytes).toBeLessThanOrEqual(memory.pageEnd * pageSizeBytes)
    })

    test.prop([fc.array(actionsArbitrary(programBytes), { minLength: 1, maxLength: 4 })], { numRuns: 12 })(
      'since a mark and all that was held before make it up',
      (intervals) => {
        const memory = make(programBytes)
        const model = new Model(memory, programBytes)
        const built = new Map<number, Uint8Array>()
        let mark: number | null = null
        for (const [index, actions] of intervals.entries()) {
          for (const action of actions) model.apply(action)
          const held = memory.pin(mark)
          expect(held.isFull).toBe(mark === null)
          memory.mark(index, mark)
          const expected = settled(memory)
          const reading = held.pages(2)
          for (const action of actions.slice(0, 5)) model.apply(action)
          for (const [page, bytes] of pages(reading)) built.set(page, bytes)
          held.release()
          for (const [page, bytes] of built) if (isZero(bytes)) built.delete(page)
          expectPages(sorted(built), expected)
          mark = index
        }
      },
    )

    it('copies aside only what changes and was not read yet', () => {
      const memory = make(programBytes)
      programOf(memory, programBytes).fill(1)
      memory.capture(1, none)
      memory.recycle(1)
      const held = memory.pin(null)
      const reading = held.pages(2)
      reading.next()
      programOf(memory, programBytes).fill(2)
      memory.capture(2, none)
      expect(held.asideBytes).toBe(0)
      memory.recycle(2)
      expect(held.asideBytes).toBe(3 * pageSizeBytes)
      for (const { bytes } of reading) expect(bytes[0]).toBe(1)
    })

    it('ends when the memory is cleared, and marks with it', () => {
      const memory = make(programBytes)
      programOf(memory, programBytes).fill(1)
      memory.capture(1, none)
      memory.recycle(1)
      memory.mark(1, null)
      const reading = memory.pin(1).pages(1)
      memory.clear()
      expect(() => reading.next()).toThrow('read before it is released')
      expect(memory.pin(1).isFull).toBe(true)
    })
  })
}
