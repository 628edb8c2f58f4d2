// Ours beside redset, the XOR of SCR, on the same work in turns: 4 processes of 64 MiB, a checkpoint, and one process lost
// and rebuilt; on memory that was used right before. Options: --redset DIR, with checkouts of redset, KVTree and rankstr in
// it; --rounds N; --document, which puts the table into docs/performance.md.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { UsageError } from '../src/base/index.ts'
import { runMachine } from '../src/machine/index.ts'
import { figureOf, loadWorkload, measureCheckpoints, measureFirstTouch } from '../src/measure/index.ts'
import { compileRedset, type RedsetSample, runRedset } from './redset.ts'

const [processes, mebibytes] = [4, 64]
const changedPercents = [1, 10, 100]
/** All that either of the two takes. */
const usedBytes = 1.5 * 2 ** 30
const root = fileURLToPath(new URL('../..', import.meta.url))

/** One row: a figure of ours beside one of redset's, in milliseconds. */
interface Row {
  readonly name: string
  readonly changedPercent: number
  readonly ours: number[]
  readonly peers: number[]
}

/** Gathers the figures of all rounds. */
class Rows {
  readonly #rows: Row[] = []

  add(name: string, changedPercent: number, ours: readonly number[], peer: number): void {
    let row = this.#rows.find((one) => one.name === name && one.changedPercent === changedPercent)
    if (!row) {
      row = { name, changedPercent, ours: [], peers: [] }
      this.#rows.push(row)
    }
    row.ours.push(...ours)
    row.peers.push(peer)
  }

  /** As a table of Markdown, ordered by name. */
  lines(): string[] {
    const heads = ['figure', 'changed', 'Paritas', 'redset', 'Paritas by redset']
    const names = [...new Set(this.#rows.map(({ name }) => name))]
    const ordered = names.flatMap((name) => this.#rows.filter((one) => one.name === name))
    const cells = ordered.map(({ name, changedPercent, ours, peers }) => {
      const ratio = figureOf(ours).median / figureOf(peers).median
      return [name, `${changedPercent} %`, spread(ours), spread(peers), ratio.toPrecision(2)]
    })
    return [heads, heads.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`)
  }
}

const digits = (ms: number): string => ms.toFixed(ms >= 99.5 ? 0 : ms >= 9.95 ? 1 : 2)

function spread(samples: readonly number[]): string {
  const { median, min, max } = figureOf(samples)
  return `${digits(median)} ms (${digits(min)} to ${digits(max)})`
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { redset: { type: 'string' }, rounds: { type: 'string', default: '5' }, document: { type: 'boolean' } },
  })
  const rounds = Number(values.rounds)
  if (!(Number.isSafeInteger(rounds) && rounds > 0))
    throw new UsageError(`--rounds ${values.rounds}: it is no number of rounds`)
  if (values.redset === undefined) {
    throw new UsageError(
      'name a folder with checkouts of redset, KVTree and rankstr (github.com/ECP-VeloC) in it: npm run bench:peers -- --redset DIR',
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'paritas-peers-'))
  // In memory, where there is such a folder: the peers' figures are to hold no disk.
  const filesFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const files = mkdtempSync(join(filesFolder, 'paritas-peers-'))
  process.on('exit', () => {
    for (const one of [folder, files]) rmSync(one, { recursive: true })
  })
  process.once('SIGINT', () => process.exit(130))
  const program = compileRedset(values.redset, folder)
  const load = loadavg()[0]!.toFixed(1)
  const rows = await measure(rounds, folder, () => runRedset(program, files, processes, mebibytes))
  const about = [
    `${processes} processes of ${mebibytes} MiB, ${rounds} rounds, on ${cpus()[0]?.model.trim()}, ${cpus().length} cores,`,
    `load ${load} before; redset's files in ${filesFolder}. Medians; least and greatest.`,
  ]
  const text = [...about, '', ...rows.lines()].join('\n')
  console.log(`\n${text}`)
  if (values.document) writeDocument(text)
}

async function measure(rounds: number, folder: string, runPeer: () => Promise<RedsetSample>): Promise<Rows> {
  const rows = new Rows()
  const runFolder = join(folder, 'run')
  mkdirSync(runFolder)
  const bed = { program: await loadWorkload(join(root, 'programs'), runFolder), folder: runFolder, runMachine }
  const setting = { processes, memoryBytes: mebibytes * 2 ** 20, tolerate: 1, tracker: 'auto', loadPercent: 0 } as const
  const conditions = { rounds: 1, signal: new AbortController().signal, onProgress: () => {} }
  const onUsedMemory = <Value>(run: () => Promise<Value>): Promise<Value> => {
    measureFirstTouch(usedBytes)
    return run()
  }
  for (let round = 1; round <= rounds; round += 1) {
    process.stderr.write(`round ${round} of ${rounds}\n`)
    for (const percent of changedPercents) {
      const peer = await onUsedMemory(runPeer)
      const ours = await onUsedMemory(() => measureCheckpoints(bed, setting, percent, conditions))
      const { heldUpMs, commitMs, latencyMs, recovery } = ours
      const stillMs = peer.writeMs + peer.encodeMs
      rows.add('programs stand still', percent, heldUpMs.samples, stillMs)
      rows.add('from the last capture on; encoding', percent, commitMs.samples, peer.encodeMs)
      rows.add('latency from the request', percent, latencyMs.samples, stillMs)
      rows.add('rebuilding one process', percent, recovery.rebuildMs.samples, peer.rebuildMs)
      rows.add(
        'SIGKILL to computing again; starting the job and rebuilding',
        percent,
        recovery.totalMs.samples,
        peer.launchMs + peer.rebuildMs,
      )
    }
  }
  return rows
}

/** Between its two marks. */
function writeDocument(text: string): void {
  const path = join(root, 'docs', 'performance.md')
  const [begin, end] = ['<!-- peers -->', '<!-- end of peers -->']
  const document = readFileSync(path, 'utf8')
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  writeFileSync(path, `${document.slice(0, from)}${begin}\n${text}\n${document.slice(to)}`)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`paritas: ${error.message}`)
  process.exitCode = 1
}
