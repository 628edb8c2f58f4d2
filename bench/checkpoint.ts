// What the scheme costs whole runs on a real machine: 4 processes of 64 MiB each, 10 % of the pages changed in each
// interval, and one process killed with SIGKILL in each run. Beside it, in the same run of the benchmark, the program
// without protection. `paritas measure` looks at single checkpoints instead. Options: --runs N, and sizes of the program
// as name=value.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultSettings, type Protection, type RunOptions, type RunOutcome, runMachine } from '../src/machine/index.ts'
import { loadWorkload } from '../src/measure/index.ts'
import { parseSizes } from '../src/program/index.ts'

const args = process.argv.slice(2)
const runs = args[0] === '--runs' ? Number(args[1]) : 5
/** Later ones win. */
const settings = ['steps=2000', ...(args[0] === '--runs' ? args.slice(2) : args)]
const programsFolder = fileURLToPath(new URL('../../programs', import.meta.url))

async function measure(protection: Protection | null, killed: boolean): Promise<RunOutcome> {
  const runFolder = mkdtempSync(join(tmpdir(), 'paritas-bench-'))
  try {
    const program = await loadWorkload(programsFolder, runFolder)
    const options: RunOptions = {
      program,
      machine: { ...defaultSettings, protection, bufferBytes: 1024 * 2 ** 20 },
      sizes: parseSizes(program.program, settings),
      input: null,
      faults: killed ? [{ kind: 'kill', who: 'a2', when: { kind: 'progress', share: 0.6 } }] : [],
      seed: 1,
      tracePath: null,
      runFolder,
      signal: new AbortController().signal,
      onNews() {},
    }
    return await runMachine(options)
  } finally {
    rmSync(runFolder, { recursive: true, force: true })
  }
}

function row(what: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b)
  const figures = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!]
  console.log(`${what.padEnd(44)}${figures.map((one) => one.toFixed(1).padStart(10)).join('')}`)
}

const parity: Protection = { code: 'reed-solomon', tolerate: 1 }
const bare: RunOutcome[] = []
const protectedRuns: RunOutcome[] = []
const killed: RunOutcome[] = []
for (let run = 0; run < runs; run += 1) {
  bare.push(await measure(null, false))
  protectedRuns.push(await measure(parity, false))
  killed.push(await measure(parity, true))
}
const recoveries = killed.flatMap((one) => one.recoveries)

console.log(`${runs} runs each; milliseconds        ${'median'.padStart(20)}${'min'.padStart(10)}${'max'.padStart(10)}`)
row(
  'held up per checkpoint, median of a run',
  protectedRuns.map((one) => one.checkpoints.blockedMs.median),
)
row(
  'held up per checkpoint, longest of a run',
  protectedRuns.map((one) => one.checkpoints.blockedMs.max),
)
row(
  'latency to commit, median of a run',
  protectedRuns.map((one) => one.checkpoints.latencyMs.median),
)
row(
  'SIGKILL to computing again',
  recoveries.map((one) => one.totalMs),
)
row(
  '  detect',
  recoveries.map((one) => one.detectMs ?? Number.NaN),
)
row(
  '  rebuild',
  recoveries.map((one) => one.rebuildMs),
)
row(
  '  resume',
  recoveries.map((one) => one.resumeMs),
)
row(
  'elapsed without protection',
  bare.map((one) => one.elapsedMs),
)
row(
  'elapsed with protection',
  protectedRuns.map((one) => one.elapsedMs),
)
row(
  'checkpoints committed',
  protectedRuns.map((one) => one.checkpoints.committed),
)
row(
  'delta of one checkpoint, all processes, MiB',
  protectedRuns.map(({ checkpoints: { deltaBytes, committed } }) => deltaBytes / committed / 2 ** 20),
)
