// Makes the compile cache of each bundle, for the version of Node that runs this; by itself after an installation, where
// that may be another one than at the build. Where none can be made, the bundle is compiled whenever it runs.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

const own = fileURLToPath(import.meta.url)

/** By the cache: its bundle, and the command that shows which of its functions to compile; null for all of them. */
const caches = {
  processor: { bundle: 'processor', command: null },
  conductor: { bundle: 'conductor', command: null },
  heartbeat: { bundle: 'heartbeat', command: null },
  'lab-guard': { bundle: 'lab-guard', command: null },
  'program-worker': { bundle: 'program-worker', command: null },
  command: { bundle: 'command', command: ['interval', '--overhead', '1s', '--mtbf', '1h'] },
  run: { bundle: 'command', command: ['run', 'merge-sort', '--size', 'records=1000'] },
}

export function compileBundles(dist) {
  const folder = join(dist, 'bundles')
  for (const cache of Object.keys(caches)) {
    rmSync(join(folder, `${cache}.cache`), { force: true })
    spawnSync(process.execPath, [own, folder, cache], { stdio: 'ignore' })
  }
}

function compile(folder, cache) {
  const { bundle, command } = caches[cache]
  if (command === null) return write(folder, cache, compileAll(join(folder, `${bundle}.bundle.js`)))
  process.argv.splice(1, Number.POSITIVE_INFINITY, 'paritas', ...command)
  const script = createRequire(own)(join(folder, 'load.cjs')).load(bundle, cache)
  process.on('exit', (code) => code === 0 && write(folder, cache, script))
}

function compileAll(filename) {
  const flags = ['lazy', 'flush-bytecode']
  for (const flag of flags) setFlagsFromString(`--no-${flag}`)
  const script = new Script(readFileSync(filename, 'latin1'), { filename })
  // V8 takes a cache only where it runs with the flags that it was made with.
  for (const flag of flags) setFlagsFromString(`--${flag}`)
  return script
}

/** At once whole, whoever reads it meanwhile. */
function write(folder, cache, script) {
  const path = join(folder, `${cache}.cache`)
  writeFileSync(`${path}.new`, script.createCachedData())
  renameSync(`${path}.new`, path)
}

if (process.argv[1] === own) {
  const [, , folder, cache] = process.argv
  const dist = join(dirname(dirname(own)), 'dist')
  if (cache !== undefined) compile(folder, cache)
  else if (existsSync(join(dist, 'bundles'))) compileBundles(dist)
}
