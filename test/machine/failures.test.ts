/** What bad things get: one clear line, the right exit code, no stack of ours, and nothing left behind. */
import { readdirSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { Commands, type Ended } from './run-command.ts'

const commands = new Commands()
afterAll(() => commands.remove())

const small = ['--processes', '2']

/** A module whose processes count to 300, and do `deed` in process 1 when they are half way. */
function counter(name: string, deed: string): string {
  commands.write(
    `${name}.ts`,
    `import { existsSync, writeFileSync } from 'node:fs'
import { defineProgram, u32 } from 'paritas'

interface Deed { readonly count: number }

export default defineProgram({
  name: '${name}',
  memory: () => ({ count: u32() }),
  start: (self) => self.next(),
  step(self) {
    self.memory.count += 1
    if (self.rank === 1 && self.memory.count === 150) {
      ${deed}
    }
    return self.memory.count < 300 ? self.next() : self.done(self.memory.count)
  },
})
`,
  )
  return `./${name}.ts`
}

const minimal = `import { defineProgram } from 'paritas'
export default defineProgram({
  name: 'minimal', memory: () => ({}), start: (self) => self.done(), step: (self) => self.done(),
})
`

/** The one line that says what is wrong; what stands below it is the program's own stack. */
function told({ stderr }: Ended): { readonly line: string; readonly stack: readonly string[] } {
  const [line = '', ...stack] = stderr.trimEnd().split('\n')
  expect(stderr.match(/^paritas: /gm), stderr).toHaveLength(1)
  expect(line).toMatch(/^paritas: /)
  for (const frame of stack) expect(frame).toMatch(/^ {4}at .*\/[\w-]+\.ts:\d+:\d+\)?$/)
  return { line, stack }
}

/** Exit code 1 before any processor is started. */
async function refused(args: readonly string[]): Promise<string> {
  const ended = await commands.run(args)
  expect(ended.exitCode).toBe(1)
  expect(ended.stdout).not.toContain('processor')
  const { line, stack } = told(ended)
  expect(stack).toEqual([])
  return line
}

describe('processors that end before they are ready', () => {
  const ended = (deed: string): Promise<Ended> => {
    commands.write('at-start.cjs', `if (process.argv[1]?.endsWith('/bundles/processor.cjs')) { ${deed} }`)
    return commands.run(['run', 'ring', ...small], `export NODE_OPTIONS="--require ${commands.folder}/at-start.cjs"`)
  }

  test('as somebody else ends them', async () => {
    const { exitCode, stderr } = await ended(`process.kill(process.pid, 'SIGKILL')`)
    expect(stderr).toBe(
      'paritas: 3 processors in a row ended before they were ready; the last: its process was ended by SIGKILL from outside (the system ends processes like that when memory is short)\n',
    )
    expect(exitCode).toBe(3)
  })

  test('of themselves', async () => {
    const { exitCode, stderr } = await ended('process.exit(9)')
    expect(stderr).toMatch(
      /^paritas: internal error: 3 processors in a row ended before they were ready; the last: its process ended with exit code 9\n/,
    )
    expect(exitCode).toBe(70)
  })
})

