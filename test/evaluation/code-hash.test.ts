import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { codeHash } from '../../src/evaluation/index.ts'

let parent: string
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'paritas-code-'))
})
afterAll(() => rmSync(parent, { recursive: true }))

it('is another one for other code, and the same wherever that lies and whatever lies beside it', () => {
  const [one, other] = [join(parent, 'one'), join(parent, 'other')]
  mkdirSync(join(one, 'deep'), { recursive: true })
  writeFileSync(join(one, 'main.js'), 'a()')
  writeFileSync(join(one, 'deep', 'kernel.wasm'), 'k')
  cpSync(one, other, { recursive: true })
  writeFileSync(join(other, 'notes.tsbuildinfo'), '{}')
  expect(codeHash([other])).toBe(codeHash([one]))
  writeFileSync(join(other, 'deep', 'kernel.wasm'), 'l')
  expect(codeHash([other])).not.toBe(codeHash([one]))
})
