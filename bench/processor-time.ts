// What protection takes of the processors, by role and thread, for each checkpoint and each changed page: a program runs
// with and without protection, in turns, and the system's own accounts of each thread are read at its commits. What the
// threads of a role had without protection, for as much of the program's own time, is taken off. Options: --runs N,
// --only WORKLOAD, --against DIR, another checkout that has this benchmark, in turns with this one.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  defaultSettings,
  loadProgram,
  type Protection,
  runMachine,
  type ThreadTimes,
  threadTimes,
} from '../src/machine/index.ts'
import { figureOf } from '../src/measure/index.ts'
import { parseSizes } from '../src/program/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const programsFolder = join(root, 'programs')
const pageSizeBytes = 4096
/** The first checkpoint holds everything, and the engine compiles the protocol's code in it and in those that follow. */
const warmUpCheckpoints = 3
/** Of the program's progress, between which the accounts are read: all processes compute. */
const [fromShare, toShare] = [0.25, 0.9]
const processes = 4

interface Workload {
  readonly program: string
  readonly sizes: readonly string[]
  readonly timeoutMs: number
  /** The default is one that the program's memory does not fit, so it is watched over; else only the time calls. */
  readonly bufferBytes?: number
  /** From the first step on, when nothing is compiled and nothing was captured; else once that is over. */
  readonly isFromStart: boolean
}

const timeOnly = { bufferBytes: 2 ** 40 }
const scatteredWrites = join(programsFolder, 'measure', 'scattered-writes.ts')
const workloads: Readonly<Record<string, Workload>> = {
  'short-sort': { program: 'merge-sort', sizes: ['records=2000000'], timeoutMs: 150, ...timeOnly, isFromStart: true },
  'long-sort': { program: 'merge-sort', sizes: ['records=12000000'], timeoutMs: 200, ...timeOnly, isFromStart: false },
  writes: {
    ...{ program: scatteredWrites, sizes: ['changed=10', 'intervalMs=1000', 'steps=4000'] },
    ...{ timeoutMs: 1000, isFromStart: false },
  },
}

/** What threads had, by what they do: the name of each is that of its processor's role and of its work there. */
type Spent = Readonly<Record<string, number>>

interface Window {
  readonly spentMs: Spent
  readonly checkpoints: number
  readonly pages: number
  readonly elapsedMs: number
}

/** One look at the accounts. */
interface Look {
  readonly times: ThreadTimes
  readonly checkpoint: number
  readonly deltaBytes: number
  readonly atMs: number
}

const roles: Readonly<Record<string, string>> = { a: 'application', c: 'checkpoint', b: 'backup', s: 'spare' }
const programThreads = 'application: program'

async function run(workload: Workload, protection: Protection | null): Promise<Window> {
  const runFolder = mkdtempSync(join(tmpdir(), 'paritas-bench-'))
  const names = new Map<number, string>([[process.pid, 'launcher']])
  const looks: Look[] = []
  let share = 0
  const look = (checkpoint: number, deltaBytes: number): void => {
    const times = threadTimes([...names.keys()])
    if (times !== null) looks.push({ times, checkpoint, deltaBytes, atMs: performance.now() })
  }
  try {
    const program = await loadProgram(workload.program, { programsFolder, cacheFolder: runFolder })
    await runMachine({
      program,
      machine: {
        ...{ ...defaultSettings, processes, protection, spares: protection === null ? 0 : 1 },
        ...{ timeoutMs: workload.timeoutMs, bufferBytes: workload.bufferBytes ?? defaultSettings.bufferBytes },
      },
      sizes: parseSizes(program.program, workload.sizes),
      ...{ input: null, faults: [], seed: 1, tracePath: null, runFolder, signal: new AbortController().signal },
      onNews(news) {
        if (news.type === 'started')
          for (const { name, pid } of news.processors) names.set(pid, roles[name[0]!] ?? name)
        if (news.type === 'progress') share = news.share
        if (looks.length === 0 ? workload.isFromStart || share >= fromShare : looks.length === 1 && share >= toShare) {
          if (protection === null || (looks.length === 0 && workload.isFromStart)) look(0, 0)
          else if (news.type === 'commit' && news.checkpoint >= warmUpCheckpoints)
            look(news.checkpoint, news.deltaBytes)
        }
      },
    })
  } finally {
    rmSync(runFolder, { recursive: true, force: true })
  }
  const [began, ended] = [looks[0], looks.at(-1)]
  if (began === undefined || ended === undefined || began === ended)
    throw new Error('the run is too short to be measured')
  return {
    spentMs: spentBetween(began.times, ended.times, names),
    checkpoints: ended.checkpoint - began.checkpoint,
    pages: (ended.deltaBytes - began.deltaBytes) / pageSizeBytes,
    elapsedMs: ended.atMs - began.atMs,
  }
}

