/** What a run tells of itself while it goes on, to people and to the tools of the system. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { Commands } from './run-command.ts'
import { finished, runProgram } from './run-program.ts'

const commands = new Commands()
afterAll(() => commands.remove())

const small = ['--processes', '3']

/** A module whose processes take three steps, and do `deed` in the second; `start` is what they begin with. */
function module(name: string, deed: string, start = 'return self.next()'): string {
  commands.write(
    `${name}.ts`,
    `import { defineProgram, u32 } from 'paritas'

const busy = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end; );
}

export default defineProgram({
  name: '${name}',
  memory: () => ({ count: u32() }),
  start(self) {
    ${start}
  },
  step(self) {
    self.memory.count += 1
    if (self.memory.count === 2) {
      ${deed}
    }
    return self.memory.count < 3 ? self.next() : self.done()
  },
})
`,
  )
  return `./${name}.ts`
}

describe('a step that throws always, in every process', () => {
  const tried = async (name: string, deed: string): Promise<{ stdout: string; stderr: string }> => {
    const { exitCode, stdout, stderr } = await commands.run(['run', module(name, deed), ...small])
    expect(exitCode, stderr).toBe(2)
    expect(stdout.match(/ threw: /g), 'it is told of once that it is tried again').toHaveLength(1)
    expect(stdout.match(/going back once/g)).toHaveLength(1)
    return { stdout, stderr }
  }

  test('is the error of the program, with its line and its causes', async () => {
    const { stderr } = await tried(
      'throws',
      `const cause = new TypeError('no such file', { cause: 'a wrong name' })
      throw new Error('cannot go on in ' + self.rank, { cause })`,
    )
    expect(stderr).toMatch(
      new RegExp(
        [
          '^paritas: process (\\d) failed: Error: cannot go on in \\1',
          ' {4}at .*/throws\\.ts:17:13\\)',
          '  caused by TypeError: no such file',
          ' {4}at .*/throws\\.ts:16:21\\)',
          '  caused by thrown: a wrong name\n$',
        ].join('\n'),
      ),
    )
  })

  test.each([
    [
      'no error',
      'no-error',
      "throw 'nothing in ' + self.rank",
      /^paritas: process (\d) failed: thrown: nothing in \1\n$/,
    ],
    [
      'the end of its thread',
      'exits',
      'process.exit(self.rank)',
      /^paritas: process (\d) ended its thread with exit code \1\n$/,
    ],
  ])('also where it is %s', async (_, name, deed, line) => {
    expect((await tried(name, deed)).stderr).toMatch(line)
  })
})

describe('a step that goes on for long', () => {
  test('is told of, with who is in it', async () => {
    const deed = 'busy(self.rank === 1 ? 3600 : 0)'
    const { exitCode, stdout } = await commands.run(['run', module('long', deed), ...small])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ +[23]\.\d\d s {2}process 1 in step 2 for [23] s$/m)
  })

  test('may be the start, of all of them', async () => {
    const { stdout } = await commands.run(['run', module('slow-start', '', 'busy(3600)\nreturn self.next()'), ...small])
    expect(stdout).toMatch(/ {2}process(?:es)? [012](?:, 1)?(?: and [12])? in start for [23] s$/m)
  })
})

test('a spare that takes a place is told of, with its pid', async () => {
  const { stdout } = await commands.run(['run', module('short', 'busy(1500)'), ...small, '--kill', '1@1s'])
  const [, pid] = /spare processor +pid (\d+)/.exec(stdout) ?? []
  expect(stdout).toMatch(new RegExp(`^ +\\d.* {2}pid ${pid} takes the place of application processor 1$`, 'm'))
})

test('--kill at a share of a progress that is never told: said at the start, and what to write instead', async () => {
  const instead = 'write a time, such as 1@2s, or a commit, such as 1@commit:3'
  const kill = ['--kill', '1@50%']
  const never = await commands.run(['run', module('silent', ''), ...small, ...kill])
  expect(never.exitCode).toBe(0)
  const [start, end] = never.stdout.split('application processors')
  expect(start).toContain(
    `  --kill 1@50% will not come: this program reports no progress (self.progress); ${instead}\n`,
  )
  expect(end).toContain(`  --kill 1@50% did not happen: the program reported no progress (self.progress); ${instead}\n`)
  const reporting = module('reporting', 'self.progress(self.memory.count, 3)')
  const late = await commands.run(['run', reporting, ...small, '--kill', '1@90%'])
  expect(late.stdout).not.toContain('reports no progress')
  expect(late.stdout).toContain('--kill 1@90% did not happen: the run ended first, or there was nobody to hit\n')
  const atOnce = await commands.run(['run', './silent.ts', ...small, '--kill', '1@0%'])
  expect(atOnce.stdout).not.toContain('reports no progress')
})

test('processors are told apart by what the system calls them, also the one that takes a place', async () => {
  const titles = new Map<string, string>()
  const note = (name: string, pid: number): void => {
    titles.set(name, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', '').split(' ').slice(0, 3).join(' '))
  }
  let replacement = 0
  const ran = await runProgram({
    program: 'ring',
    sizes: ['rounds=1000'],
    faults: [{ kind: 'kill', who: 'a2', when: { kind: 'progress', share: 0.3 } }],
    options: { timeoutMs: 20 },
    onNews(news) {
      if (news.type === 'started') for (const { name, pid } of news.processors) note(name, pid)
      if (news.type === 'replaced') replacement = news.pid
      if (news.type === 'resumed') note('replacement', replacement)
    },
  })
  finished(ran)
  // It may have been on its way yet.
  titles.delete('spare')
  expect(Object.fromEntries(titles)).toEqual({
    'application processor 0': 'paritas: a0 ring',
    'application processor 1': 'paritas: a1 ring',
    'application processor 2': 'paritas: a2 ring',
    'application processor 3': 'paritas: a3 ring',
    'checkpoint processor': 'paritas: c0 ring',
    'backup processor': 'paritas: b0 ring',
    replacement: 'paritas: a2 ring',
  })
})
