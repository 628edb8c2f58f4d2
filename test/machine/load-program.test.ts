import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadProgram } from '../../src/machine/program/load-program.ts'
import { ProgramModules } from './program-modules.ts'

const modules = new ProgramModules()
afterAll(() => modules.remove())

let folders = 0

/** A program in a folder of its own, with a package in CommonJS form beside it. */
async function hashOf(body: string): Promise<string> {
  folders += 1
  const folder = join(modules.folder, `folder-${folders}`)
  const installed = join(folder, 'node_modules', 'old')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(installed, 'index.js'), 'exports.answer = 42\n')
  const file = join(folder, 'program.ts')
  writeFileSync(
    file,
    `import { defineProgram } from 'paritas'
import { answer } from 'old'
${body}
export default defineProgram({
  name: 'mine',
  memory: () => ({}),
  start: (self) => self.done(answer),
  step: (self) => self.done(text),
})
`,
  )
  return (await loadProgram(file, modules.folders())).codeHash
}

describe('the hash of a program', () => {
  const plain = 'const text = `a\n// b\n# c`'

  test('changes with what runs, however it looks', async () => {
    const hash = await hashOf(plain)
    expect(await hashOf('const text = `a\n// B\n# c`')).not.toBe(hash)
    expect(await hashOf('const text = `a\n// b\n# C`')).not.toBe(hash)
    expect(await hashOf('const text = `a\n # c`')).not.toBe(hash)
    expect(await hashOf('const text = `a\n//# sourceMappingURL=b\n# c`')).not.toBe(hash)
  })

  test('is the same with other comments, and in another folder', async () => {
    const hash = await hashOf(plain)
    expect(await hashOf(`// said first\n/*! with a licence */\n${plain} // and why`)).toBe(hash)
    expect(await hashOf(plain)).toBe(hash)
  })
})

test('where there is no room for the bundle, the line says where that is', async () => {
  const { programsFolder } = modules.folders()
  const cacheFolder = mkdtempSync(join(modules.folder, 'full-'))
  symlinkSync('/dev/full', join(cacheFolder, 'program.mjs'))
  await expect(loadProgram('merge-sort', { programsFolder, cacheFolder })).rejects.toThrow(
    `cannot write to ${cacheFolder} (set TMPDIR to choose another place): no space left on the disk`,
  )
})

test('several at once are bundled each by itself', async () => {
  const hash = await hashOf('const text = 1')
  const hashes = await Promise.all([1, 2, 3, 4].map((number) => hashOf(`const text = ${number}`)))
  expect(hashes[0]).toBe(hash)
  expect(new Set(hashes).size).toBe(4)
})