/** Threads that were not there at the beginning had nothing then; what those had that have ended is not known. */
function spentBetween(began: ThreadTimes, ended: ThreadTimes, names: ReadonlyMap<number, string>): Spent {
  const spent: Record<string, number> = {}
  for (const [thread, { ms, isProgram }] of ended) {
    const [, pid, id] = /^\/proc\/(\d+)\/task\/(\d+)$/.exec(thread)!
    const work = isProgram ? 'program' : pid === id ? 'main thread' : 'other threads'
    const name = `${names.get(Number(pid))}: ${work}`
    spent[name] = (spent[name] ?? 0) + ms - (began.get(thread)?.ms ?? 0)
  }
  return spent
}

/** For one second of the program's own time, what each kind of thread had. */
const perProgramSecond = ({ spentMs }: Window, name: string): number =>
  ((spentMs[name] ?? 0) / spentMs[programThreads]!) * 1000

type Sample = Readonly<Record<string, number>>

/** One pair of runs. What is left of a role's time when that without protection is taken off; of one application processor. */
async function sample(workload: Workload): Promise<Sample> {
  const bare = await run(workload, null)
  const kept = await run(workload, { code: 'reed-solomon', tolerate: 1 })
  const rows: Record<string, number> = {}
  const programSeconds = kept.spentMs[programThreads]! / 1000
  let [ownMs, allMs] = [0, 0]
  for (const name of Object.keys(kept.spentMs)) {
    if (name === programThreads) continue
    const beyondMs = (perProgramSecond(kept, name) - perProgramSecond(bare, name)) * programSeconds
    const isOwn = name.startsWith('application')
    allMs += beyondMs
    if (isOwn) ownMs += beyondMs
    rows[`${isOwn ? `each ${name}` : name}, ms a checkpoint`] = beyondMs / kept.checkpoints / (isOwn ? processes : 1)
  }
  return {
    ...rows,
    'each application processor, us a changed page': (ownMs / kept.pages) * 1000,
    'all processors, us a changed page': (allMs / kept.pages) * 1000,
    "all processors, % of the program's own time": (allMs * 100) / kept.spentMs[programThreads]!,
    'changed pages of each process, a checkpoint': kept.pages / kept.checkpoints / processes,
    checkpoints: kept.checkpoints,
  }
}

function spread(values: readonly number[]): string {
  const { median, min, max } = figureOf(values)
  return [median, min, max].map((one) => one.toFixed(2).padStart(10)).join('')
}

/** One sample of another checkout, by its own benchmark. */
function sampleThere(folder: string, name: string): Sample {
  const args = [join(folder, 'scripts', 'bench.mjs'), 'processor-time', '--only', name, '--json']
  const { status, stdout } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`the benchmark in ${folder} ended with ${status}`)
  return JSON.parse(String(stdout)) as Sample
}

const { values } = parseArgs({
  options: {
    ...{ runs: { type: 'string', default: '5' }, only: { type: 'string' } },
    ...{ against: { type: 'string' }, json: { type: 'boolean', default: false } },
  },
})
for (const [name, workload] of Object.entries(workloads)) {
  if (values.only !== undefined && values.only !== name) continue
  if (values.json) {
    console.log(JSON.stringify(await sample(workload)))
    continue
  }
  const [here, there]: [Sample[], Sample[]] = [[], []]
  for (let round = 0; round < Number(values.runs); round += 1) {
    here.push(await sample(workload))
    if (values.against !== undefined) there.push(sampleThere(values.against, name))
  }
  const columns = [here, there].filter((samples) => samples.length > 0)
  const heads = ['here', 'there']
    .slice(0, columns.length)
    .map((where) => `${where}: median       min       max`.padStart(30))
  console.log(`${`${name}, ${values.runs} pairs of runs`.padEnd(48)}${heads.join('')}`)
  for (const row of Object.keys(here[0]!)) {
    console.log(row.padEnd(48) + columns.map((samples) => spread(samples.map((one) => one[row] ?? 0))).join(''))
  }
}
