// `npm run explore:long`: a million seeds on all cores, from the seed that follows `--` on, 1 if none does.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const args = ['explore', '--seeds', '1000000', '--from', process.argv[2] ?? '1', ...process.argv.slice(3)]
const { status } = spawnSync(process.execPath, [join(root, 'bin', 'paritas.js'), ...args], { stdio: 'inherit' })
process.exit(status ?? 1)
