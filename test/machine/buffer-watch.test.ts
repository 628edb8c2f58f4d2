import { describe, expect, it } from 'vitest'
import { BufferWatch } from '../../src/machine/processor/buffer-watch.ts'

/** A memory that is written to as time passes; looks at it take time too. */
function watched({ looksMs = 0, comparesMs = 0 } = {}) {
  const at = { ms: 0, written: 0, changed: 0, unconsumed: 0, logged: 0 }
  const looks: number[] = []
  const watch = new BufferWatch({
    bufferBytes: 1000,
    nowMs: () => at.ms,
    unconsumedBytes: () => at.unconsumed,
    loggedBytes: () => at.logged,
    writtenBytes: () => {
      looks.push(at.ms)
      at.ms += looksMs
      return at.written
    },
    changedBytes: () => {
      at.ms += comparesMs
      return at.changed
    },
  })
  /** Steps of a millisecond each until the buffer is full, or for `ms`; each writes so many bytes. */
  const run = (ms: number, bytesEach: number): boolean => {
    for (const end = at.ms + ms; at.ms < end; at.ms += 1) {
      at.written += bytesEach
      at.changed += bytesEach
      if (watch.isFull()) return true
    }
    return false
  }
  return { at, looks, watch, run }
}

describe('the watch over the checkpoint buffer', () => {
  it('finds a buffer full that is filled evenly, when it is, at a few looks', () => {
    const { at, looks, run } = watched()
    expect(run(5000, 1)).toBe(true)
    expect(at.written).toBeGreaterThanOrEqual(1000)
    expect(at.written).toBeLessThan(1010)
    expect(looks.length).toBeLessThan(25)
  })

  it('looks five times a second where nothing is written, and so finds what begins to be', () => {
    const { at, looks, run } = watched()
    expect(run(2000, 0)).toBe(false)
    expect(looks.length).toBeLessThanOrEqual(13)
    at.written = at.changed = 2000
    expect(run(200, 0)).toBe(true)
  })

  it('takes no more than a twentieth of the time, however long a look takes', () => {
    const { looks, run } = watched({ looksMs: 10 })
    run(4000, 0.2)
    expect(looks.length).toBeLessThanOrEqual(21)
  })

  it('compares only where so many pages were written that the buffer may be full', () => {
    const compared = watched({ comparesMs: 50 })
    compared.at.written = 999
    expect(compared.watch.isFull()).toBe(false)
    expect(compared.at.ms).toBe(0)
    compared.at.ms = 1000
    compared.at.written = 1000
    expect(compared.watch.isFull()).toBe(false)
    expect(compared.at.ms).toBe(1050)
    compared.at.ms = 3000
    compared.at.changed = 1000
    expect(compared.watch.isFull()).toBe(true)
  })

  it('counts what is logged beside the pages, and what was sent and not consumed at once', () => {
    const { at, watch } = watched()
    at.written = at.changed = 600
    at.logged = 399
    expect(watch.isFull()).toBe(false)
    at.ms = 1000
    at.logged = 400
    expect(watch.isFull()).toBe(true)
    at.logged = 0
    expect(watch.isFull()).toBe(false)
    at.unconsumed = 1000
    expect(watch.isFull()).toBe(true)
  })

  it('looks on as ever after a checkpoint has emptied the buffer', () => {
    const { at, run } = watched()
    run(900, 1)
    at.written = at.changed = 0
    expect(run(5000, 1)).toBe(true)
    expect(at.written).toBeLessThan(1150)
  })
})
