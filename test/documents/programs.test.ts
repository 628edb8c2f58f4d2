// The full programs that the guide and the README show: they type-check, run, and find what they should.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { loadProgram } from '../../src/machine/program/load-program.ts'
import { type Program, parseSizes, readInput, type TypedArray } from '../../src/program/index.ts'
import { ProgramModules } from '../machine/program-modules.ts'
import { assemble } from '../program/assembly-script.ts'
import { runInOneThread } from '../programs/run-in-one-thread.ts'
import { textFile } from '../programs/source-files.ts'
import { root } from '../tidy/sources.ts'

const modules = new ProgramModules()
afterAll(() => modules.remove())

function blocksIn(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!)
}

function programsIn(document: string): string[] {
  return blocksIn(document).filter((code) => code.includes('export default defineProgram('))
}

const documents = ['docs/guide.md', 'README.md'].flatMap((document) =>
  programsIn(document).map((code, index) => ({ document, number: index + 1, code })),
)
const [onOne, onMany, withInput] = programsIn('docs/guide.md')

async function load(name: string, code: string): Promise<Program> {
  return (await loadProgram(modules.write(`${name}.ts`, code), modules.folders())).program
}

/** What the compiler says against a module, under the options that the programs that ship are checked with. */
function typeErrors(code: string): string[] {
  const path = join(root, 'programs', 'from-document.ts')
  const { config } = ts.readConfigFile(join(root, 'tsconfig.test.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (file) => file === path || fileExists(file)
  host.getSourceFile = (file, version) =>
    file === path ? ts.createSourceFile(file, code, version) : getSourceFile.call(host, file, version)
  const program = ts.createProgram([path], options, host)
  const source = program.getSourceFile(path)
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

it('the guide has its three programs and one with a mistake, the README one', () => {
  expect(documents.map(({ document, number }) => `${document} ${number}`)).toEqual([
    ...['docs/guide.md 1', 'docs/guide.md 2', 'docs/guide.md 3', 'docs/guide.md 4'],
    'README.md 1',
  ])
})

it.each(documents)('program $number of $document type-checks', ({ code }) => {
  expect(typeErrors(code)).toEqual([])
})

it('canary: a type error in a program is found', () => {
  expect(typeErrors(onOne!.replace('self.memory.found += 1', "self.memory.found = 'x'"))).toEqual([
    "Type 'string' is not assignable to type 'number'.",
  ])
})

describe('the programs of the guide count primes', () => {
  const primesBelow10000 = 1229

  it.each([1, 2])('on one process and on %i', async (processes) => {
    const program = await load('first', onOne!)
    const run = runInOneThread(program, { processes, settings: ['limit=10000'] })
    expect(run.results).toEqual(Array(processes).fill(primesBelow10000))
  })

  it.each([1, 2, 5])('in shares, on %i', async (processes) => {
    const program = await load('second', onMany!)
    for (const limit of [1, 2, 777, 10_000]) {
      const run = runInOneThread(program, { processes, settings: [`limit=${limit}`, 'piece=300'], seed: processes })
      const expected = runInOneThread(await load('first', onOne!), { processes: 1, settings: [`limit=${limit}`] })
      expect(run.results[0]).toBe(expected.results[0])
    }
  })

  it.each([1, 2, 4])('for each line of a file, on %i', async (processes) => {
    const program = await load('third', withInput!)
    const file = textFile('limits.txt', '10\n10000\n2\n100')
    const { data, size } = await readInput(program, [file], { size: parseSizes(program, []) })
    const run = runInOneThread(program, { processes, size, input: data as TypedArray, seed: 5 })
    expect(run.emitted).toEqual([4, primesBelow10000, 0, 25])
    expect(run.emitted.map((count) => program.output!.format(count)).join('')).toBe('4\n1229\n0\n25\n')
    expect(await program.verify!({ ...run, processes, input: data })).toBeNull()
    const wrong = { ...run, emitted: [4, 1, 0, 25], processes, input: data }
    expect(await program.verify!(wrong)).toBe('line 2 says 1')
  })
})

describe('the WebAssembly program of the guide', () => {
  const [module, program] = blocksIn('docs/guide.md').filter((code) => /assembly\/primes\.ts|wasmProgram\(/.test(code))

  it('type-checks', () => {
    expect(typeErrors(program!)).toEqual([])
  })

  it.each([1, 2, 5])('counts primes too, on %i', async (processes) => {
    writeFileSync(join(modules.folder, 'primes.wasm'), await assemble(module!, '--runtime', 'stub'))
    const loaded = await load('primes-wasm', program!)
    for (const limit of [1, 2, 777, 10_000]) {
      const run = runInOneThread(loaded, { processes, settings: [`limit=${limit}`], seed: processes })
      const expected = runInOneThread(await load('first', onOne!), { processes: 1, settings: [`limit=${limit}`] })
      expect(run.results[0]).toBe(expected.results[0])
    }
  })
})

it('the program of the README hands its baton over once a process and lap', async () => {
  const [code] = programsIn('README.md')
  const program = await load('readme', code!.replace('20_000', '200'))
  const run = runInOneThread(program, { processes: 4 })
  expect(await program.verify!({ ...run, processes: 4, input: null })).toBeNull()
  run.results[0] = 5
  expect(await program.verify!({ ...run, processes: 4, input: null })).not.toBeNull()
})
