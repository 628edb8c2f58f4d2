// A program as other hosts get it: the same bytes wherever it was made, and what of it cannot travel.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { bundle, withBundler } from '../../src/machine/bundle/bundler.ts'
import { obstaclesOf } from '../../src/machine/bundle/obstacles.ts'
import { ProgramBundle } from '../../src/machine/bundle/program-bundle.ts'
import { ownApi, programApi } from '../../src/machine/bundle/shared-package.ts'
import { loadProgram, requirePortable } from '../../src/machine/program/load-program.ts'
import * as paritas from '../../src/program/paritas.ts'
import { binaryModule } from '../program/binary-module.ts'
import { ProgramModules } from './program-modules.ts'

const modules = new ProgramModules()
afterAll(() => modules.remove())

/** A project of several packages: the program's lies in a folder of it. */
const project = {
  'node_modules/hoisted/package.json': '{ "name": "hoisted" }',
  'node_modules/hoisted/index.js': 'exports.hoisted = 1\n',
  'packages/shared/sum.ts': 'export const sum = (a: number, b: number) => a + b + 0\n',
  'packages/program/package.json': '{ "name": "program", "type": "module" }',
  'packages/program/node_modules/own/package.json': '{ "name": "own" }',
  'packages/program/node_modules/own/index.js': 'exports.own = 2\n',
  'packages/program/lib/index.ts': 'export default 3\n',
  'packages/program/table.json': '{ "entry": 4 }',
  'packages/program/index.ts': `const six = 6
import { defineProgram, u32 } from 'paritas'
import { hoisted } from 'hoisted'
import { linked } from 'linked'
import { own } from 'own'
import three from './lib/index.ts'
import table from './table.json'
import wasm from './Life & more.wasm'
import { sum } from '../shared/sum.ts'

export default defineProgram({
  name: 'many parts',
  memory: () => ({ steps: u32() }),
  start: (self) => self.next(),
  step: (self) => self.done([hoisted, linked, own, three, table.entry, wasm.length, six].reduce(sum)),
})
`,
}

let projects = 0

