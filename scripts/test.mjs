// `npm test`: sets the checkout up, checks formatting, lint and types, then runs every test and closes with one plain line.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installLabTools } from './lab-tools.mjs'
import { root, setup } from './setup.mjs'

setup()
installLabTools()

const folder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
const counts = join(folder, 'counts.json')
process.env.PARITAS_TEST_COUNTS = counts
const node = (script, ...args) =>
  spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root, stdio: 'inherit' }).status ===
  0

/** Runs vitest and returns its counts; a run that ends without any counts as one failure. */
function runTests(args) {
  node(
    'vitest/vitest.mjs',
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'scripts', 'count-tests.mjs')}`,
    ...args,
  )
  try {
    return JSON.parse(readFileSync(counts, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const filters = process.argv.slice(2)
const checks =
  filters.length > 0
    ? []
    : [
        ['formatting and lint (biome)', () => node('@biomejs/biome/bin/biome', 'check', '.')],
        ['types of tests and programs (tsc)', () => node('typescript/bin/tsc', '-p', 'tsconfig.test.json')],
        ['promises (eslint)', () => node('eslint/bin/eslint.js', '.')],
      ]
let [checksPassed, checksFailed] = [0, 0]
for (const [name, check] of checks) {
  const good = check()
  process.stdout.write(`${good ? 'ok' : 'FAILED'}  ${name}\n`)
  if (good) checksPassed += 1
  else checksFailed += 1
}
const { passed, failed, skipped } = runTests(filters)
process.stdout.write(`\n${passed + checksPassed} passed, ${failed + checksFailed} failed, ${skipped} skipped\n`)
process.exit(failed + checksFailed > 0 || passed === 0 ? 1 : 0)
