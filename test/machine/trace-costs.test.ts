// What metrics read out of the trace of a real run is what the run itself reports.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { traceCosts } from '../../src/metrics/index.ts'
import { TraceReader } from '../../src/trace/index.ts'
import { finished, runProgram } from './run-program.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-trace-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function middle(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1] ?? Number.NaN
}

/** Both clocks are read within one piece of work, but a busy machine may take the core away between the two. */
const apartMs = 5

test.each(['independent', 'resume-after-commit'] as const)(
  'checkpoints that are %s, and a recovery',
  async (coordination) => {
    const tracePath = join(folder, `${coordination}.jsonl`)
    const options = { tracePath, coordination, timeoutMs: 40 }
    const faults = [{ kind: 'kill', who: 'a1', when: { kind: 'commit', checkpoint: 2 } }] as const
    const { checkpoints, recoveries } = finished(
      await runProgram({ program: 'shortest-paths', sizes: ['graphs=40'], faults, options }),
    )
    const reader = new TraceReader(tracePath)
    reader.push(readFileSync(tracePath, 'utf8'))
    const costs = traceCosts(reader.end().records)

    const near = (one: number, other: number, what: string): void =>
      expect(Math.abs(one - other), `${what}: ${one} and ${other}`).toBeLessThan(apartMs + 0.2 * other)
    near(middle(costs.holdUpsMs), checkpoints.blockedMs.median, 'held up')
    near(middle(costs.latenciesMs), checkpoints.latencyMs.median, 'latency')
    expect(costs.recoveries.map(({ lost }) => lost)).toEqual(recoveries.map(({ lost }) => lost))
    for (const part of ['detectMs', 'rebuildMs', 'resumeMs', 'totalMs'] as const) {
      near(costs.recoveries[0]![part]!, recoveries[0]![part]!, part)
    }
  },
)
