// What metrics read out of the trace of a real run has the parts that the run itself reports.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TraceReader, type TraceRecord } from '../../src/trace/index.ts'
import { traceCosts } from '../metrics/trace-costs.ts'
import { finished, runProgram } from './run-program.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-trace-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const processes = 4

test.each(['independent', 'resume-after-commit'] as const)(
  'checkpoints that are %s, and a recovery',
  async (coordination) => {
    const tracePath = join(folder, `${coordination}.jsonl`)
    const options = { tracePath, coordination, timeoutMs: 40, processes }
    const faults = [{ kind: 'kill', who: 'a1', when: { kind: 'commit', checkpoint: 2 } }] as const
    const { checkpoints, recoveries } = finished(
      await runProgram({ program: 'shortest-paths', sizes: ['graphs=40'], faults, options }),
    )
    const reader = new TraceReader(tracePath)
    reader.push(readFileSync(tracePath, 'utf8'))
    const { records } = reader.end()
    const costs = traceCosts(records)

    // Which values follow from which records is told by test/metrics, with a trace whose times never change. Here the
    // times are those of a busy machine, on which a processor and the launcher see the same moment differently: what
    // came of a checkpoint that is cut off, by a recovery or by the end of the run, only one of them may know.
    const cutOff = processes * (recoveriesBegun(records) + 1)
    const asMany = (some: number, others: number): void => expect(Math.abs(some - others)).toBeLessThanOrEqual(cutOff)
    asMany(costs.holdUpsMs.length, checkpoints.blockedMs.count)
    asMany(costs.latenciesMs.length, checkpoints.latencyMs.count)
    expect(costs.holdUpsMs.length).toBeGreaterThan(10 * processes)
    for (const ms of [...costs.holdUpsMs, ...costs.latenciesMs]) expect(ms).toBeGreaterThanOrEqual(0)
    expect(costs.recoveries.map(({ lost }) => lost)).toEqual(recoveries.map(({ lost }) => lost))
    expect(costs.recoveries.map(({ detectMs }) => detectMs === null)).toEqual(
      recoveries.map(({ detectMs }) => detectMs === null),
    )
    // One is from the kill. A busy machine may bring others, of which nobody knows when the loss was.
    expect(recoveries.filter(({ detectMs }) => detectMs !== null)).toHaveLength(1)
    for (const [index, { rollback }] of recoveries.entries()) {
      for (const { detectMs, rebuildMs, resumeMs, totalMs } of [costs.recoveries[index]!, recoveries[index]!]) {
        if (detectMs !== null) expect(detectMs).toBeGreaterThan(0)
        expect(rebuildMs).toBeGreaterThan(0)
        if (rollback) expect(resumeMs).toBeGreaterThan(0)
        expect((detectMs ?? 0) + rebuildMs + resumeMs).toBeCloseTo(totalMs, 6)
      }
    }
  },
)

/** How often a recovery began, or began anew, since the machine was first whole. */
function recoveriesBegun(records: readonly TraceRecord[]): number {
  const whole = records.findIndex(({ what }) => what.type === 'resumed')
  return records.slice(whole).filter(({ what }) => what.type === 'recoveryBegan').length
}
