import { describe, expect, it } from 'vitest'
import { LentPages } from '../../src/machine/processor/lent-pages.ts'
import type { PageBatch } from '../../src/parity/index.ts'
import type { Frame } from '../../src/protocol/index.ts'

/** A frame whose pages lie in memory that the next one is written over. */
function lent() {
  const memory = new Uint8Array([1, 2, 3, 4])
  const batch: PageBatch = { numbers: [7], bytes: memory.subarray(0, 4) }
  const frame = { type: 'delta', checkpoint: 3, part: 0, batch } satisfies Frame
  return { memory, batch, frame, bytes: () => [...frame.batch.bytes] }
}

describe('pages that are lent with a frame', () => {
  it('are copied if nobody has used them when the frame has been handled', () => {
    const { memory, frame, bytes } = lent()
    new LentPages(frame).end()
    memory.fill(9)
    expect(bytes()).toEqual([1, 2, 3, 4])
  })

  it('are not copied once an effect has used them', () => {
    const { memory, batch, frame, bytes } = lent()
    const pages = new LentPages(frame)
    pages.noteUsed(batch)
    pages.end()
    memory.fill(9)
    expect(bytes()).toEqual([9, 9, 9, 9])
  })

  it('are copied when what was used are those of another frame, put by before', () => {
    const { memory, frame, bytes } = lent()
    const pages = new LentPages(frame)
    pages.noteUsed(lent().batch)
    pages.end()
    memory.fill(9)
    expect(bytes()).toEqual([1, 2, 3, 4])
  })

  it('are none in a frame without any', () => {
    const frame: Frame = { type: 'commit', checkpoint: 3 }
    new LentPages(frame).end()
    expect(frame).toEqual({ type: 'commit', checkpoint: 3 })
  })
})
