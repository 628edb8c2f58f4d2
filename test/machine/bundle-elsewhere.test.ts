// A program that was bundled by one installation and is run by another one, as on another host.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BundleStore, type OpenBundle } from '../../src/machine/bundle/bundle-store.ts'
import { loadProgram } from '../../src/machine/program/load-program.ts'
import { binaryModule } from '../program/binary-module.ts'
import { reading } from './bundle-fixtures.ts'
import { ProgramModules } from './program-modules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const modules = new ProgramModules()
const host = mkdtempSync(join(tmpdir(), 'paritas-host-'))
const installation = join(host, 'opt', 'paritas')

beforeAll(() => {
  mkdirSync(installation, { recursive: true })
  // Compile caches are made by the installation: they name the files that they are for.
  const filter = (path: string): boolean => !path.endsWith('.cache')
  for (const part of ['dist', 'package.json']) {
    cpSync(join(root, part), join(installation, part), { recursive: true, filter })
  }
  symlinkSync(join(root, 'node_modules'), join(installation, 'node_modules'))
})
afterAll(() => {
  modules.remove()
  rmSync(host, { recursive: true, force: true })
})

/** Brings a program to the host, and removes it where it came from. */
async function brought(files: Readonly<Record<string, string | Uint8Array>>): Promise<OpenBundle> {
  const folder = mkdtempSync(join(modules.folder, 'project-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const { bundle } = await loadProgram(join(folder, 'program.ts'), modules.folders())
  rmSync(folder, { recursive: true })
  const store = await BundleStore.open(join(host, 'bundles'))
  return store.obtain(bundle.digest, reading(bundle))
}

interface Ran {
  readonly installation: string
  readonly result?: unknown
  readonly failure?: { readonly error: string; readonly site: string }
}

/** What the first step of process 0 comes to there. */
function runThere({ moduleUrl }: OpenBundle): Ran {
  const script = fileURLToPath(new URL('run-bundle.mjs', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, [script, installation, moduleUrl], {
    encoding: 'utf8',
    env: { ...process.env, IS_HOST: 'yes' },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Ran
}

test('takes a step, with the package of the installation that runs it, and its WebAssembly beside it', async () => {
  const opened = await brought({
    'kernel.wasm': binaryModule(),
    'lib/sum.ts': 'export const sum = (a: number, b: number): number => a + b',
    'program.ts': `import { defineProgram, UsageError, u32 } from 'paritas'
      import { sum } from './lib/sum.ts'
      import wasm from './kernel.wasm'
      export default defineProgram({
        name: 'brought',
        memory: () => ({ total: u32() }),
        start(self) {
          self.memory.total = sum(wasm.length, 1)
          const isShared = globalThis[Symbol.for('paritas.program')].UsageError === UsageError
          return self.done([self.memory.total, WebAssembly.validate(wasm), isShared])
        },
        step: (self) => self.done(),
      })`,
  })
  expect(runThere(opened)).toEqual({ installation, result: [binaryModule().length + 1, true, true] })
  await opened.release()
})

test('names its own files and lines where it fails, as seen from the folder of the program', async () => {
  const opened = await brought({
    'lib/a part.ts': 'export function fail(): never {\n  throw new Error("on purpose")\n}\n',
    'program.ts': `import { defineProgram } from 'paritas'
import { fail } from './lib/a part.ts'

export default defineProgram({
  name: 'fails',
  memory: () => ({}),
  start: () => fail(),
  step: (self) => self.done(),
})
`,
  })
  const { failure } = runThere(opened)
  expect(failure).toMatchObject({ site: 'lib/a part.ts:2:9' })
  expect(failure!.error.split('\n')).toEqual([
    'Error: on purpose',
    '    at fail (lib/a part.ts:2:9)',
    expect.stringMatching(/^ {4}at .*start \(program\.ts:7:16\)$/),
  ])
  await opened.release()
})

test('that refuses its module says where, too', async () => {
  const opened = await brought({
    'program.ts': `import { defineProgram } from 'paritas'
export default defineProgram({ name: 'ages', memory: () => ({}), start: (self) => self.done(), step: (self) => self.done() })
if (process.env.IS_HOST) throw new Error('not on this host')
`,
  })
  expect(runThere(opened).failure).toMatchObject({ site: 'program.ts:3:32' })
  await opened.release()
})

test('a whole program that ships runs there', async () => {
  const { bundle } = await loadProgram('life', modules.folders())
  const store = await BundleStore.open(join(host, 'bundles'))
  const opened = await store.obtain(bundle.digest, reading(bundle))
  expect(runThere(opened).failure).toBeUndefined()
  await opened.release()
})
