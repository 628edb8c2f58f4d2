// docs/own-project.md, done in an empty folder with the package as it would be installed.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../tidy/sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-project-'))
const installed = join(folder, 'node_modules', 'paritas')
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)

beforeAll(() => {
  const page = readFileSync(join(root, 'docs', 'own-project.md'), 'utf8')
  for (const [, name, text] of page.matchAll(/^`([\w.]+)`:\n\n```json\n(.*?)^```$/gms)) write(name!, text!)
  const [, program] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'))!
  write('my-program.ts', program!)
  install()
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** What `npm install` of the packed package does, with the dependencies that are here already. */
function install(): void {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as [{ filename: string }]
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', installed, '--strip-components=1'])
  const { bin, dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of [...Object.keys(dependencies), 'typescript']) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  mkdirSync(join(folder, 'node_modules', '.bin'))
  symlinkSync(join(installed, bin.paritas), join(folder, 'node_modules', '.bin', 'paritas'))
  symlinkSync('../typescript/bin/tsc', join(folder, 'node_modules', '.bin', 'tsc'))
}

function run(command: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  return { status, stdout, stderr }
}

it('has the files that the page shows', () => {
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['package.json', 'tsconfig.json', 'my-program.ts']))
})

describe('npm run check', () => {
  it('says nothing', () => {
    expect(run('npm', 'run', '--silent', 'check')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it.each([
    ['a wrong type', "import { u32 } from 'paritas'\nexport const lap: string = u32()\n", 'TS2322'],
    ['what is internal', "import { createProcess } from 'paritas'\nexport const make = createProcess\n", 'TS2305'],
    ['files behind the package', "export * from 'paritas/dist/machine/index.js'\n", 'TS2307'],
  ])('canary: finds %s', (_, text, code) => {
    write('wrong.ts', text)
    const { status, stdout } = run('npm', 'run', '--silent', 'check')
    rmSync(join(folder, 'wrong.ts'))
    expect(status).not.toBe(0)
    expect(stdout).toMatch(new RegExp(`^wrong\\.ts\\(\\d+,\\d+\\): error ${code}`))
  })
})

it('npm start loses a process half way, and finishes', () => {
  const { status, stdout } = run('npm', 'start', '--silent')
  expect(stdout).toMatch(/killing application processor 1 \(pid \d+\) with SIGKILL/)
  expect(stdout).toMatch(/^✔ result verified by the program$/m)
  expect(stdout).toMatch(/^ {2}recovery +checkpoint \d+ +lost: application processor 1$/m)
  expect(status).toBe(0)
})

it('what ships is in the package too, WebAssembly included', () => {
  const { status, stdout } = run('npx', 'paritas', 'run', 'life', '--size', 'generations=3', '--processes', '2')
  expect(stdout).toMatch(/^✔ output verified/m)
  expect(status).toBe(0)
  expect(run('npx', 'paritas', 'programs').stdout).toContain('life: ')
})

it('says at once what else an evaluation needs, before anything is run or written', () => {
  const { status, stdout, stderr } = run('npx', 'paritas', 'evaluate', '--quick')
  const line = 'the report is drawn with packages that are not installed: npm install @observablehq/plot linkedom'
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `paritas: ${line}\n` })
  expect(readdirSync(folder)).not.toContain('evaluation')
})

it('a program in CommonJS form may require it', () => {
  mkdirSync(join(folder, 'common'))
  write('common/package.json', '{ "type": "commonjs" }')
  write(
    'common/program.js',
    `const { defineProgram } = require('paritas')
     const end = (self) => self.done('by require')
     module.exports = defineProgram({ name: 'common', memory: () => ({}), start: end, step: end })`,
  )
  const { status, stdout, stderr } = run('npx', 'paritas', 'run', './common/program.js', '--processes', '1', '--quiet')
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "  result   'by require'\n", stderr: '' })
  expect(run(process.execPath, '-p', "typeof require('paritas').defineProgram").stdout).toBe('function\n')
})
