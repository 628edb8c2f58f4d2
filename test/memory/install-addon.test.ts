// The install script never makes an installation fail: without a compiler it says so in one line.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-install-'))
  for (const part of ['binding.gyp', 'package.json', 'scripts/install-addon.mjs', 'src/memory/native/addon']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
})

afterAll(() => rmSync(folder, { recursive: true }))

const install = () => {
  const env = { ...process.env, PATH: folder, PARITAS_ADDON: '' }
  return spawnSync(process.execPath, ['scripts/install-addon.mjs'], { cwd: folder, env, encoding: 'utf8' })
}

it('without a compiler says in one line what serves instead, and succeeds', () => {
  const first = install()
  const { status, stdout, stderr } = first
  expect([status, stdout]).toEqual([0, ''])
  expect(stderr).toMatch(/^paritas: no native addon \(.*\); changed pages are found by comparing instead\n$/)
  // Whoever runs it again may have installed a compiler: it is tried again.
  expect(install()).toEqual({ ...first, pid: expect.any(Number) })
})
