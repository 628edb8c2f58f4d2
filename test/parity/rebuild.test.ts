import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import {
  type ErasureCode,
  type KernelModule,
  type PageBatch,
  ParityStore,
  reedSolomonCode,
} from '../../src/parity/index.ts'
import { bothKernels } from './both-kernels.ts'
import { scaled } from './naive-field.ts'
import { batchOf, contentOf, difference, memoryArbitrary, pageSizeBytes, trimmed } from './page-memories.ts'

const nothing: PageBatch = { numbers: [], bytes: new Uint8Array(0) }

interface Story {
  readonly code: ErasureCode
  /** For each checkpoint, the memory of each process. */
  readonly checkpoints: readonly (readonly Uint8Array[])[]
  readonly lost: readonly number[]
}

const storyArbitrary: fc.Arbitrary<Story> = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 4 }))
  .chain(([processes, checks]) => {
    const memories = fc.array(memoryArbitrary, { minLength: processes, maxLength: processes })
    return fc.record({
      code: fc.constant(reedSolomonCode(processes, checks)),
      checkpoints: fc.array(memories, { minLength: 1, maxLength: 3 }),
      lost: fc.uniqueArray(fc.nat(processes + checks - 1), { maxLength: checks, size: 'max' }),
    })
  })

/** Each row, kept up to date with the processes' deltas from one checkpoint to the next. */
function rowsOf(kernels: KernelModule, { code, checkpoints }: Story): ParityStore[] {
  return Array.from({ length: code.checks }, (_, check) => {
    const row = new ParityStore(kernels, { pageSizeBytes, maximumBytes: 2 ** 20 })
    let former: readonly Uint8Array[] = checkpoints[0]!.map(() => new Uint8Array(0))
    for (const memories of checkpoints) {
      memories.forEach((memory, process) => {
        row.stage(batchOf(difference(former[process]!, memory)), code.coefficient(check, process))
      })
      row.applyStaged()
      former = memories
    }
    return row
  })
}

/** What every member holds at the last checkpoint, computed byte by byte from the definition. */
function membersOf({ code, checkpoints }: Story): Uint8Array[] {
  const memories = checkpoints.at(-1)!
  const rows = Array.from({ length: code.checks }, (_, check) =>
    memories.map((memory, process) => scaled(memory, code.coefficient(check, process))).reduce(difference),
  )
  return [...memories, ...rows]
}

describe.each(bothKernels)('any loss, with $name kernels', (kernels) => {
  test.prop([storyArbitrary, fc.integer({ min: 1, max: 5 })])(
    'is rebuilt byte for byte by chains through what is left',
    (story, pagesPerPart) => {
      const { code, lost } = story
      const members = membersOf(story)
      const rows = rowsOf(kernels, story)
      rows.forEach((row, check) => {
        expect(contentOf(row.pages(3))).toEqual(trimmed(members[code.processes + check]!))
      })
      const stores = members.map((memory, member) => {
        if (member >= code.processes) return rows[member - code.processes]!
        const store = new ParityStore(kernels, { pageSizeBytes, maximumBytes: 2 ** 20 })
        store.absorb(batchOf(memory))
        return store
      })
      for (const [member, terms] of code.rebuildFrom(lost)!) {
        const end = Math.max(0, ...terms.map((term) => stores[term.member]!.pageEnd))
        const parts: PageBatch[] = []
        for (let first = 0; first < end; first += pagesPerPart) {
          let sum = nothing
          for (const term of terms) {
            sum = stores[term.member]!.addPages(term.coefficient, sum, first, first + pagesPerPart)
          }
          parts.push(sum)
        }
        expect(contentOf(parts)).toEqual(trimmed(members[member]!))
      }
    },
  )

  test.prop([memoryArbitrary, fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 5 })])(
    'gives its image times a coefficient',
    (memory, coefficient, pagesPerBatch) => {
      const store = new ParityStore(kernels, { pageSizeBytes, maximumBytes: 2 ** 20 })
      store.absorb(batchOf(memory))
      expect(contentOf(store.pages(pagesPerBatch, coefficient))).toEqual(trimmed(scaled(memory, coefficient)))
    },
  )

  it('knows where its pages end, and forgets it when it is cleared', () => {
    const store = new ParityStore(kernels, { pageSizeBytes, maximumBytes: 2 ** 20 })
    const page = (number: number): PageBatch => ({ numbers: [number], bytes: new Uint8Array(pageSizeBytes).fill(1) })
    expect(store.pageEnd).toBe(0)
    store.absorb(page(4))
    expect(store.pageEnd).toBe(5)
    store.stage(page(9), 2)
    expect(store.pageEnd).toBe(5)
    store.applyStaged()
    expect(store.pageEnd).toBe(10)
    store.clear()
    expect(store.pageEnd).toBe(0)
  })

  it('takes only coefficients that count', () => {
    const store = new ParityStore(kernels, { pageSizeBytes, maximumBytes: 2 ** 20 })
    for (const coefficient of [0, 256, -1, 1.5]) {
      expect(() => store.stage(nothing, coefficient)).toThrow(AssertionError)
      expect(() => store.pages(1, coefficient)).toThrow(AssertionError)
      expect(() => store.addPages(coefficient, nothing, 0, 1)).toThrow(AssertionError)
    }
  })
})
