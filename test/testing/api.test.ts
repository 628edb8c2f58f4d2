import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { runInTest, testProgram } from '../../src/testing/api.ts'

const timeoutMs = 240_000

const folder = mkdtempSync(join(tmpdir(), 'paritas-api-'))
const { TMPDIR } = process.env
afterAll(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
  rmSync(folder, { recursive: true })
})

/** For the folders of runs, so that others' are not taken for ours. */
const runsFolder = join(folder, 'runs')
mkdirSync(runsFolder)
process.env.TMPDIR = runsFolder

/** A project that has installed paritas. */
mkdirSync(join(folder, 'node_modules'))
symlinkSync(fileURLToPath(new URL('../..', import.meta.url)), join(folder, 'node_modules', 'paritas'))
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')

const source = (head: string, added: string): string => `
import { defineProgram, integer, u32 } from 'paritas'
${head}
export default defineProgram({
  name: 'sum',
  size: { steps: integer({ default: 60, min: 1, help: 'numbers to add' }) },
  memory: () => ({ step: u32(), total: u32() }),
  start: (self) => self.next(),
  step(self) {
    self.memory.step += 1
    self.memory.total += ${added}
    self.progress(self.memory.step, self.size.steps)
    if (self.memory.step === 1) self.emit('begun')
    return self.memory.step < self.size.steps ? self.next() : self.done(self.memory.total)
  },
  verify: ({ results, size }) => (results[0] === (size.steps * (size.steps + 1)) / 2 ? null : 'wrong sum'),
})
`
writeFileSync(join(folder, 'sum.ts'), source('', 'self.memory.step'))
writeFileSync(join(folder, 'counter.ts'), source('let count = 0', '(count += 1)'))

const sum = pathToFileURL(join(folder, 'sum.ts'))

test(
  'in vitest: a run with a loss, and what came of it',
  async () => {
    const { results, emitted, recoveries, verified, problem } = await runInTest(sum, {
      ...{ processes: 2, sizes: { steps: 100_000 } },
      kill: [{ who: 1, at: { commit: 1 } }],
    })
    expect(results[0]).toBe(5_000_050_000 % 2 ** 32)
    expect(emitted).toEqual(['begun', 'begun'])
    expect(recoveries[0]).toMatchObject({ lost: ['a1'], rollback: true })
    expect({ verified, problem }).toEqual({ verified: false, problem: 'wrong sum' })
    expect(readdirSync(runsFolder)).toEqual([])
  },
  timeoutMs,
)

test(
  'in vitest: a program that passes, and one that does not',
  async () => {
    expect(await testProgram(sum, { processes: 2, runs: 1 })).toMatchObject({ runs: 1, telling: 1, finding: null })
    const failing = testProgram(join(folder, 'counter.ts'), { processes: 2, runs: 1 })
    await expect(failing).rejects.toThrow(
      /^program 'sum': run 1 differs from the first: its result is wrong: wrong sum\n/,
    )
    await expect(failing).rejects.toThrow(/it began in step \d+ of process \d, .*: memory field total is \d+, and \d+/)
  },
  timeoutMs,
)

test(
  'several at once, each by itself',
  async () => {
    const options = { processes: 1, sizes: { steps: 2000 } }
    const ran = await Promise.all([runInTest(sum, options), runInTest(sum, options), runInTest(sum, options)])
    expect(ran.map(({ results }) => results[0])).toEqual([2_001_000, 2_001_000, 2_001_000])
    expect(readdirSync(runsFolder)).toEqual([])
  },
  timeoutMs,
)

test(
  'what an ended test has left is removed by the next',
  async () => {
    // Its module is loaded by the test's own process, with the folder there already.
    writeFileSync(join(folder, 'ending.js'), "process.kill(process.pid, 'SIGKILL')")
    const code = `
      import { runInTest } from 'paritas/testing'
      await runInTest(${JSON.stringify(join(folder, 'ending.js'))})`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, env: nodeEnv() })
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    expect(readdirSync(runsFolder)).toHaveLength(1)
    await runInTest(sum, { processes: 1 })
    expect(readdirSync(runsFolder)).toEqual([])
  },
  timeoutMs,
)

test.each<[options: unknown, line: string]>([
  [{ process: 2 }, "runInTest has 'process': did you mean 'processes'?"],
  [{ processes: Number.NaN }, 'runInTest: processes is NaN, not a whole number from 1 to 64'],
  [{ kill: '1@50%' }, "runInTest: kill is '1@50%', not a list"],
  [{ kill: [{ who: 1 }] }, 'runInTest: kill[0].at is missing'],
  [{ kill: [{ whom: 1, at: { commit: 1 } }] }, "runInTest: kill[0] has 'whom': did you mean 'who'?"],
  [{ kill: [{ who: 1, at: {} }] }, 'runInTest: kill[0].at is an object, not one of { commit }'],
  [{ kill: [{ who: 'c0', at: { ms: 1 } }] }, "runInTest: kill[0].who is 'c0', not the number of a process"],
  [{ timeoutMs: 0 }, 'runInTest: timeoutMs is 0, not a number above 0'],
  [{ signal: 3 }, 'runInTest: signal is 3, not an AbortSignal'],
  [{ sizes: { steps: null } }, 'runInTest: sizes.steps is nothing, not a number or a text'],
  [3, 'runInTest is 3, not an object'],
])('options that are not right are told in one line: %j', async (options, line) => {
  await expect(runInTest(sum, options as never)).rejects.toThrow(line)
})

test(
  "a program's failure says the line of the program",
  async () => {
    writeFileSync(
      join(folder, 'failing.ts'),
      source('', 'fail()').replace('export', "const fail = (): number => { throw new Error('no') }\nexport"),
    )
    const failing = runInTest(join(folder, 'failing.ts'), { processes: 1 })
    await expect(failing).rejects.toThrow(/Error: no[\s\S]*failing\.ts:\d+:\d+/)
  },
  timeoutMs,
)

test('what is wrong is thrown, before anything is started', async () => {
  await expect(runInTest('./nowhere.ts')).rejects.toThrow('no program module at ./nowhere.ts')
  await expect(runInTest(sum, { sizes: { rows: 3 } })).rejects.toThrow("program 'sum' has no size 'rows'")
  await expect(runInTest(sum, { processes: 2, kill: [{ who: 2, at: { ms: 10 } }] })).rejects.toThrow(
    'kill: there is no process 2: processes are 0 to 1',
  )
  const aborted = AbortSignal.abort()
  await expect(runInTest(sum, { signal: aborted })).rejects.toThrow('interrupted')
})

test(
  'in node:test',
  async () => {
    writeFileSync(
      join(folder, 'sum.test.js'),
      `
import assert from 'node:assert'
import test from 'node:test'
import { runInTest } from 'paritas/testing'

test('survives a loss', async () => {
  const { recoveries, verified } = await runInTest(new URL('./sum.ts', import.meta.url), {
    processes: 2,
    sizes: { steps: 10000 },
    kill: [{ who: 'random', at: { share: 0 } }],
  })
  assert.equal(recoveries.length, 1)
  assert.equal(verified, true)
})
`,
    )
    const child = spawn(process.execPath, ['--test', join(folder, 'sum.test.js')], { cwd: folder, env: nodeEnv() })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    const [exitCode] = (await once(child, 'close')) as [number]
    expect(text).toMatch(/pass 1\b/)
    expect(exitCode).toBe(0)
  },
  timeoutMs,
)

/** As from a shell: what vitest tells its own workers is not for it. */
function nodeEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env
  return env
}
