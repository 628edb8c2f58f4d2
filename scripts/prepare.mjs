// Runs at the end of `npm ci` and `npm install`: builds, lets `npx paritas` find this checkout's own command, and turns on formatting on commit.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { build, root } from './setup.mjs'

const bin = join(root, 'node_modules', '.bin')
if (existsSync(join(root, 'src'))) {
  build()
  mkdirSync(bin, { recursive: true })
  rmSync(join(bin, 'paritas'), { force: true })
  symlinkSync('../../bin/paritas.js', join(bin, 'paritas'))
}
if (existsSync(join(root, '.git'))) {
  spawnSync('git', ['config', 'core.hooksPath', '.githooks'], { cwd: root, stdio: 'ignore' })
}
