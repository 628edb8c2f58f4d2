// Draws the parts of a recovery and its critical path, out of the trace of a measured run: 4 processes of 64 MiB, of which
// 10 % change in each interval, and three of them are killed one after another. Of all recoveries the one of median length
// is drawn, to docs/recovery.svg unless --output says otherwise. Options: --runs N, --output FILE.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { InterruptedError, runMachine } from '../src/machine/index.ts'
import { loadWorkload } from '../src/measure/index.ts'
import { runOptions } from '../src/measure/workload.ts'
import { drawRecovery, type Line, partsOf, type RecoveryParts } from './recovery/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    output: { type: 'string', default: join(root, 'docs', 'recovery.svg') },
  },
})
const kills = 3
const setting = { processes: 4, memoryBytes: 64 * 2 ** 20, tolerate: 1, tracker: 'auto', loadPercent: 100 } as const

/** The recoveries of one run, which ends with the last of them. */
async function record(): Promise<RecoveryParts[]> {
  const folder = mkdtempSync(join(tmpdir(), 'paritas-bench-'))
  const tracePath = join(folder, 'trace.jsonl')
  const enough = new AbortController()
  let recovered = 0
  try {
    const program = await loadWorkload(join(root, 'programs'), folder)
    const faults = Array.from({ length: kills }, (_, rank) => {
      return { kind: 'kill', who: `a${rank}`, when: { kind: 'commit', checkpoint: 4 + 3 * rank } } as const
    })
    const options = runOptions({ program, folder, runMachine }, setting, {
      ...{ changedPercent: 10, intervalMs: 500, steps: 2 ** 31 - 1, warmUpSteps: 0 },
      ...{ isProtected: true, spares: 2, faults, signal: enough.signal },
    })
    await runMachine({
      ...options,
      tracePath,
      onNews: (news) => {
        if (news.type === 'resumed') recovered += 1
        if (recovered === kills) enough.abort()
      },
    })
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error
  }
  const lines = readFileSync(tracePath, 'utf8').trimEnd().split('\n').slice(1)
  rmSync(folder, { recursive: true, force: true })
  return partsOf(lines.map((line) => JSON.parse(line) as Line))
}

const recoveries: RecoveryParts[] = []
for (let run = 0; run < Number(values.runs); run += 1) recoveries.push(...(await record()))
const inOrder = recoveries.toSorted((one, other) => one.totalMs - other.totalMs)
const median = inOrder[inOrder.length >> 1]!
writeFileSync(values.output, drawRecovery(median, inOrder))
for (const { place, what, fromMs, toMs } of median.path) {
  console.log(`${fromMs.toFixed(1).padStart(7)} to ${toMs.toFixed(1).padStart(6)} ms  ${place.padEnd(10)} ${what}`)
}
console.log(`drawn: ${median.totalMs.toFixed(0)} ms, the median of ${inOrder.length}, to ${values.output}`)
