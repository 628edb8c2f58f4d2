// `npm run explore:long`: a million seeds on all cores. What follows `--` is passed on: `--from 400001 --seeds 600000`
// goes on where another run was interrupted.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const command = [join(root, 'bin', 'paritas.js'), 'explore', '--seeds', '1000000', ...process.argv.slice(2)]
const child = spawn(process.execPath, command, { stdio: 'inherit' })
// The exploration ends itself on Ctrl-C and SIGTERM, and says how to go on; this process only waits for it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
