#!/usr/bin/env node
import { existsSync } from 'node:fs'

const entry = new URL('../dist/cli/front.js', import.meta.url)
if (!existsSync(entry)) {
  process.stderr.write('paritas: not built yet; run `npm ci` (or `npm start`) in the checkout first\n')
  process.exit(1)
}
const { obstacle } = await import(new URL('../dist/machine/limits/front.js', import.meta.url).href)
const problem = obstacle()
if (problem !== null) {
  process.stderr.write(`paritas: ${problem}\n`)
  process.exit(1)
}
await import(entry.href)