describe('a module that is no program', () => {
  const define = (parts: string): string =>
    `import { defineProgram, f64 } from 'paritas'\nexport default defineProgram({ name: 'mine', ${parts} })\n`
  const steps = 'start: (self) => self.done(), step: (self) => self.done()'

  test('missing', async () => {
    expect(await refused(['run', './nowhere.ts'])).toBe('paritas: no program module at ./nowhere.ts')
  })

  test.each([
    ['without default export', 'export const sum = 1', /^paritas: mine.ts: no default export: /],
    ['that exports something else', 'export default 5', /^paritas: mine.ts: the default export must be .*, but is 5$/],
    ['without memory', define(steps), /^paritas: mine.ts: memory must be a function, but is missing$/],
    [
      'with memory that is no memory',
      define(`memory: () => ({ total: 5 }), ${steps}`),
      /^paritas: program 'mine': memory\(\) of process 0 must return fields made by .*, but 'total' is 5$/,
    ],
    [
      'with sizes that are none',
      define(`size: { rounds: 3 }, memory: () => ({}), ${steps}`),
      /^paritas: mine.ts: size.rounds must be made by integer, number, choice or text, but is 3$/,
    ],
    [
      'that throws while loading',
      `const limit: number = 5\nif (limit > 4) throw new Error('too much')\nexport default limit\n`,
      /^paritas: mine.ts:2:22: the module throws while loading: too much$/,
    ],
    ['with a syntax error', 'const one = 1\nconst two = = 2\n', /^paritas: mine.ts:2:13: Unexpected "="$/],
    [
      'that imports what is not there',
      `import { sum } from './sums.ts'\nexport default sum\n`,
      /^paritas: mine.ts:1:21: Could not resolve "\.\/sums.ts"$/,
    ],
  ])('%s', async (_, source, line) => {
    commands.write('mine.ts', source)
    expect(await refused(['run', './mine.ts'])).toMatch(line)
  })

  test.each([
    ['that ends the command while it loads', 'process.exit(0)'],
    ['that loads forever', 'await new Promise(() => {})'],
  ])('%s', async (_, statement) => {
    commands.write('mine.ts', `${statement}\nexport default {}\n`)
    const ended = await commands.run(['run', './mine.ts'])
    expect(told(ended)).toEqual({
      line: 'paritas: the program ended the command: neither call process.exit nor await what never comes',
      stack: [],
    })
    expect([ended.exitCode, ended.stdout]).toEqual([2, ''])
  })
})

test('a module that throws only where a processor loads it', async () => {
  const entry = `process.argv[1]?.endsWith('processor.cjs')`
  commands.write('mine.ts', `if (${entry}) throw new Error('not here')\n${minimal}`)
  const ended = await commands.run(['run', './mine.ts'])
  expect(told(ended).line).toBe('paritas: the module throws while a processor loads it: Error: not here')
  expect(ended.exitCode).toBe(2)
})

describe('a command that asks for what cannot be', () => {
  const filler = (values: string): string =>
    `import { defineProgram, f64 } from 'paritas'
     export default defineProgram({
       name: 'filler', memory: () => ({ values: f64(${values}) }),
       start: (self) => self.done(), step: (self) => self.done(),
     })`

  test('an unknown option', async () => {
    const line = await refused(['run', 'ring', '--proceses', '3'])
    expect(line).toBe("paritas: unknown option '--proceses': did you mean --processes? (see paritas run --help)")
  })

  test('more memory than one process can have', async () => {
    commands.write('filler.ts', filler('2 ** 29'))
    expect(await refused(['run', './filler.ts'])).toMatch(
      /^paritas: process 0 would need 4.0 GiB of memory, and one process can have 1.3 GiB: /,
    )
  })

  test('more memory than there is', async () => {
    commands.write('filler.ts', filler('2 ** 27'))
    expect(await refused(['run', './filler.ts', '--processes', '240'])).toMatch(
      /^paritas: the run would need about \d+\.\d GiB of memory, and \d+\.\d GiB are available: /,
    )
  })
})

