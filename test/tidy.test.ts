// Keeps the house tidy. Each rule is a function, and is tried on a bad example too, so that it is known to find one.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingFiles } from './tidy/documents.ts'
import { emptyFolders, emptyIncludes } from './tidy/folders.ts'
import { forbiddenImports, importCycles, importTable, isPure } from './tidy/imports.ts'
import { fileLinesMax, functionLinesMax, longFiles, longFunctions } from './tidy/lengths.ts'
import { impureNames } from './tidy/purity.ts'
import { filesIn, root, type SourceFile } from './tidy/sources.ts'
import { selectedTests } from './tidy/test-selection.ts'
import { sharedTypeNames } from './tidy/type-names.ts'

const code = /\.(ts|mjs|js)$/
const sources = filesIn('src', code).filter(({ path }) => !path.startsWith('src/parity/assembly/'))
const assembly = filesIn('src/parity/assembly', code)
const programs = filesIn('programs', code)
const tests = filesIn('test', code)
const tools = [...filesIn('scripts', code), ...filesIn('bench', code), ...filesIn('bin', code)]
const documents = [
  ...filesIn('docs', /\.md$/),
  ...filesIn('.', /^(README|CONTRIBUTING)\.md$/).filter(({ path }) => !path.includes('/')),
]

const bad = (path: string, ...lines: string[]): SourceFile => ({ path, text: lines.join('\n') })

it('the files are found', () => {
  expect(sources.length).toBeGreaterThan(50)
  expect(new Set(sources.map(({ path }) => path.split('/')[1])).size).toBeGreaterThanOrEqual(8)
  for (const files of [programs, tests, tools, assembly, documents]) expect(files.length).toBeGreaterThan(0)
})

describe('imports', () => {
  it('follow the import table', () => {
    expect([...sources, ...programs].flatMap(forbiddenImports)).toEqual([])
  })

  it.each([
    ['src/base/a.ts', "import { b } from '../parity/index.ts'", 'base must not import parity'],
    ['src/log/a.ts', "export { b } from '../parity/index.ts'", 'log must not import parity'],
    ['src/machine/a.ts', "import { b } from '../cli/index.ts'", 'machine must not import cli'],
    ['src/machine/b/a.ts', "const b = await import('../../simulator/index.ts')", 'machine must not import simulator'],
    ['src/log/a.ts', "type B = import('../memory/index.ts').B", 'log must not import memory'],
    ['src/protocol/a.ts', "import { b } from '../parity/index.ts'", 'protocol may only `import type` from parity'],
    ['src/protocol/a.ts', "import { type B } from '../memory/index.ts'", 'protocol may only `import type` from memory'],
    ['src/log/a.ts', "import { b } from '../base/b.ts'", "import base through its index.ts, not '../base/b.ts'"],
    ['src/memory/a.ts', "import { readFileSync } from 'node:fs'", "memory must not import 'node:fs'"],
    ['src/parity/a.ts', "import { b } from 'pure-rand/b'", "parity must not import 'pure-rand/b'"],
    ['programs/a.ts', "import { b } from '../src/base/index.ts'", 'programs must not import base'],
    ['programs/a.ts', "import { b } from 'node:fs'", "programs must not import 'node:fs'"],
  ])('canary: %s with %s', (path, line, finding) => {
    expect(forbiddenImports(bad(path, '', line))).toEqual([`${path}:2: ${finding}`])
  })

  it('what is allowed passes', () => {
    const lines = [
      "import type { B } from '../memory/index.ts'",
      "import { c } from '../log/index.ts'",
      "import { d } from './d/e.ts'",
    ]
    expect(forbiddenImports(bad('src/protocol/a.ts', ...lines))).toEqual([])
    expect(forbiddenImports(bad('src/base/a.ts', "import { b } from 'pure-rand/b'"))).toEqual([])
    expect(forbiddenImports(bad('src/new/a.ts'))).toEqual([
      'src/new/a.ts: the import table does not know the folder new',
    ])
    expect(Object.keys(importTable)).toContain('programs')
  })

  it('make no cycle between files', () => {
    expect(importCycles([...sources, ...programs, ...tests])).toEqual([])
  })

  it('canary: a cycle over three files is found, a diamond is none', () => {
    const cycle = [
      bad('src/log/a.ts', "import { b } from './b/b.ts'"),
      bad('src/log/b/b.ts', "export * from '../c.ts'"),
      bad('src/log/c.ts', "import type { a } from './a.ts'"),
    ]
    expect(importCycles(cycle)).toEqual([['src/log/a.ts', 'src/log/b/b.ts', 'src/log/c.ts', 'src/log/a.ts']])
    const diamond = [
      bad('src/log/a.ts', "import './b.ts'", "import './c.ts'"),
      bad('src/log/b.ts', "import './d.ts'"),
      bad('src/log/c.ts', "import './d.ts'"),
    ]
    expect(importCycles(diamond)).toEqual([])
  })
})

