// `npm start`: sets the checkout up, then runs the main job and kills one of its processors on the way.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
// Checkpoints come more often than usual, since the whole job takes about a second.
const job = 'run merge-sort --processes 4 --spares 1 --size records=1000000 --timeout 50ms --kill 2@commit:1'
const child = spawn(process.execPath, [join(root, 'bin', 'paritas.js'), ...job.split(' '), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// The job ends itself on Ctrl-C and SIGTERM; this process only waits for it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => {
  if (code === 0) process.stderr.write('Try next: npx paritas run heat --kill random@50%, then docs/guide.md\n')
  process.exit(code ?? (signal === 'SIGINT' ? 130 : 1))
})
