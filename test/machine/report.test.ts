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