describe('folders', () => {
  const configurations = readdirSync(root)
    .filter((name) => /^tsconfig.*\.json$/.test(name))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

  it('that the import table names are there', () => {
    expect(emptyFolders(importTable, [...sources, ...programs])).toEqual([])
  })

  it('that the compiler is to include hold something', () => {
    expect(configurations.length).toBeGreaterThan(3)
    expect(configurations.flatMap(emptyIncludes)).toEqual([])
  })

  it('canary: what is gone is found, in the table and in a configuration', () => {
    const table = { base: { folders: [] }, programs: { folders: ['gone'] }, 'memory/gone': { folders: ['base'] } }
    expect(emptyFolders(table, [...sources, ...programs])).toEqual(
      ['gone', 'memory/gone'].map((folder) => `the import table names ${folder}, which is not there`),
    )
    const lines = ['// with a comment', '{ "include": ["src/base/**/*.ts", "src/gone/**/*.ts"] }']
    expect(emptyIncludes(bad('tsconfig.json', ...lines))).toEqual(['tsconfig.json: src/gone/**/*.ts matches no file'])
  })
})

describe('lengths', () => {
  it(`of files are at most ${fileLinesMax} lines`, () => {
    expect([...sources, ...assembly, ...programs, ...tools, ...tests].flatMap(longFiles)).toEqual([])
  })

  it(`of functions are at most ${functionLinesMax} lines, outside of tests`, () => {
    expect([...sources, ...programs, ...tools].flatMap(longFunctions)).toEqual([])
  })

  it('canary: one line too many is found', () => {
    const lines = (count: number): string[] => Array(count).fill('  a()')
    expect(longFiles(bad('a.ts', ...lines(fileLinesMax), ''))).toEqual([])
    expect(longFiles(bad('a.ts', ...lines(fileLinesMax + 1), ''))).toEqual(['a.ts: 451 lines, at most 450 are allowed'])
    const openings = ['function f() {', 'const f = () => {', 'class A { m() {', 'const o = { get p() {']
    for (const opening of openings) {
      const closing = opening.split('{').slice(1).fill('}').join(' ')
      expect(longFunctions(bad('a.ts', opening, ...lines(functionLinesMax - 2), closing))).toEqual([])
      const finding = 'a.ts:1: a function of 71 lines, at most 70 are allowed'
      expect(longFunctions(bad('a.ts', opening, ...lines(functionLinesMax - 1), closing))).toEqual([finding])
    }
  })
})

describe('type names', () => {
  it('that are exported are declared once', () => {
    expect(sharedTypeNames(sources)).toEqual([])
  })

  it('canary: a name that two files export is found, one of their own is not', () => {
    const files = [
      bad('src/log/a.ts', 'export interface Row {}', 'type Table = 1'),
      bad('src/fabric/b.ts', 'export type Row = 1', 'type Table = 2'),
      bad('src/cli/c.ts', 'export class Page {}', "export type { Row } from '../log/index.ts'"),
    ]
    expect(sharedTypeNames(files)).toEqual(['src/log/a.ts, src/fabric/b.ts: each exports a Row'])
    expect(sharedTypeNames([...files, bad('src/cli/d.ts', 'export abstract class Page {}')])).toHaveLength(2)
  })
})

describe('pure folders', () => {
  it('name no clock, no timer, no randomness and nothing of Node', () => {
    expect(sources.filter(isPure).flatMap(impureNames)).toEqual([])
  })

  it.each([
    ['const t = Date.now()', 'Date'],
    ['const t = new Date()', 'Date'],
    ['const t = performance.now()', 'performance'],
    ['const r = Math.random()', 'Math.random'],
    ['setTimeout(f, 5)', 'setTimeout'],
    ['const o = { clock: setInterval }', 'setInterval'],
    ['const o = { queueMicrotask }', 'queueMicrotask'],
    ['const b = Buffer.from(x)', 'Buffer'],
    ['f(process.env)', 'process'],
    ['globalThis.f()', 'globalThis'],
  ])('canary: %s', (line, name) => {
    expect(impureNames(bad('src/log/a.ts', line))).toEqual([`src/log/a.ts:1: ${name} in a pure folder`])
  })

  it('names of their own are no finding', () => {
    const lines = [
      'function f(process: P) { return process.steps + state.process.steps }',
      'type A = { Date: 1; process: 2 }',
    ]
    expect(impureNames(bad('src/log/a.ts', ...lines))).toEqual([])
  })
})

describe('tests', () => {
  it('are neither skipped nor singled out', () => {
    expect(tests.flatMap(selectedTests)).toEqual([])
  })

  it.each([
    ['it', 'only'],
    ['test', 'skip'],
    ['describe', 'todo'],
    ['it', 'concurrent', 'skip'],
    ['test', 'skipIf'],
    ['it', 'fails'],
    ['xit'],
    ['fdescribe'],
  ])('canary: %s %s', (...names) => {
    const call = names.join('.')
    expect(selectedTests(bad('a.test.ts', `${call}('a', f)`))).toEqual([`a.test.ts:1: ${call} leaves tests out`])
  })

  it('words that only look like it are no finding', () => {
    expect(selectedTests(bad('a.test.ts', "it('only', () => list.only(1))", 'numbers.skip(2)'))).toEqual([])
  })
})

describe('documents', () => {
  const exists = (path: string): boolean => existsSync(join(root, path))

  it('name only files that exist', () => {
    expect(documents.flatMap((document) => missingFiles(document, exists))).toEqual([])
  })

  it('canary: a missing file is found in text, code and links', () => {
    const lines = [
      'See `src/base/gone.ts` and src/base/index.ts.',
      '    node scripts/gone.mjs',
      '[a](gone.md#b) [c](https://x.org/y)',
    ]
    const findings = missingFiles(bad('docs/a.md', ...lines), exists)
    expect(findings).toEqual(
      ['src/base/gone.ts', 'scripts/gone.mjs', 'docs/gone.md'].map((name) => `docs/a.md: there is no ${name}`),
    )
  })
})
