// `npm run demo:hosts`, as root: five hosts out of namespaces on this computer, a run on all of them, and the power of one
// goes off in the middle of it. What happened is drawn at the end.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root, setup } from './setup.mjs'

setup()
const { openLab } = await import('../dist/lab/index.js')

const victim = 'h3'
const names = ['h1', 'h2', 'h3', 'h4', 'h5']
const picture = 'hosts.html'
const folder = mkdtempSync(join(tmpdir(), 'paritas-demo-'))
const say = (line) => process.stdout.write(`${line}\n`)
const paritas = (...args) => [process.execPath, join(root, 'bin', 'paritas.js'), ...args]

/** What a command on a host says, line by line. Resolves with its exit code. */
async function tell(command, heard) {
  for (const stream of [command.stdout, command.stderr]) createInterface({ input: stream }).on('line', heard)
  return command.ended
}

/** A daemon says one line when it takes processors; if it cannot, why is on its way to the terminal. */
async function startDaemon(lab, name) {
  const stdio = ['ignore', 'pipe', 'inherit']
  const daemon = lab.host(name).spawn(paritas('daemon', '--hosts', 'hosts.yaml', '--name', name), { folder, stdio })
  const first = once(createInterface({ input: daemon.stdout }), 'line')
  const line = await Promise.race([first, daemon.ended.then(() => null)])
  if (line === null) throw new Error(`host ${name} has no daemon`)
  say(`  ${line[0]}`)
}

async function demonstrate(lab) {
  const entries = lab.hosts.map(({ name, address }) => `  - { name: ${name}, address: '${address}' }\n`)
  writeFileSync(join(folder, 'hosts.yaml'), `hosts:\n${entries.join('')}`)
  for (const name of names) await startDaemon(lab, name)
  say('')
  const job = ['merge-sort', '--on', 'hosts.yaml', '--size', 'records=12000000', '--trace', 'trace.jsonl']
  const run = lab.host('h1').spawn(paritas('run', ...job), { folder })
  let isOff = false
  const code = await tell(run, (line) => {
    say(line)
    if (isOff || !/\b[3-9]\d %/.test(line)) return
    isOff = true
    say(`            the power of ${victim} goes off`)
    void lab.powerOff(victim)
  })
  if (code !== 0) return code
  const drawn = lab
    .host('h1')
    .spawn(paritas('trace', 'show', 'trace.jsonl', '--output', join(process.cwd(), picture)), {
      ...{ folder, stdio: ['ignore', 'ignore', 'inherit'] },
    })
  return drawn.ended
}

try {
  const lab = await openLab({ hosts: names.length, shows: [folder, root, process.cwd()] })
  try {
    process.exitCode = await demonstrate(lab)
  } finally {
    await lab.close()
  }
} catch (error) {
  process.stderr.write(`paritas: ${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (process.exitCode === 0) say(`\nWhat happened is drawn in ${picture}. Nothing is left of the hosts.`)
