// Bundles and their compile caches: what runs is the code of the bundle, whatever lies beside it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterAll, describe, expect, it, test } from 'vitest'
import { root } from '../tidy/sources.ts'

const built = join(root, 'dist', 'bundles')
const folder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
afterAll(() => rmSync(folder, { recursive: true }))
copyFileSync(join(built, 'load.cjs'), join(folder, 'load.cjs'))

const bundlePath = join(folder, 'some.bundle.js')
const cachePath = join(folder, 'some.cache')

/** As `scripts/bundle.mjs` makes them. */
function bundleOf(code: string): string {
  const chunks = `"./main.js"(require,module,exports,$url,$import){${code}}`
  return `({hash:"${createHash('sha256').update(chunks).digest('hex')}",chunks:{${chunks}}})\n`
}

function writeBundle(code: string): void {
  writeFileSync(bundlePath, bundleOf(code))
}

/** With the functions that have run, as those of the command. */
function writeCache(code: string): void {
  const script = new Script(bundleOf(code), { filename: bundlePath })
  script.runInThisContext().chunks['./main.js'](() => ({ writeSync() {} }))
  writeFileSync(cachePath, script.createCachedData())
}

function runBundle(): { readonly stdout: string; readonly stderr: string } {
  const load = `require(${JSON.stringify(join(folder, 'load.cjs'))}).load('some')`
  return spawnSync(process.execPath, ['-e', load], { encoding: 'utf8' })
}

const saying = (text: string): string => `require('node:fs').writeSync(1, '${text}\\n')`
const [older, newer] = [saying('older'), saying('newer')]

describe('a compile cache', () => {
  it('of other code of the same length is not used, though V8 would take it', () => {
    writeCache(older)
    const taken = new Script(bundleOf(newer), { filename: bundlePath, cachedData: readFileSync(cachePath) })
    expect(taken.cachedDataRejected).toBe(false)
    writeBundle(newer)
    expect(runBundle()).toMatchObject({ stdout: 'newer\n', stderr: '' })
  })

  it('of longer code is not used', () => {
    writeCache(`${older};[1, 2]`)
    writeBundle(newer)
    expect(runBundle()).toMatchObject({ stdout: 'newer\n', stderr: '' })
  })

  it.each([0, 1, 40, 200])('of which only %i bytes are there is not used', (bytes) => {
    writeCache(newer)
    writeFileSync(cachePath, readFileSync(cachePath).subarray(0, bytes))
    writeBundle(newer)
    expect(runBundle()).toMatchObject({ stdout: 'newer\n', stderr: '' })
  })

  it('need not be there', () => {
    rmSync(cachePath, { force: true })
    writeBundle(newer)
    expect(runBundle()).toMatchObject({ stdout: 'newer\n', stderr: '' })
  })
})

test.each([
  ['processor', 'processor'],
  ['heartbeat', 'heartbeat'],
  ['program-worker', 'program-worker'],
  ['command', 'command'],
  ['run', 'command'],
])('the cache %s that the build has made is taken', (cache, bundle) => {
  const look = `
    const { readFileSync } = require('node:fs')
    const [source, cachedData] = [readFileSync('${bundle}.bundle.js', 'latin1'), readFileSync('${cache}.cache')]
    console.log(new (require('node:vm').Script)(source, { cachedData }).cachedDataRejected)`
  expect(spawnSync(process.execPath, ['-e', look], { cwd: built, encoding: 'utf8' }).stdout).toBe('false\n')
})

test('a run writes nothing where Paritas is installed', () => {
  const filesOf = (place: string): string[] =>
    readdirSync(place).map((name) => `${name} ${statSync(join(place, name)).mtimeMs}`)
  const all = (): string[] => [built, join(root, 'bin')].flatMap(filesOf)
  const before = all()
  const args = [join(root, 'bin', 'paritas.js'), 'run', 'ring', '--size', 'rounds=2', '--processes', '2', '--quiet']
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  expect(all()).toEqual(before)
})
