// `npm run soak:conductor -- --losses 500 --seed 7`: one long run in which whoever conducts, processes, check processors and
// spares are killed and frozen at random. A wrong result, output that is released twice or not at all, or a loss that
// ought to be covered and is not, ends it with exit code 1.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setup } from './setup.mjs'

const { values } = parseArgs({ options: { losses: { type: 'string', default: '500' }, seed: { type: 'string' } } })
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue
  process.stderr.write(`paritas: --${name} takes a whole number, not ${value}\n`)
  process.exit(1)
}
setup()
const env = {
  ...process.env,
  PARITAS_SOAK_LOSSES: values.losses,
  ...(values.seed ? { PARITAS_SEED: values.seed } : {}),
}
const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/machine/conductor-soak.test.ts']
process.exit(spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1)