/** Writes it into a new folder, `linked` into another; returns the path of the program. */
function write(name: string, files: Readonly<Record<string, string>> = project): string {
  projects += 1
  const folder = join(modules.folder, `${name}-${projects}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const linked = join(modules.folder, `for-${name}-${projects}`, 'linked')
  mkdirSync(linked, { recursive: true })
  writeFileSync(join(linked, 'package.json'), '{ "name": "linked", "main": "main.js" }')
  writeFileSync(join(linked, 'main.js'), 'exports.linked = 5\n')
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(linked, join(folder, 'node_modules', 'linked'))
  writeFileSync(join(folder, 'packages/program/Life & more.wasm'), binaryModule())
  return join(folder, 'packages/program/index.ts')
}

const load = (file: string) => loadProgram(file, modules.folders())

const digestOf = async (file: string): Promise<string> => (await load(file)).bundle.digest

/** All of a bundle's files as text, by name, and its manifest. */
async function textsOf(file: string): Promise<{ readonly manifest: string; readonly texts: Map<string, string> }> {
  const { bundle } = await load(file)
  const manifest = String(Buffer.from(bundle.part(null, 0, Number.POSITIVE_INFINITY)!.bytes))
  const { files } = JSON.parse(manifest) as { readonly files: readonly { readonly name: string }[] }
  const contentOf = (index: number): string =>
    Buffer.from(bundle.part(index, 0, Number.POSITIVE_INFINITY)!.bytes).toString('latin1')
  return { manifest, texts: new Map(files.map(({ name }, index) => [name, contentOf(index)])) }
}

describe('the digest of a bundle', () => {
  test('is the same in two folders, whoever owns them', async () => {
    expect(await digestOf(write('alice'))).toBe(await digestOf(write('bob/below')))
  })

  test('is the same through a link', async () => {
    const file = write('real')
    const link = join(modules.folder, 'link')
    symlinkSync(dirname(file), link)
    expect(await digestOf(join(link, 'index.ts'))).toBe(await digestOf(file))
  })

  test.each(Object.keys(project).filter((path) => !path.endsWith('package.json')))('changes with %s', async (path) => {
    const before = await digestOf(write('before'))
    const changed = project[path as keyof typeof project].replace(/\d/, (digit) => String(Number(digit) + 1))
    expect(await digestOf(write('after', { ...project, [path]: changed }))).not.toBe(before)
  })

  test('changes with the WebAssembly module, and so does the hash of the code', async () => {
    const file = write('wasm')
    const before = await load(file)
    writeFileSync(join(dirname(file), 'Life & more.wasm'), binaryModule({ memories: [[1, 2]] }))
    const after = await load(file)
    expect(after.bundle.digest).not.toBe(before.bundle.digest)
    expect(after.codeHash).not.toBe(before.codeHash)
  })

  test('is the same for a program that ships in another installation', async () => {
    const { programsFolder } = modules.folders()
    const elsewhere = join(modules.folder, 'elsewhere', 'programs')
    cpSync(programsFolder, elsewhere, { recursive: true })
    for (const name of ['life', 'merge-sort']) {
      const { cacheFolder } = modules.folders()
      const here = await loadProgram(name, modules.folders())
      const there = await loadProgram(name, { programsFolder: elsewhere, cacheFolder })
      expect(there.bundle.digest).toBe(here.bundle.digest)
    }
  })
})

test('a bundle names its sources as the program does, and nothing of the computer', async () => {
  const { manifest, texts } = await textsOf(write('carol'))
  for (const text of [manifest, ...texts.values()]) expect(text).not.toMatch(/carol|\/tmp|paritas-programs|dist/)
  const { sources } = JSON.parse(texts.get('program.mjs.map')!) as SourceMapPayload
  expect(sources.toSorted()).toEqual([
    'paritas:paritas',
    'program:../shared/sum.ts',
    'program:Life%20&%20more.wasm',
    'program:index.ts',
    'program:lib/index.ts',
    'program:node_modules/hoisted/index.js',
    'program:node_modules/linked/main.js',
    'program:node_modules/own/index.js',
    'program:table.json',
  ])
  expect(manifest).toMatch(/^\{"format":1,"program":"many parts","paritas":\{"version":"[\d.]+","api":1\},"files":\[/)
  expect([...texts.keys()]).toEqual([
    'program.mjs',
    'program.mjs.map',
    expect.stringMatching(/^wasm-life___more-[\da-f]{16}\.wasm$/),
  ])
})

test('signs that mean something in an address belong to the name of a source', async () => {
  const file = write('heidi', {
    'packages/program/index.ts': "import './100% #1?/é.ts'",
    'packages/program/100% #1?/é.ts': 'f()',
  })
  const { files, ownMap } = await withBundler(() => bundle(file, 'program.mjs', String))
  const sourcesOf = (map: string): readonly string[] => (JSON.parse(map) as SourceMapPayload).sources
  expect(sourcesOf(String(files.get('program.mjs.map')))).toEqual(['program:100%25%20%231%3F/%C3%A9.ts'])
  const [here] = sourcesOf(ownMap)
  expect(fileURLToPath(new URL(here!, 'file:///'))).toBe(join(dirname(file), '100% #1?', 'é.ts'))
})

test('what this computer runs are the files of the bundle; only the source map says where its sources lie here', async () => {
  const file = write('dave')
  const { moduleUrl, bundle, program } = await load(file)
  const { texts } = await textsOf(file)
  expect(bundle.part(3, 0, 1)).toBeNull()
  for (const [name, text] of texts) {
    const here = readFileSync(new URL(name, moduleUrl), 'latin1')
    if (name !== 'program.mjs.map') expect(here).toBe(text)
    else expect((JSON.parse(here) as SourceMapPayload).sources).toContain(file)
  }
  expect(program.step({ done: (sum: unknown) => sum } as never, [])).toBe(1 + 5 + 2 + 3 + 4 + 6 + binaryModule().length)
})

test('each line of the code leads to its source, also below renamed modules', async () => {
  const { texts } = await textsOf(write('erin'))
  const map = new SourceMap(JSON.parse(texts.get('program.mjs.map')!) as SourceMapPayload)
  const lines = texts.get('program.mjs')!.split('\n')
  const placeOf = (text: string): unknown => {
    const line = lines.findIndex((one) => one.includes(text))
    const { originalSource, originalLine } = map.findEntry(line, lines[line]!.indexOf(text)) as SourceMapping
    return [originalSource, originalLine]
  }
  expect(placeOf('.linked = 5')).toEqual(['program:node_modules/linked/main.js', 0])
  expect(placeOf(' = defineProgram({')).toEqual(['program:index.ts', 10])
})

test('what programs can import belongs to the number that bundles are made for', () => {
  // Another list, or another meaning of a name, takes another number.
  const numbers = ['f32', 'f64', 'i16', 'i32', 'i64', 'i8', 'u16', 'u32', 'u64', 'u8']
  const others = ['UsageError', 'choice', 'defineProgram', 'integer', 'number', 'text', 'wasmProgram']
  expect([programApi, Object.keys(paritas).sort()]).toEqual([1, [...others, ...numbers].sort()])
})

describe('what cannot travel', () => {
  const program = (line: string): string => `import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineProgram, u32 } from 'paritas'

const text = ${line}
export default defineProgram({
  name: 'reads',
  memory: () => ({ steps: u32() }),
  start: (self) => self.done(text),
  step: (self) => self.done(createRequire),
})
`

  test.each([
    ["readFileSync(new URL('beside.txt', import.meta.url), 'utf8')"],
    ["readFileSync(import.meta.dirname + '/beside.txt', 'utf8')"],
    ["readFileSync(import.meta.filename.replace('reads here.ts', 'beside.txt'), 'utf8')"],
  ])('is read here, and said for other hosts: %s', async (line) => {
    writeFileSync(join(modules.folder, 'beside.txt'), 'beside')
    const loaded = await load(modules.write('reads here.ts', program(line)))
    expect(loaded.program.start({ done: (value: unknown) => value } as never)).toBe('beside')
    expect(loaded.obstacles()).toEqual([
      expect.stringMatching(/^reads here\.ts:5 asks by import\.meta where it lies, .* --input$/),
    ])
  })

  test('a native module is said', async () => {
    const line = "() => createRequire('/')('./fast.node') as number"
    const loaded = await load(modules.write('native.ts', program(line)))
    expect(() => requirePortable(loaded)).toThrow(
      "program 'reads' cannot run on other hosts: native.ts:5 loads a native module, and those are made for one computer: use WebAssembly, or JavaScript",
    )
  })

  test('a bundle that is too large is said', async () => {
    const bundled = await withBundler(() => bundle(write('grace'), 'program.mjs', String))
    const large = new ProgramBundle('large', ownApi(), [['program.mjs', new Uint8Array(256 * 2 ** 20 + 1)]])
    expect(obstaclesOf(bundled, large)).toEqual([
      'with all that it imports it takes more than the 256 MiB that a host takes',
    ])
  })

  test('nothing is said of a program that brings all with it', async () => {
    requirePortable(await load(write('frank')))
    expect((await loadProgram('life', modules.folders())).obstacles()).toEqual([])
  })
})