describe('a step', () => {
  /** Exit code 2; returns what is told. */
  async function failed(program: string): Promise<ReturnType<typeof told>> {
    const ended = await commands.run(['run', program, ...small])
    expect(ended.exitCode, ended.stderr).toBe(2)
    expect(ended.stdout).not.toContain('    at ')
    return told(ended)
  }

  test('that throws every time ends the run with its own stack, after one more try', async () => {
    const program = counter('throws', `const deed: Deed = self.memory\n      throw new RangeError('at ' + deed.count)`)
    const ended = await commands.run(['run', program, ...small])
    expect(ended.exitCode).toBe(2)
    expect(told(ended)).toEqual({
      line: 'paritas: process 1 failed: RangeError: at 150',
      stack: [expect.stringMatching(/^ {4}at .*\/throws\.ts:14:13\)$/)],
    })
    expect(ended.stdout.match(/going back once/g)).toHaveLength(1)
  })

  test('that throws only once does no harm', async () => {
    const deed = `if (!existsSync('thrown')) {\n writeFileSync('thrown', '')\n throw new Error('once')\n }`
    const ended = await commands.run(['run', counter('throws-once', deed), ...small])
    expect([ended.exitCode, ended.stderr]).toEqual([0, ''])
    expect(ended.stdout).toContain('a step of process 1 threw: Error: once')
    expect(ended.stdout).toMatch(/result of process 1 +300/)
  })

  test('that leaves a rejection to nobody', async () => {
    const program = counter('rejects', `void Promise.reject(new Error('nobody waits'))`)
    const { line, stack } = await failed(program)
    expect(line).toBe(
      'paritas: process 1 failed: Error: a step has begun a promise, which would go on after it: all that a step does must be over when it returns',
    )
    expect(stack[0]).toMatch(/\/rejects\.ts:13:20\)$/)
  })

  test('that throws what cannot be read', async () => {
    const body = `get message() { return 'status ' + (this as unknown as { up: { status: 1 } }).up.status }`
    const deed = `class Unreadable extends Error { override ${body} }\n      throw new Unreadable()`
    const { line, stack } = await failed(counter('unreadable', deed))
    const why = "Cannot read properties of undefined (reading 'status')"
    expect(line).toBe(`paritas: process 1 failed: Error: (its message cannot be read: ${why})`)
    expect(stack[0]).toMatch(/\/unreadable\.ts:14:13\)$/)
  })

  test('that sends to a rank that does not exist', async () => {
    const { line, stack } = await failed(counter('sends', `self.send(7, 'news', 1)`))
    expect(line).toBe(
      "paritas: process 1 failed: RangeError: process 1 sent 'news' to process 7, but ranks go from 0 to 1",
    )
    expect(stack[0]).toMatch(/\/sends\.ts:13:12\)$/)
  })

  test('that runs out of memory', async () => {
    const deed = 'for (const all: number[][] = []; ; ) all.push(new Array<number>(100_000).fill(0.5))'
    expect(await failed(counter('hoards', deed))).toEqual({
      line: 'paritas: process 1 ran out of memory: its heap is limited to 1024 MiB',
      stack: [],
    })
  })

  test('that calls process.exit', async () => {
    expect(await failed(counter('exits', 'process.exit(0)'))).toEqual({
      line: 'paritas: process 1 ended its thread with exit code 0',
      stack: [],
    })
  })

  test('that calls process.abort', async () => {
    const { line, stack } = await failed(counter('aborts', 'process.abort()'))
    expect(line).toMatch(/^paritas: process 1 failed: TypeError: process.abort\(\) is not supported/)
    expect(stack[0]).toMatch(/\/aborts\.ts:13:15\)$/)
  })

  test('that takes its whole processor with it does not go round forever', async () => {
    const { line, stack } = await failed(counter('kills', `process.kill(process.pid, 'SIGKILL')`))
    expect(line).toMatch(
      /^paritas: application processor 1 was lost 10 times one right after another, with no checkpoint committed /,
    )
    expect(line).toMatch(/its process was ended by SIGKILL the last time \(the system ends processes like that when /)
    expect(stack).toEqual([])
  })

  test('that fails says so as JSON too', async () => {
    const ended = await commands.run(['run', './sends.ts', ...small, '--json'])
    expect(ended.exitCode).toBe(2)
    expect(JSON.parse(ended.stdout)).toEqual({
      error: "process 1 failed: RangeError: process 1 sent 'news' to process 7, but ranks go from 0 to 1",
      exitCode: 2,
      detail: expect.stringMatching(/^ {4}at .*\/sends\.ts:13:12\)$/),
    })
  })
})

describe('an output that finds no space', () => {
  const sort = (...args: readonly string[]) => ['run', 'merge-sort', ...small, '--size', 'records=200000', ...args]

  test('on a full device is kept elsewhere', async () => {
    const ended = await commands.start(sort('--output', '/dev/full')).ended
    expect(ended.exitCode).toBe(1)
    const { line, stack } = told(ended)
    expect([line, stack]).toEqual([
      expect.stringMatching(/^paritas: --output \/dev\/full: no space left on the disk; the whole /),
      [],
    ])
    expect(commands.takeKept(line).split('\n')).toHaveLength(200_001)
    commands.expectNothingLeft()
  })

  test('half way through leaves neither a file nor a part of it', async () => {
    // Blocks of 512 bytes: enough for what the run itself needs, not for all of the output.
    const ended = await commands.run(sort('--output', 'sorted.txt'), 'ulimit -f 2048')
    expect(ended.exitCode).toBe(1)
    expect(told(ended).line).toMatch(
      /^paritas: --output sorted.txt: the file would become too large; nor can it be kept in \S+ or \S+$/,
    )
    expect(readdirSync(commands.folder).filter((name) => /sorted|paritas/.test(name))).toEqual([])
  })
})

