import { describe, expect, it } from 'vitest'
import {
  createProtectedMemory,
  noPages,
  type PageRanges,
  type PageTracker,
  type PageWatch,
  type ProtectedMemory,
} from '../../src/memory/index.ts'
import { rangesOf } from '../../src/memory/page-ranges.ts'
import { compareFromShare, TrackingPolicy, watchUpToShare } from '../../src/memory/tracking-policy.ts'
import { portableKernels } from '../../src/parity/index.ts'
import { pagesOf, programOf } from './model.ts'

const pages = 100
const pageSizeBytes = 64
const programBytes = pages * pageSizeBytes

describe('the policy', () => {
  const modesAfter = (...shares: number[]) => {
    const policy = new TrackingPolicy()
    return shares.map((share) => {
      policy.note(share * 1000, 1000)
      return policy.mode
    })
  }

  it('begins with watching, and stays there for a single busy interval', () => {
    expect(new TrackingPolicy().mode).toBe('watch')
    expect(modesAfter(1, 0, 1, 0.1, 1)).toEqual(Array(5).fill('watch'))
  })

  it('compares after two busy intervals, and watches again after two quiet ones', () => {
    const shares = [compareFromShare, compareFromShare, 0.02, 1, watchUpToShare, 0, 0]
    expect(modesAfter(...shares)).toEqual(['watch', 'compare', 'compare', 'compare', 'compare', 'watch', 'watch'])
  })

  it('changes nothing in between', () => {
    expect(modesAfter(0.15, 0.19, 0.15)).toEqual(['watch', 'watch', 'watch'])
    expect(modesAfter(1, 1, 0.19, 0.13)).toEqual(['watch', 'compare', 'compare', 'compare'])
  })

  it('has nothing against a memory without pages', () => {
    const policy = new TrackingPolicy()
    for (let i = 0; i < 3; i += 1) policy.note(0, 0)
    expect(policy.mode).toBe('watch')
  })
})

/** A tracker that is told which pages are written, and what is asked of it. */
class ScriptedTracker implements PageTracker, PageWatch {
  readonly systemPageBytes = 4096
  readonly calls: string[] = []
  #written: PageRanges = noPages

  watch(): PageWatch {
    return this
  }

  write(memory: ProtectedMemory, numbers: readonly number[], value: number): void {
    for (const page of numbers) programOf(memory, programBytes)[page * pageSizeBytes] = value
    this.#written = rangesOf(numbers)
  }

  arm(): void {
    this.calls.push('arm')
    this.#written = noPages
  }

  disarm(): void {
    this.calls.push('disarm')
  }

  take(): PageRanges {
    const written = this.#written
    this.calls.push(`take ${written.length}`)
    this.#written = noPages
    return written
  }

  peek(): PageRanges {
    return this.#written
  }

  note(): void {}

  close(): void {
    this.calls.push('close')
  }
}

describe('a memory with a tracker', () => {
  const every = (step: number): number[] => Array.from({ length: pages / step }, (_, i) => i * step)

  it('changes to comparing while most pages change, and back, and misses nothing', () => {
    const tracker = new ScriptedTracker()
    const memory = createProtectedMemory({ kernels: portableKernels, programBytes, pageSizeBytes, tracker })
    const rounds = [10, 2, 2, 2, 1, 20, 20, 20, 50, 50].map(every)
    rounds.forEach((numbers, i) => {
      tracker.write(memory, numbers, i + 1)
      expect(memory.changedPages()).toBe(numbers.length)
      memory.capture(i + 1, new Map())
      expect([...pagesOf(memory.delta(64), pageSizeBytes).keys()]).toEqual(numbers)
      memory.recycle(i + 1)
      tracker.calls.push(`captured ${i + 1}`)
    })
    memory.close()
    expect(tracker.calls).toEqual([
      ...['arm', 'take 20', 'captured 1', 'take 100', 'captured 2', 'take 100', 'disarm', 'captured 3'],
      ...['captured 4', 'captured 5', 'captured 6', 'captured 7'],
      ...['arm', 'captured 8', 'take 4', 'captured 9', 'take 4', 'captured 10', 'close'],
    ])
  })

  it('compares only what was written', () => {
    const tracker = new ScriptedTracker()
    const memory = createProtectedMemory({ kernels: portableKernels, programBytes, pageSizeBytes, tracker })
    tracker.write(memory, [3, 5], 1)
    // Nobody tells of this one: were everything compared, it would be found.
    programOf(memory, programBytes)[7 * pageSizeBytes] = 1
    expect(memory.writtenPages()).toBe(2)
    expect(memory.capture(1, new Map()).changedPages).toBe(2)
  })
})
