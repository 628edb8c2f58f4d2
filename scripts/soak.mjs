// `npm run soak:<name> -- --… --seed 7`: one long run of real processes under one kind of fault, as a test does it for a short
// time; what the test finds wrong ends it with exit code 1.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setup } from './setup.mjs'

/** Each with its test, and what says how long it goes on: the option, the variable that the test reads, and the default. */
const soaks = {
  // Links break all the time: a proxy before each cuts, halves, delays and swallows what goes by. A processor is killed every 15 s.
  links: ['link-soak', 'seconds', 'PARITAS_SOAK_SECONDS', '600'],
  // Whoever conducts, processes, check processors and spares are killed and frozen at random.
  conductor: ['conductor-soak', 'losses', 'PARITAS_SOAK_LOSSES', '500'],
}

const [name, ...args] = process.argv.slice(2)
const [test, option, variable, usual] = soaks[name]
const options = { [option]: { type: 'string', default: usual }, seed: { type: 'string' } }
const { values } = parseArgs({ args, options })
for (const [given, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue
  process.stderr.write(`paritas: --${given} takes a whole number, not ${value}\n`)
  process.exit(1)
}
setup()
const env = { ...process.env, [variable]: values[option], ...(values.seed ? { PARITAS_SEED: values.seed } : {}) }
const command = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', `test/machine/${test}.test.ts`]
process.exit(spawnSync(process.execPath, command, { cwd: root, env, stdio: 'inherit' }).status ?? 1)