describe('a run that is interrupted', () => {
  const endless = (): string => counter('endless', 'self.progress(1, 2)\n      for (;;) {}')
  const patient = (): string => {
    commands.write(
      'patient.ts',
      `import { defineProgram, u32 } from 'paritas'
       export default defineProgram({
         name: 'patient', memory: () => ({ count: u32() }),
         start: (self) => self.receive({}), step: (self) => self.done(),
       })`,
    )
    return './patient.ts'
  }

  async function expectInterrupted(ended: Promise<Ended>): Promise<void> {
    const it = await ended
    expect(it.exitCode).toBe(130)
    expect(it.stderr).toBe('paritas: interrupted\n')
    commands.expectNothingLeft()
  }

  test('by Ctrl-C, in the middle of a step that never ends', async () => {
    const command = commands.start(['run', endless(), ...small])
    await command.said(/ 50 %/)
    command.signalGroup('SIGINT')
    await expectInterrupted(command.ended)
  })

  test('by Ctrl-C while its processors are starting', async () => {
    const command = commands.start(['run', patient(), ...small])
    await command.said(/^patient on 2 processes/)
    command.signalGroup('SIGINT')
    await expectInterrupted(command.ended)
  })

  test('by SIGTERM, with a processor that is frozen', async () => {
    const command = commands.start(['run', patient(), ...small, '--timeout', '20ms'])
    const [first] = await command.processors()
    process.kill(first!, 'SIGSTOP')
    command.signal('SIGTERM')
    await expectInterrupted(command.ended)
  })

  test.each(['SIGTERM', 'SIGHUP'] as const)('by %s to every process of it', async (signal) => {
    const command = commands.start(['run', patient(), ...small, '--conductors', '2'])
    await command.said(/ 1 standby conductor /)
    command.signalGroup(signal)
    await expectInterrupted(command.ended)
  })

  test.each(['while it computes', 'with one of its processors frozen'])('by SIGKILL %s', async (when) => {
    const command = commands.start(['run', endless(), ...small])
    const processors = await command.processors()
    expect(processors).toHaveLength(5)
    await command.said(/ 50 %/)
    if (when !== 'while it computes') process.kill(processors[1]!, 'SIGSTOP')
    command.signal('SIGKILL')
    await command.ended
    await commands.untilNothingLeft()
  })

  test('by SIGKILL as soon as its first processor is there', async () => {
    const command = commands.start(['run', patient(), ...small, '--conductors', '2'])
    await commands.untilProcessor()
    command.signal('SIGKILL')
    await command.ended
    await commands.untilNothingLeft()
  })
})

describe('a program that waits for ever', () => {
  const waiting = (name: string, waits: string): string => {
    commands.write(
      `${name}.ts`,
      `import { defineProgram } from 'paritas'
export default defineProgram({
  name: '${name}',
  memory: () => ({}),
  start(self) {
    ${waits}
  },
  step: (self) => self.done(),
})
`,
    )
    return `./${name}.ts`
  }

  test('is told, with who waits for what', async () => {
    const program = waiting(
      'deadlock',
      `if (self.rank === 2) return self.done()
    if (self.rank === 0) self.send(1, 'unwanted')
    return self.receive(self.rank === 0 ? { from: 1, tag: 'b' } : { tag: 'a' }, { from: 2 })`,
    )
    const ended = await commands.run(['run', program, '--processes', '3'])
    expect(ended.exitCode).toBe(2)
    expect(told(ended).line).toBe(
      "paritas: the program waits for ever, and no message is under way: process 0 for 'b' from process 1 and any message from process 2, process 1 for 'a' from anybody and any message from process 2; all others are done",
    )
  })

  test('under no protection and after a recovery too', async () => {
    const program = waiting('starved', 'return self.receive({ from: self.right })')
    const none = await commands.run(['run', program, ...small, '--scheme', 'none'])
    const lost = await commands.run(['run', program, ...small, '--kill', '1@commit:1', '--timeout', '50ms'])
    for (const ended of [none, lost]) {
      expect(ended.exitCode).toBe(2)
      expect(ended.stderr).toContain(
        'the program waits for ever, and no message is under way: process 0 for any message from process 1, process 1 for any message from process 0\n',
      )
    }
  })
})
