// `npm run evaluate`: sets the checkout up, then runs `paritas evaluate` with the arguments that follow `--`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const command = [join(root, 'bin', 'paritas.js'), 'evaluate', ...process.argv.slice(2)]
const child = spawn(process.execPath, command, { stdio: 'inherit' })
// The evaluation ends itself on Ctrl-C and SIGTERM; this process only waits for it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
