// What a run takes from the command to its first step, from its last one to the end, and in all: in parts, by the clock,
// and by the processor time of all of its processes. Options: --runs N, and --against DIR, another checkout that is built,
// in turns with this one.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'bench', 'first-step.ts')
const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' }, against: { type: 'string' } } })

type Sample = Readonly<Record<string, number>>

interface Ended {
  readonly beganMs: number
  readonly endedMs: number
  readonly cpuMs: number
  readonly stdout: string
  /** When each of these texts first was in what it told; NaN for never. */
  readonly toldMs: readonly number[]
}

const nowMs = (): number => performance.timeOrigin + performance.now()

/** Processor time of all processes that have ended, of those that this one has started. */
function endedCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]!.split(' ')
  // In ticks of which there are 100 a second wherever Linux runs: cutime and cstime.
  return 10 * (Number(fields[13]) + Number(fields[14]))
}

async function run(args: readonly string[], texts: readonly string[] = []): Promise<Ended> {
  const cpuMs = endedCpuMs()
  const beganMs = nowMs()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const toldMs = texts.map(() => Number.NaN)
  child.stdout.on('data', (data) => {
    stdout += String(data)
  })
  child.stderr.on('data', (data) => {
    stderr += String(data)
    for (const [index, text] of texts.entries())
      if (Number.isNaN(toldMs[index]) && stderr.includes(text)) toldMs[index] = nowMs()
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
  return { beganMs, endedMs: nowMs(), cpuMs: endedCpuMs() - cpuMs, stdout, toldMs }
}

/** One run whose processes do nothing, and one in which each of four works 150 ms: on two cores 0.3 s. */
async function sample(folder: string): Promise<Sample> {
  const command = join(folder, 'bin', 'paritas.js')
  const told = ['first-step on ', 'application processors']
  const empty = await run([command, 'run', program, '--json'], told)
  const working = await run([command, 'run', program, '--size', 'workMs=150', '--json'])
  const { results, elapsedMs } = JSON.parse(empty.stdout) as { results: number[]; elapsedMs: number }
  const [loadedMs, readyMs] = empty.toldMs as [number, number]
  return {
    'command to program loaded': loadedMs - empty.beganMs,
    '  to all processors ready': readyMs - loadedMs,
    '  to the first step of any process': Math.min(...results) - readyMs,
    '  to the first step of all': Math.max(...results) - Math.min(...results),
    'command to the first step of any process': Math.min(...results) - empty.beganMs,
    'command to the first step of all': Math.max(...results) - empty.beganMs,
    'from there to the end': empty.endedMs - Math.max(...results),
    '  of it, after the program': empty.endedMs - readyMs - elapsedMs,
    'all of a run that does nothing': empty.endedMs - empty.beganMs,
    '  processor time': empty.cpuMs,
    'a run of 0.3 s of work': working.endedMs - working.beganMs,
    '  processor time of it': working.cpuMs,
    ...(await smallCommands(command)),
  }
}

const timesEach = 10

/** Processor time is told in steps of 10 ms, so it is that of many. */
async function smallCommands(command: string): Promise<Sample> {
  const [node, interval] = [
    ['-e', '0'],
    [command, 'interval', '--overhead', '1s', '--mtbf', '44h'],
  ]
  const cpuMs = [0, 0]
  for (let time = 0; time < timesEach; time += 1) {
    cpuMs[0]! += (await run(node!)).cpuMs / timesEach
    cpuMs[1]! += (await run(interval!)).cpuMs / timesEach
  }
  return { 'node -e 0, processor time': cpuMs[0]!, 'paritas interval, processor time': cpuMs[1]! }
}

function spread(samples: readonly number[]): string {
  const sorted = [...samples].sort((a, b) => a - b)
  const figures = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!]
  return figures.map((one) => one.toFixed(0).padStart(8)).join('')
}

const folders = [root, ...(values.against === undefined ? [] : [values.against])]
const samples: Sample[][] = folders.map(() => [])
for (let round = 0; round < Number(values.runs); round += 1) {
  for (const [index, folder] of folders.entries()) samples[index]!.push(await sample(folder))
}
const heads = ['here', 'there'].slice(0, folders.length).map((name) => `${name}: median     min     max`.padStart(32))
console.log(`${values.runs} runs each; milliseconds`.padEnd(44) + heads.join(''))
for (const name of Object.keys(samples[0]![0]!)) {
  const columns = samples.map((some) => spread(some.map((one) => one[name]!)).padStart(32))
  console.log(name.padEnd(44) + columns.join(''))
}
