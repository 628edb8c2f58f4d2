// What metrics read out of the trace of a real run has the parts that the run itself reports.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TraceReader } from '../../src/trace/index.ts'
import { traceCosts } from '../metrics/trace-costs.ts'
import { finished, runProgram } from './run-program.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-trace-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/**
 * Each is in the midst of one checkpoint at most when everybody goes back, and when the run ends: what came of that one
 * only one side may know.
 */
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
    const costs = traceCosts(reader.end().records)

    // Which values follow from which records is told by test/metrics, with a trace whose times never change. Here the
    // times are those of a busy machine, on which a processor and the launcher see the same moment differently.
    const asMany = (some: number, others: number): void =>
      expect(Math.abs(some - others)).toBeLessThanOrEqual(2 * processes)
    asMany(costs.holdUpsMs.length, checkpoints.blockedMs.count)
    asMany(costs.latenciesMs.length, checkpoints.latencyMs.count)
    expect(costs.holdUpsMs.length).toBeGreaterThan(10 * processes)
    for (const ms of [...costs.holdUpsMs, ...costs.latenciesMs]) expect(ms).toBeGreaterThanOrEqual(0)
    expect(costs.recoveries.map(({ lost }) => lost)).toEqual(recoveries.map(({ lost }) => lost))
    for (const { detectMs, rebuildMs, resumeMs, totalMs } of [...costs.recoveries, ...recoveries]) {
      for (const ms of [detectMs, rebuildMs, resumeMs]) expect(ms).toBeGreaterThan(0)
      expect(detectMs! + rebuildMs! + resumeMs!).toBeCloseTo(totalMs!, 6)
    }
  },
)
