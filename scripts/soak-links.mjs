// `npm run soak:links -- --seconds 600 --seed 7`: one long run of real processors whose links break all the time. A proxy
// before each cuts, halves, delays and swallows what goes by, and a processor is killed every 15 s. Whoever is lost for
// anything but a kill, a wrong result, or memory that grows ends it with exit code 1.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setup } from './setup.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string' } } })
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue
  process.stderr.write(`paritas: --${name} takes a whole number, not ${value}\n`)
  process.exit(1)
}
setup()
const env = {
  ...process.env,
  PARITAS_SOAK_SECONDS: values.seconds,
  ...(values.seed ? { PARITAS_SEED: values.seed } : {}),
}
const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/machine/link-soak.test.ts']
process.exit(spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1)
