// A hundred thousand random pages of a memory of 1 GiB: no limit of the kernel on pieces of memory is met.
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { loadKernels } from '../../src/machine/kernels.ts'
import { openMemory } from '../../src/memory/native/index.ts'
import { closing } from './closing.ts'
import { isThere } from './kernel-trackers.ts'

const pageSizeBytes = 4096
const programBytes = 2 ** 30
const programPages = programBytes / pageSizeBytes
const writtenPages = 100_000
const none: ReadonlyMap<string, Uint8Array> = new Map()

describe.each((['compare', 'shadow', 'lean'] as const).filter(isThere))('%s', (tracker) => {
  it('finds 100,000 random pages in 1 GiB, and undoes them', () => {
    const { memory } = openMemory({ kernels: loadKernels(), pageSizeBytes, programBytes, tracker })
    closing(memory)
    const words = new Uint32Array(memory.buffer, memory.programOffset, programBytes / 4)
    const random = seededRandom(4)
    const numbers = Array.from({ length: programPages }, (_, page) => page)
    const pick = (): number[] => {
      for (let i = 0; i < writtenPages; i += 1) {
        const other = random.integer(i, programPages - 1)
        ;[numbers[i], numbers[other]] = [numbers[other]!, numbers[i]!]
      }
      return numbers.slice(0, writtenPages)
    }
    const sum = (): number => {
      let total = 0
      for (let page = 0; page < programPages; page += 1) total += words[page * 1024 + (page % 1024)]!
      return total
    }
    const write = (pages: readonly number[]): void => {
      for (const page of pages) words[page * 1024 + (page % 1024)]! += 1
    }
    write(pick())
    expect(memory.capture(1, none).changedPages).toBe(writtenPages)
    memory.recycle(1)
    const second = pick()
    write(second)
    expect(memory.capture(2, none).changedPages).toBe(writtenPages)
    write(pick())
    expect(sum()).toBe(3 * writtenPages)
    const image = [...memory.delta(64)].flatMap((batch) => batch.numbers)
    expect(image).toEqual(second.sort((a, b) => a - b))
    memory.restore(1)
    expect(sum()).toBe(writtenPages)
  })
})
