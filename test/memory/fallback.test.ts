// Where the addon, the kernel's feature or the permission to use it is missing, comparing takes over and says why. Each
// case is a process of its own, running the built package.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addonPath, isThere } from './kernel-trackers.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Opened {
  readonly tracker: string
  readonly reason: string
  /** The page that a capture found changed. */
  readonly changed: readonly number[]
}

/** Opens a memory with each tracker, changes page 2 of it and captures that. */
const program = `
  import { openMemory } from './src/memory/native/index.ts'
  import { portableKernels } from './src/parity/index.ts'
  const results = {}
  for (const tracker of ['auto', 'shadow', 'lean', 'compare']) {
    const opened = openMemory({ tracker, kernels: portableKernels, programBytes: 16384, pageSizeBytes: 4096 })
    const { memory } = opened
    new Uint8Array(memory.buffer, memory.programOffset)[8192] = 1
    memory.capture(1, new Map())
    const changed = [...memory.delta(4)].flatMap((batch) => batch.numbers)
    results[tracker] = { tracker: opened.tracker, reason: opened.reason, changed }
  }
  console.log(JSON.stringify(results))
`

let folder = ''
let script = ''

// A folder that every user can read, with all that the program needs.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-fallback-'))
  chmodSync(folder, 0o755)
  script = join(folder, 'program.mjs')
  const stdin = { contents: program, resolveDir: root }
  buildSync({ stdin, outfile: script, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' })
})

afterAll(() => rmSync(folder, { recursive: true }))

interface Circumstances {
  /** Value of PARITAS_ADDON. */
  readonly addon: string
  readonly command?: readonly string[]
  readonly uid?: number
}

function run({ addon, command = [], uid }: Circumstances): Record<'auto' | 'shadow' | 'lean' | 'compare', Opened> {
  const words = [...command, process.execPath, script]
  const env = { ...process.env, PARITAS_ADDON: addon }
  const user = uid === undefined ? {} : { uid, gid: uid }
  const { stdout, stderr } = spawnSync(words[0]!, words.slice(1), { encoding: 'utf8', env, cwd: folder, ...user })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as ReturnType<typeof run>
}

const withoutTracker = (reason: RegExp) => ({
  auto: { tracker: 'compare', reason: expect.stringMatching(reason), changed: [2] },
  shadow: { tracker: 'compare', reason: expect.stringMatching(reason), changed: [2] },
  lean: { tracker: 'compare', reason: expect.stringMatching(reason), changed: [2] },
  compare: { tracker: 'compare', reason: 'comparing works everywhere', changed: [2] },
})

describe('without the addon', () => {
  it('of this version memories compare', () => {
    const before = join(folder, 'before.cjs')
    writeFileSync(before, 'module.exports = { batchKernels: [] }')
    expect(run({ addon: before })).toEqual(withoutTracker(/of another version of Paritas; npm run install/))
  })

  it('memories compare', () => {
    expect(run({ addon: 'off' })).toEqual(withoutTracker(/^no (shadow|lean) tracker: PARITAS_ADDON is off$/))
  })

  it('also where its file cannot be loaded', () => {
    const reason = /^no (shadow|lean) tracker: there is no native addon \(.*nowhere\.node/
    expect(run({ addon: '/nowhere.node' })).toEqual(withoutTracker(reason))
  })
})

describe.each((['shadow', 'lean'] as const).filter(isThere))('with %s', (tracker) => {
  let addon = ''

  beforeAll(() => {
    addon = join(folder, `${tracker}.node`)
    copyFileSync(addonPath(), addon)
  })

  it('it is used', () => {
    expect(run({ addon })[tracker]).toMatchObject({ tracker, changed: [2] })
  })

  it('it is used by a user without privileges, too', () => {
    // Whoever can run a program as another user has privileges; everybody else has none.
    const user = process.getuid!() === 0 ? { uid: 65_534 } : {}
    expect(run({ addon, ...user })[tracker]).toMatchObject({ tracker, changed: [2] })
  })

  it('a seccomp filter that refuses userfaultfd makes memories compare', () => {
    const source = fileURLToPath(new URL('without-userfaultfd.c', import.meta.url))
    const filter = join(folder, 'without-userfaultfd')
    expect(spawnSync('cc', ['-o', filter, source], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    const reason = /^no (shadow|lean) tracker: userfaultfd is refused: Operation not permitted$/
    expect(run({ addon, command: [filter] })[tracker]).toEqual(withoutTracker(reason)[tracker])
  })
})
