// Runs a program on hosts, and says what happens as lines of JSON; a line on its input ends the program, by the file that
// that waits for. Arguments: the module, the hosts' file, options as JSON.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultSettings, loadProgram, runMachine } from '../../dist/machine/index.js'
import { parseSizes } from '../../dist/program/index.js'

const [module, until, given] = process.argv.slice(2)
const { hosts, version, ...options } = JSON.parse(given)
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const runFolder = mkdtempSync(join(tmpdir(), 'paritas-run-'))
process.stdin.once('data', () => writeFileSync(until, ''))
try {
  const program = await loadProgram(module, { programsFolder: runFolder, cacheFolder: runFolder })
  const { emitted, recoveries } = await runMachine({
    ...{ program, sizes: parseSizes(program.program, [`until=${until}`]), input: null, faults: [], seed: 1 },
    ...{ machine: { ...defaultSettings, ...options }, tracePath: null, runFolder },
    hosts: { list: hosts, version },
    signal: new AbortController().signal,
    onNews: (news) => say(news),
  })
  say({ type: 'over', emitted, recoveries })
} catch (error) {
  say({ type: 'failed', name: error.name, message: error.message })
} finally {
  rmSync(runFolder, { recursive: true, force: true })
}
process.exit(0)
