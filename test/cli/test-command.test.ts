import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Commands } from '../machine/run-command.ts'
import { root } from '../tidy/sources.ts'

/** Each test makes several runs on real processes. */
const timeoutMs = 240_000

/** Fewer processors start sooner. */
const small = ['--processes', '2']

const commands = new Commands()
afterAll(() => commands.remove())

const guide = readFileSync(join(root, 'docs', 'guide.md'), 'utf8')
const chapter = guide.slice(guide.indexOf('## Test your program'))
const [, average] = /^```ts\n(.*?)^```/ms.exec(chapter)!

/** The program with a mistake that the guide shows, with another of those that it names in its place. */
function mistaken(name: string): string {
  const line = `self.memory.total += ${name}`
  expect(chapter).toContain(`| \`${line}\` |`)
  return average!.replace('self.memory.total += calls', line)
}

/** Takes 40 steps, in each of which process 1 does `deed` and process 0 `other`, and is done with what it has gathered. */
function program(deed: string, { other = '', head = '', rest = '' } = {}): string {
  return `
import { defineProgram, f64, u32 } from 'paritas'
${head}
export default defineProgram({
  name: 'tried',
  memory: () => ({ step: u32(), total: f64() }),
  vars: () => ({ seen: [] as unknown[] }),
  start: (self) => self.next(),
  step(self) {
    self.memory.step += 1
    if (self.rank === 1) {
      ${deed}
    } else {
      ${other}
    }
    return self.memory.step < 40 ? self.next() : self.done({ total: self.memory.total, seen: self.vars.seen.length })
  },
  ${rest}
})
`
}

beforeAll(() => {
  // Only process 1 makes it.
  commands.write('counter.ts', mistaken('calls').replace('calls += 1', 'if (self.rank === 1) calls += 1'))
  const closure = '(() => { let calls = 0; return () => (calls += 1) })()'
  // So many that only a digest of them is told, and some of them whole by chance: the same values in other forms.
  const other = 'for (let i = 0; i < 50; i += 1) self.vars.seen.push(self.memory.step / 2 + i)'
  commands.write('closure.ts', program('self.vars.seen.push(tick())', { other, head: `const tick = ${closure}` }))
  commands.write(
    'checked.ts',
    program('self.memory.total += Math.random()', {
      rest: 'verify: ({ results }) => (results.length === 2 ? null : "few"),',
    }),
  )
  const drawing = 'drawn() + c.randomBytes(1)[0]! + c.getRandomValues(new Uint8Array(1))[0]!'
  const importing =
    "import { randomInt } from 'node:crypto'\nimport * as c from 'node:crypto'\nconst drawn = () => randomInt(9)"
  // All that differs from run to run, on one line: each process asks for another part of it.
  expect(mistaken('Date.now()')).toContain('total += Date.now()')
  const asking = mistaken('Math.random()').replace('Math', `self.rank > 0 ? Date.now() : ${drawing} + Math`)
  commands.write('outside.ts', `${asking}${importing}`)
  commands.write(
    'order.ts',
    `
import { defineProgram, u32 } from 'paritas'
export default defineProgram({
  name: 'order',
  memory: () => ({ step: u32() }),
  vars: () => ({ seen: [] as number[] }),
  start: (self) => (self.rank === 0 ? self.receive({}) : self.next()),
  step(self, [message]) {
    self.memory.step += 1
    if (self.rank === 0) self.vars.seen.push(message!.from)
    else self.send(0, 'x', self.memory.step)
    const isOver = self.memory.step === (self.rank === 0 ? 60 : 30)
    return isOver ? self.done(self.vars.seen) : self.rank === 0 ? self.receive({}) : self.next()
  },
})`,
  )
  commands.write(
    'short.ts',
    `import { defineProgram } from 'paritas'
export default defineProgram({ name: 'short', memory: () => ({}), start: (self) => self.done(1), step: (self) => self.done(1) })`,
  )
})

describe('a program that breaks the contract is found out', () => {
  test.each([
    [
      'counter.ts',
      'a variable of the module',
      'process 1: memory field total',
      ['variables of the module that steps may change: calls'],
    ],
    [
      'outside.ts',
      'random numbers and the time',
      'process 0: memory field total',
      [
        'it differs without losses too',
        /the program asks for .*Math\.random at \S*outside\.ts:12:/,
        /the program asks for .*Date\.now at \S*outside\.ts:12:/,
        ...['randomInt', 'randomBytes', 'getRandomValues'].map((name) => {
          return new RegExp(`crypto\\.${name} at \\S*outside\\.ts:\\d+:\\d+`)
        }),
      ],
    ],
  ])(
    '%s: %s',
    async (file, _, place, hints) => {
      const { exitCode, stderr, stdout } = await commands.run([
        'test',
        `./${file}`,
        '--runs',
        '1',
        '--seed',
        '11',
        ...small,
      ])
      expect(stdout).toContain('--seed 11')
      expect(exitCode, stdout + stderr).toBe(2)
      const [, rank, where] = /^process (\d): (.*)$/.exec(place)!
      expect(stderr).toMatch(new RegExp(`paritas: program 'average': .*process ${rank}: result is`))
      expect(stderr).toMatch(new RegExp(`it began in step \\d+ of process ${rank}, .*: ${where} is`))
      for (const hint of hints) expect(stderr).toMatch(hint)
      expect(stderr).toMatch(new RegExp(`again: paritas test ./${file} --seed 11 --runs? 1 --processes 2`))
    },
    timeoutMs,
  )

  test(
    'an order of messages that differs is told as that',
    async () => {
      const { exitCode, stderr } = await commands.run(['test', './order.ts', '--runs', '8', '--processes', '3'])
      expect(exitCode, stderr).toBe(2)
      expect(stderr).toMatch(
        /it began in step \d+ of process 0, by the order of messages: it was given 'x' from process/,
      )
      expect(stderr).toContain('messages of several processes come in no certain order')
      expect(stderr).not.toContain('a process keeps something outside')
    },
    timeoutMs,
  )

  test(
    'a captured variable of a closure, which only the memory shows, is told; --seed and --run repeat it',
    async () => {
      const line = /process 1 did not end with the same memory: vars.seen\[\d+\] is \d+, and \d+ in the first run/
      const given = await commands.run(['test', './closure.ts', '--runs', '1', '--seed', '3', ...small])
      expect(given.exitCode, given.stderr).toBe(0)
      // Of the other process, whose values are the same in other forms, nothing is told: it would be the first.
      expect(given.stdout).toMatch(line)
      const again = await commands.run(['test', './closure.ts', '--run', '1', '--seed', '3', '--json', ...small])
      expect(again.exitCode, again.stderr).toBe(0)
      expect(again.stderr).toMatch(line)
      expect(JSON.parse(again.stdout)).toMatchObject({
        ...{ program: 'tried', seed: 3, runs: 1, telling: 1, untold: [] },
        memory: { process: 1, place: expect.stringContaining('vars.seen[') },
      })
    },
    timeoutMs,
  )
})

