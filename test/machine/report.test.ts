/** What a run says of its recoveries while it goes on. */
import { expect, it, vi } from 'vitest'
import { Report } from '../../src/machine/launcher/reporting/report.ts'

it('a recovery that a further loss interrupts says once where everybody goes back to, unless that changes', () => {
  const tell = vi.fn()
  const report = new Report({ processes: 2, programBytes: 100, isStored: true, trace: null, tell })
  report.began([])
  const disk = { sequence: 3, checkpoint: 3, changesInARow: 0, outputs: [] }
  const back = (epoch: number, line: number): void => {
    report.recoveryBegan({ type: 'recoveryBegan', epoch, lost: ['a0'], rollback: true }, null)
    report.lineFound({ type: 'lineFound', epoch, line, disk: line === 3 ? disk : null }, true)
  }
  const lines = (): unknown[] =>
    tell.mock.calls.map(([news]) => news as object).filter((news) => 'toCheckpoint' in news)
  back(2, 3)
  back(3, 3)
  expect(lines()).toMatchObject([{ toCheckpoint: 3, fromDisk: true }])
  back(4, 2)
  expect(lines()).toHaveLength(2)
  report.restored()
  back(5, 2)
  expect(lines()).toHaveLength(3)
})

it('of processes that wait for a commit only the first is told of, until none does any more', () => {
  const tell = vi.fn()
  const report = new Report({ processes: 3, programBytes: 100, isStored: false, trace: null, tell })
  report.began([])
  report.stepping(0, 7, 1500)
  const told = (): unknown[] => tell.mock.calls.map(([news]) => news as object).filter((news) => 'bytes' in news)
  report.held(2, 50, ['checkpoint processor'])
  report.held(1, 60, ['checkpoint processor'])
  report.held(2, 0, [])
  report.held(2, 70, [])
  expect(told()).toMatchObject([
    { rank: 2, bytes: 50, missing: ['checkpoint processor'], longStep: { rank: 0, step: 7 } },
  ])
  report.held(1, 0, [])
  report.held(2, 0, [])
  report.held(1, 80, [])
  expect(told()).toHaveLength(2)
  report.recoveryBegan({ type: 'recoveryBegan', epoch: 2, lost: ['a1'], rollback: true }, null)
  report.held(2, 90, [])
  expect(told()).toMatchObject([{ rank: 2 }, { rank: 1 }, { rank: 2, longStep: null }])
})
