import { describe, expect, it } from 'vitest'
import { Ledger } from '../../src/machine/launcher/reporting/ledger.ts'
import { monotonicMs } from '../../src/machine/wire/control.ts'
import { captureFigure } from './capture-figure.ts'

function begunLedger(processes = 2): Ledger {
  const ledger = new Ledger(processes)
  ledger.begin()
  return ledger
}

const computing = (epoch: number) => ({ type: 'computing', epoch, atMs: 0 }) as const

describe('a recovery', () => {
  it('is over when every process computes again, and not before', () => {
    const ledger = begunLedger()
    ledger.recoveryBegan(2, ['a1'], true, monotonicMs() - 7)
    ledger.lineFound(3)
    expect(ledger.restored()).toBeNull()
    expect(ledger.note(0, computing(2))).toBeNull()
    expect(ledger.note(0, computing(2)), 'the same process again').toBeNull()
    const recovery = ledger.note(1, computing(2))
    expect(recovery).toMatchObject({ lost: ['a1'], toCheckpoint: 3, rollback: true })
    expect(recovery!.detectMs).toBeGreaterThanOrEqual(7)
    expect(recovery!.totalMs).toBeCloseTo(recovery!.detectMs! + recovery!.rebuildMs + recovery!.resumeMs)
  })

  it('swallows a loss that interrupts it', () => {
    const ledger = begunLedger()
    ledger.recoveryBegan(2, ['c0'], false, null)
    ledger.recoveryBegan(3, ['a0'], true, null)
    ledger.lineFound(1)
    ledger.restored()
    expect(ledger.note(0, computing(2)), 'of the epoch before').toBeNull()
    ledger.note(0, computing(3))
    expect(ledger.note(1, computing(3))).toMatchObject({ lost: ['c0', 'a0'], rollback: true, detectMs: null })
    expect(ledger.outcome().recoveries).toHaveLength(1)
  })

  it('stays its own when another begins after all was restored and before all compute', () => {
    const ledger = begunLedger()
    ledger.recoveryBegan(2, ['a0'], true, null)
    ledger.lineFound(8)
    ledger.restored()
    ledger.note(0, computing(2))
    expect(ledger.recoveryBegan(3, ['c0'], false, null)).toBeNull()
    ledger.lineFound(11)
    expect(ledger.restored()).toMatchObject({ lost: ['c0'], rollback: false, toCheckpoint: 11 })
    expect(ledger.note(1, computing(2))).toMatchObject({ lost: ['a0'], rollback: true, toCheckpoint: 8 })
    expect(ledger.outcome().recoveries).toHaveLength(2)
  })

  it('is over when all was restored and everybody has to go back once more', () => {
    const ledger = begunLedger()
    ledger.recoveryBegan(2, ['a0'], true, null)
    ledger.lineFound(8)
    ledger.restored()
    expect(ledger.recoveryBegan(3, ['a1'], true, null)).toMatchObject({ lost: ['a0'], toCheckpoint: 8 })
    expect(ledger.note(0, computing(2)), 'of the epoch before').toBeNull()
    ledger.lineFound(9)
    ledger.restored()
    ledger.note(0, computing(3))
    expect(ledger.note(1, computing(3))).toMatchObject({ lost: ['a1'], toCheckpoint: 9 })
    expect(ledger.outcome().recoveries).toHaveLength(2)
  })

  it('is over at once when no program was stopped, and loses no work', () => {
    const ledger = begunLedger()
    ledger.recoveryBegan(2, ['b0'], false, null)
    ledger.lineFound(4)
    expect(ledger.restored()).toMatchObject({ rollback: false, resumeMs: 0, lostWorkMs: 0 })
  })
})

describe('work that is lost', () => {
  const captured = (checkpoint: number, atMs: number) => captureFigure(checkpoint, { atMs })

  it('counts from the capture of the line to the loss, for the process that loses most', () => {
    const ledger = begunLedger()
    const nowMs = monotonicMs()
    ledger.note(0, captured(1, nowMs - 500))
    ledger.note(1, captured(1, nowMs - 900))
    ledger.recoveryBegan(2, ['a1'], true, nowMs - 100)
    ledger.lineFound(1)
    ledger.restored()
    ledger.note(0, computing(2))
    expect(ledger.note(1, computing(2))!.lostWorkMs).toBeCloseTo(800)
  })

  it('counts only from the last recovery when that went to the same line', () => {
    const ledger = begunLedger(1)
    ledger.note(0, captured(1, monotonicMs() - 60_000))
    for (const epoch of [2, 3]) {
      ledger.recoveryBegan(epoch, ['a0'], true, null)
      ledger.lineFound(1)
      ledger.restored()
      ledger.note(0, computing(epoch))
    }
    const [first, second] = ledger.outcome().recoveries
    expect(first!.lostWorkMs).toBeGreaterThanOrEqual(60_000)
    expect(second!.lostWorkMs).toBeLessThan(60_000)
  })
})