test(
  'programs that ship pass',
  async () => {
    const ring = await commands.run(['test', 'ring', '--runs', '1', '--size', 'rounds=100', '--verbose', ...small])
    expect(ring.exitCode, ring.stderr).toBe(0)
    expect(ring.stdout).toMatch(
      /run 1: one loss \(--kill \d@commit:\d+\): 1 fault, \d times? back, [12] went on from there/,
    )
    expect(ring.stdout).toContain('every run gave what the first gave: 1 run with losses in')
    const sort = await commands.run([
      'test',
      'merge-sort',
      '--runs',
      '1',
      '--size',
      'records=20000',
      '--json',
      ...small,
    ])
    expect(sort.exitCode, sort.stderr).toBe(0)
    expect(JSON.parse(sort.stdout)).toMatchObject({ program: 'merge-sort', runs: 1, accepted: 0 })
  },
  timeoutMs,
)

test(
  'what may differ is decided by verify, or by the module of --compare',
  async () => {
    const verified = await commands.run(['test', './checked.ts', '--runs', '1', ...small])
    expect(verified.exitCode, verified.stderr).toBe(0)
    expect(verified.stdout).toMatch(/run 1: process 1: result.total is .*, and .* in the first run; verify accepts it/)
    expect(verified.stdout).toContain('every run is right, though 1 differ')
    commands.write('never.ts', 'export default () => "never the same"')
    const refused = await commands.run([
      'test',
      './outside.ts',
      '--runs',
      '1',
      '--compare',
      './never.ts',
      '--json',
      ...small,
    ])
    expect(refused.exitCode).toBe(2)
    const { error, detail } = JSON.parse(refused.stdout) as { error: string; detail: string }
    expect(error).toMatch(/: never the same$/)
    expect(detail).toContain('first place: process 0: result is')
    expect(detail).toMatch(/again: paritas test .\/outside.ts --seed \d+ --runs? 1 --processes 2 --compare .\/never.ts/)
  },
  timeoutMs,
)

test(
  'a program that is over before anything can be lost is no passed test',
  async () => {
    const { exitCode, stderr } = await commands.run(['test', './short.ts', '--runs', '1', ...small])
    expect(stderr).toMatch(/^paritas: nothing was tested: .* the program is over after \d+ ms; give it more to do/m)
    expect(exitCode).toBe(1)
  },
  timeoutMs,
)

test.each([
  [['--run', '3'], '--run 3: say by --seed which runs are meant'],
  [['--runs', '0'], '--runs must be'],
  [['--compare', './nothing.ts'], 'no module at ./nothing.ts'],
  [['--compare', './counter.ts'], '--compare ./counter.ts: its default export must be a function'],
  [['--size', 'x=1'], "program 'average' has no"],
])(
  'bad usage ends with exit code 1: %s',
  async (options, message) => {
    const { exitCode, stderr } = await commands.run(['test', './counter.ts', ...options])
    expect(stderr).toContain(message)
    expect(exitCode).toBe(1)
  },
  timeoutMs,
)

test(
  'Ctrl-C ends it, and nothing is left',
  async () => {
    const command = commands.start(['test', 'ring', '--runs', '5'])
    await commands.untilProcessor()
    command.signalGroup('SIGINT')
    const { exitCode, stderr } = await command.ended
    expect(stderr).toContain('paritas: interrupted')
    expect(exitCode).toBe(130)
    await commands.untilNothingLeft()
  },
  timeoutMs,
)

test("an input that the program cannot read is the program's fault, as in a run", async () => {
  const rest = "input: { description: 'numbers', parse: () => { throw new TypeError('no sense in it') } },"
  const [file, input] = ['unread.ts', 'numbers.txt'].map((name) => join(commands.folder, name)) as [string, string]
  commands.write('unread.ts', program('', { rest }))
  commands.write('numbers.txt', '1\n')
  for (const command of ['run', 'test']) {
    const { exitCode, stderr } = await commands.run([command, file, '--input', input])
    expect([exitCode, stderr.split('\n')[0]]).toEqual([
      2,
      expect.stringMatching(/^paritas: input\.parse of program 'tried'.*no sense in it/),
    ])
  }
})
