// Processors that are started while their program is still being loaded, and what they do not bring along.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test, vi } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { defaultSettings, startAhead } from '../../src/machine/index.ts'
import { sightOfProcess } from '../../src/machine/local/process-sight.ts'
import { patient } from '../load.ts'
import { root } from '../tidy/sources.ts'
import { Commands } from './run-command.ts'

const commands = new Commands()
afterAll(() => commands.remove())
const timeout = patient(20_000)

describe('processors that are started ahead', () => {
  const folder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are as many as there are places, and are gone when nobody has taken them', async () => {
    const ahead = startAhead(folder, { ...defaultSettings, processes: 2 })
    const first = ahead.take(processorId(1))!
    const others = [2, 3, 4].map((number) => processorId(number))
    const ended = once(first, 'exit')
    await ahead.close()
    for (const id of others) expect(ahead.take(id)).toBe(null)
    // It has tried to reach a launcher, and there is none.
    expect(await ended).toEqual([0, null])
    expect(existsSync(folder)).toBe(false)
  })

  it('end with their launcher, and take its folder along', async () => {
    const run = mkdtempSync(join(tmpdir(), 'paritas-test-'))
    const script = `
      import { defaultSettings, startAhead } from ${JSON.stringify(join(root, 'dist', 'machine', 'index.js'))}
      startAhead(${JSON.stringify(run)}, { ...defaultSettings, processes: 1 })
      setInterval(() => {}, 1000)
      console.log((await import('node:fs')).readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8'))`
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 2] })
    const [children] = (await once(launcher.stdout!, 'data')) as [Buffer]
    const pids = children.toString().trim().split(' ').map(Number)
    expect(pids).toHaveLength(3)
    launcher.kill('SIGKILL')
    await vi.waitFor(() => expect(pids.map((pid) => sightOfProcess(pid))).toEqual([null, null, null]), { timeout })
    expect(existsSync(run)).toBe(false)
  })
})

test.each([
  ['nothing of the kind', '', null],
  ['https', `import { get } from 'node:https'\nif (Math.abs(-1) < 0) get('')`, 'given.pem'],
  ['a module only when it runs', `if (Math.abs(-1) < 0) await import(String(Math.random()))`, 'given.pem'],
])('a program that names %s gets the certificates that it may need', async (_, code, expected) => {
  commands.write('given.pem', '')
  commands.write(
    'certificates.ts',
    `import { defineProgram } from 'paritas'
${code}
const name = 'NODE_EXTRA_CA_CERTS'
export default defineProgram({
  name: 'certificates',
  memory: () => ({}),
  start: (self) => self.done(process.env[name]?.split('/').at(-1) ?? null),
  step: (self) => self.done(),
})
`,
  )
  const run = await commands.run(
    ['run', './certificates.ts', '--processes', '2', '--json'],
    `export NODE_EXTRA_CA_CERTS=${commands.folder}/given.pem`,
  )
  expect(run.exitCode, run.stderr).toBe(0)
  expect(JSON.parse(run.stdout.trimEnd().split('\n').at(-1)!).results).toEqual([expected, expected])
})
