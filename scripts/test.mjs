// `npm test`: sets the checkout up, checks formatting, lint and types, then runs every test and closes with one plain line.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()

const folder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
const report = join(folder, 'report.json')
const node = (script, ...args) =>
  spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root, stdio: 'inherit' }).status ===
  0

/** Runs vitest and returns its counts; a run that ends without a report counts as one failure. */
function runTests(args) {
  node('vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args)
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    const brokenFiles = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length
    return { passed: numPassedTests, failed: numFailedTests + brokenFiles, skipped: numPendingTests + numTodoTests }
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
