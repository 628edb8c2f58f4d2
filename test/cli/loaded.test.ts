// What commands load. Times depend on the computer; that the small commands load little does not.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Command, Help } from 'commander'
import { expect, test } from 'vitest'
import { commandEntries } from '../../src/cli/commands.ts'
import { root } from '../tidy/sources.ts'

const hooks = `
import { writeSync } from 'node:fs'
export function load(url, context, next) { writeSync(2, 'LOADED ' + url + '\\n'); return next(url, context) }`

/** Tells of modules as they are loaded, those in chunks of bundles too, and at the end of those that are CommonJS. */
const teller = `
import { writeSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { Script } from 'node:vm'
register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})
const { runInThisContext } = Script.prototype
Script.prototype.runInThisContext = function () {
  const bundle = runInThisContext.call(this)
  const telling = (chunk) => (...given) => {
    const [, modules] = /\\/\\/ (.*)/.exec(chunk.toString())
    for (const path of modules.split(' ')) writeSync(2, 'LOADED /' + path + '\\n')
    return chunk(...given)
  }
  const chunks = Object.entries(bundle.chunks).map(([name, chunk]) => [name, telling(chunk)])
  return { ...bundle, chunks: Object.fromEntries(chunks) }
}
const { cache } = createRequire(${JSON.stringify(join(root, 'package.json'))})
process.on('exit', () => Object.keys(cache).forEach((path) => writeSync(2, 'LOADED ' + path + '\\n')))`

interface Loaded {
  /** Of the package's own modules. */
  readonly folders: readonly string[]
  readonly packages: readonly string[]
  /** All of them in one file. */
  readonly ownModules: number
}

function loadedBy(...argv: string[]): Loaded {
  const teach = `data:text/javascript,${encodeURIComponent(teller)}`
  const args = ['--import', teach, join(root, 'bin', 'paritas.js'), ...argv]
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const all = [...stderr.matchAll(/^LOADED (.*)$/gm)].map(([, path]) => decodeURI(path!))
  const matching = (pattern: RegExp): string[] =>
    [...new Set(all.flatMap((path) => pattern.exec(path)?.[1] ?? []))].sort()
  return {
    folders: matching(/\/dist\/(.*)\//),
    packages: matching(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
    ownModules: matching(/\/(dist\/.*)$/).length,
  }
}

/** Limits are looked at before anything else. */
const first: readonly string[] = ['bundles', 'files', 'machine/limits']

test.each([
  { argv: ['--version'], folders: ['cli'], packages: ['commander'], modulesMax: 15 },
  { argv: ['--help'], folders: ['cli'], packages: ['commander'], modulesMax: 15 },
  { argv: ['run', '--help'], folders: ['cli', 'cli/run'], packages: ['commander'], modulesMax: 18 },
  { argv: ['programs'], folders: ['cli', 'cli/programs'], packages: ['commander'], modulesMax: 20 },
  {
    argv: ['interval', '--overhead', '1s', '--mtbf', '1h', '--json'],
    ...{ folders: ['base', 'cli', 'cli/interval', 'metrics'], packages: ['commander', 'pure-rand'], modulesMax: 32 },
  },
])('$argv: no more than it needs', ({ argv, folders, packages, modulesMax }) => {
  const loaded = loadedBy(...argv)
  expect(loaded).toMatchObject({ folders: [...folders, ...first].sort(), packages })
  expect(loaded.ownModules).toBeGreaterThan(1)
  expect(loaded.ownModules).toBeLessThanOrEqual(modulesMax)
})

test.each([
  [['rnu'], ['simulator', 'report', 'evaluation', 'machine', 'program']],
  [
    ['run', './no-such-module.ts'],
    ['simulator', 'report', 'evaluation', 'drawing', 'measure'],
  ],
  [
    ['trace', 'show', './no-such-trace.jsonl'],
    ['report', 'evaluation', 'measure'],
  ],
  [
    ['evaluate', '--schemes', 'tape'],
    ['simulator', 'report'],
  ],
])('%j: nothing of %j', (argv, forbidden) => {
  const { folders, packages } = loadedBy(...argv)
  expect(folders).toContain('cli')
  const tops = folders.filter((folder) => !first.includes(folder)).map((folder) => folder.split('/')[0]!)
  expect(tops.filter((folder) => forbidden.includes(folder))).toEqual([])
  // Only reports have plots.
  expect(packages.filter((name) => name.startsWith('@observablehq') || name === 'linkedom')).toEqual([])
})

test('canary: the bundler is seen where a program is loaded', () => {
  expect(loadedBy('run', './no-such-module.ts').packages).toContain('esbuild')
})

test.each(commandEntries)('$name: the list of commands shows the arguments that it has', async (entry) => {
  const command = new Command(entry.name)
  ;(await entry.load())(command, () => {})
  expect(`${entry.name} ${entry.terms}`.trimEnd()).toBe(new Help().subcommandTerm(command))
  expect(command.description()).not.toBe('')
})
