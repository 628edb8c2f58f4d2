// What lean memory is for: it takes the program's pages and the changed ones once more, and gives back what it needs no more.
import { describe, expect, it } from 'vitest'
import { loadKernels } from '../../src/machine/kernels.ts'
import { openMemory } from '../../src/memory/native/index.ts'
import { closing } from './closing.ts'
import { isThere } from './kernel-trackers.ts'
import { programOf } from './model.ts'

const mebibyte = 2 ** 20
const programBytes = 256 * mebibyte
const none: ReadonlyMap<string, Uint8Array> = new Map()

describe.each((['lean'] as const).filter(isThere))('%s', (tracker) => {
  it('takes memory for the pages that change, and no longer than they do', () => {
    const { memory } = openMemory({ kernels: loadKernels(), pageSizeBytes: 4096, programBytes, tracker })
    const bytes = programOf(closing(memory), programBytes)
    let checkpoint = 0
    /** Changes the first `changedBytes`, captures and commits that. Returns by how much the process has grown since `base`. */
    const change = (changedBytes: number, base: number): number => {
      checkpoint += 1
      bytes.fill(checkpoint, 0, changedBytes)
      memory.capture(checkpoint, none)
      const grown = process.memoryUsage.rss() - base
      memory.recycle(checkpoint)
      return grown
    }
    const empty = process.memoryUsage.rss()
    // What was zeros needs no copy.
    const filled = change(programBytes, empty)
    expect(filled).toBeLessThan(1.25 * programBytes)
    const base = empty + filled
    expect(change(programBytes / 16, base)).toBeLessThan(programBytes / 4)
    expect(change(programBytes, base)).toBeGreaterThan(0.75 * programBytes)
    for (let round = 0; round < 2; round += 1) change(programBytes / 16, base)
    expect(change(0, base)).toBeLessThan(programBytes / 4)
  })
})
