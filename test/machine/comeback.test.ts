import { describe, expect, it } from 'vitest'
import { Comeback } from '../../src/machine/launcher/foreman/comeback.ts'

describe('programs that a recovery took back', () => {
  const afterRecovery = () => {
    const comeback = new Comeback(2)
    comeback.wentBack(3)
    return comeback
  }

  it('are not waited for before there is a recovery', () => {
    expect(new Comeback(2).isOver).toBe(true)
    expect(new Comeback(2).noteComputing(0, 1)).toBe(false)
  })

  it('are back when each computes again, and the last one says so once', () => {
    const comeback = afterRecovery()
    expect(comeback.noteComputing(1, 3)).toBe(false)
    expect(comeback.noteComputing(1, 3)).toBe(false)
    expect(comeback.isOver).toBe(false)
    expect(comeback.noteComputing(0, 3)).toBe(true)
    expect(comeback.isOver).toBe(true)
    expect(comeback.noteComputing(0, 3)).toBe(false)
  })

  it('are not back with what they did before it', () => {
    const comeback = afterRecovery()
    comeback.noteComputing(0, 3)
    expect(comeback.noteComputing(1, 2)).toBe(false)
    comeback.wentBack(4)
    expect(comeback.noteComputing(1, 4)).toBe(false)
    expect(comeback.noteComputing(0, 3)).toBe(false)
    expect(comeback.isOver).toBe(false)
  })

  it('count as begun in an epoch after it, in which nobody had to go back', () => {
    const comeback = afterRecovery()
    comeback.noteComputing(0, 3)
    expect(comeback.noteComputing(1, 4)).toBe(true)
  })
})
