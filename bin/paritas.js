#!/usr/bin/env node
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const loader = join(__dirname, '..', 'dist', 'bundles', 'load.cjs')
if (existsSync(loader)) {
  // What `run` takes of the bundle is compiled in a cache of its own: small commands need not read it.
  require(loader).load('command', process.argv[2] === 'run' ? 'run' : 'command')
} else {
  process.stderr.write('paritas: not built yet; run `npm ci` (or `npm start`) in the checkout first\n')
  process.exitCode = 1
}
