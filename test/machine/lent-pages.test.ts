import { beforeEach, describe, expect, it } from 'vitest'
import { type Keep, LentPages } from '../../src/machine/processor/lent-pages.ts'
import type { PageBatch } from '../../src/parity/index.ts'
import type { Frame } from '../../src/protocol/index.ts'

/** Batches that the state machine has put by. */
const putBy = new Set<PageBatch>()

/** A frame whose pages lie in a slot; `isBack`: it may be written again. */
function lent(type: 'image' | 'delta' = 'image') {
  const memory = new Uint8Array([1, 2, 3, 4])
  const batch: PageBatch = { numbers: [7], bytes: memory.subarray(0, 4) }
  const frame: Frame =
    type === 'image' ? { type, target: 'a0', part: 0, batch } : { type, checkpoint: 3, part: 0, batch }
  let kept: 'no' | 'yes' | 'given back' = 'no'
  const keep: Keep = () => {
    kept = 'yes'
    return () => {
      expect(kept, 'a slot is given back once').toBe('yes')
      kept = 'given back'
    }
  }
  return { memory, batch, frame, keep, bytes: () => [...batch.bytes], kept: () => kept }
}

describe('pages that are lent with a frame', () => {
  let pages: LentPages

  beforeEach(() => {
    putBy.clear()
    pages = new LentPages((batch) => putBy.has(batch))
  })

  it.each(['image', 'delta'] as const)('of an %s are neither copied nor kept if nobody needs them any more', (type) => {
    const { memory, frame, keep, bytes, kept } = lent(type)
    pages.handle(frame, keep, () => {})
    memory.fill(9)
    expect(bytes()).toEqual([9, 9, 9, 9])
    expect(kept()).toBe('no')
  })

  it('are copied if they are a delta that is put by', () => {
    const { memory, batch, frame, keep, bytes, kept } = lent('delta')
    pages.handle(frame, keep, () => putBy.add(batch))
    memory.fill(9)
    expect(bytes()).toEqual([1, 2, 3, 4])
    expect(kept(), 'its sender may need the slot for what this waits for').toBe('no')
  })

  it('stay with their sender while an image is put by, and no longer', () => {
    const { batch, frame, keep, kept } = lent()
    pages.handle(frame, keep, () => putBy.add(batch))
    pages.settle()
    expect(kept()).toBe('yes')
    putBy.clear()
    pages.settle()
    pages.settle()
    expect(kept()).toBe('given back')
  })

  it('stay until the last effect has read them that an image put by has brought about', () => {
    const { batch, frame, keep, kept } = lent()
    pages.handle(frame, keep, () => putBy.add(batch))
    putBy.clear()
    const isRead = pages.claim(batch)
    pages.settle()
    expect(kept()).toBe('yes')
    isRead()
    expect(kept()).toBe('given back')
  })

  it('stay while an effect of the frame itself waits', () => {
    const { batch, frame, keep, kept } = lent()
    const reads: (() => void)[] = []
    pages.handle(frame, keep, () => reads.push(pages.claim(batch), pages.claim(batch)))
    reads[0]!()
    pages.settle()
    expect(kept()).toBe('yes')
    reads[1]!()
    expect(kept()).toBe('given back')
  })

  it('are copied where no slot can be kept', () => {
    const { memory, batch, frame, bytes } = lent()
    let isRead = (): void => {}
    pages.handle(
      frame,
      () => null,
      () => {
        isRead = pages.claim(batch)
      },
    )
    memory.fill(9)
    expect(bytes()).toEqual([1, 2, 3, 4])
    isRead()
  })

  it('may be claimed though they were never lent', () => {
    const { batch } = lent()
    pages.claim(batch)()
    expect(batch.bytes.length).toBe(4)
  })

  it('are none in a frame without any', () => {
    const frame: Frame = { type: 'commit', checkpoint: 3 }
    pages.handle(frame, lent().keep, () => {})
    expect(frame).toEqual({ type: 'commit', checkpoint: 3 })
  })
})
