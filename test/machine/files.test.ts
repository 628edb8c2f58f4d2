/** The files of users, where the command runs as a process: pipes, full disks, limits, and what the shell has opened. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { Commands } from './run-command.ts'

const commands = new Commands()
afterAll(() => commands.remove())

commands.write(
  'lines.ts',
  `import { defineProgram } from 'paritas'
export default defineProgram({
  name: 'lines',
  memory: () => ({}),
  start(self) {
    if (self.rank === 0) for (let line = 1; line <= 100; line += 1) self.emit(line)
    return self.done(1)
  },
  step: (self) => self.done(1),
  input: {
    description: 'anything',
    async parse(lines) {
      console.log('reads')
      for await (const _ of lines);
      return { data: new Uint8Array(1) }
    },
  },
  output: { format: (line) => 'line ' + line + '\\n' },
  verify() {
    setImmediate(() => console.log('waits'))
    return null
  },
})
`,
)
const run = ['run', './lines.ts', '--processes', '2', '--spares', '0', '--scheme', 'none']
const all = Array.from({ length: 100 }, (_, index) => `line ${index + 1}\n`).join('')

describe('a pipe that has no other end', () => {
  beforeEach(() => {
    if (!commands.has('pipe')) execFileSync('mkfifo', ['pipe'], { cwd: commands.folder })
  })

  test.each([
    ['--input', /^reads$/m, 'SIGINT'],
    ['--trace', /^lines on 2 processes/m, 'SIGINT'],
    ['--output', /^waits$/m, 'SIGINT'],
    ['--input', /^reads$/m, 'SIGTERM'],
    ['--trace', /^lines on 2 processes/m, 'SIGTERM'],
    ['--output', /^waits$/m, 'SIGTERM'],
  ] as const)('as %s, when it is waited for (%s): %s ends that with exit 130', async (option, waits, signal) => {
    const command = commands.start([...run, option, 'pipe'])
    await command.said(waits)
    command.signal(signal)
    const { exitCode, stderr } = await command.ended
    expect(exitCode).toBe(130)
    if (option === '--output') {
      expect(stderr).toMatch(/^paritas: interrupted; the whole /)
      expect(commands.takeKept(stderr)).toBe(all)
    } else expect(stderr).toBe('paritas: interrupted\n')
    commands.expectNothingLeft()
  })
})

describe('what the shell has opened', () => {
  test.each(['/dev/stdout', '/dev/fd/1', './log'])('--output %s >> log keeps the log', async (output) => {
    commands.write('log', 'before\n')
    const { exitCode } = await commands.run([...run, '--output', output], 'exec >> log')
    expect(exitCode).toBe(0)
    expect(commands.read('log')).toMatch(/^before\n/)
    expect(commands.read('log')).toContain(all)
  })

  test('--trace /dev/stdout >> log keeps it too', async () => {
    commands.write('log', 'before\n')
    const { exitCode } = await commands.run([...run, '--trace', '/dev/stdout'], 'exec >> log')
    expect(exitCode).toBe(0)
    expect(commands.read('log')).toMatch(/^before\n/)
    expect(commands.read('log')).toMatch(/^\{"ms":/m)
  })

  test.each([
    ['--json', [...run, '--json']],
    ['the report of a run', run],
    ['programs', ['programs']],
    ['help', ['--help']],
  ])('a full disk for stdout is an error: %s', async (_, argv) => {
    const { exitCode, stderr } = await commands.run(argv, 'exec > /dev/full')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^paritas: stdout: no space left on the disk\n$/m)
  })

  test('a disk that takes only a part of it is one too', async () => {
    // Blocks of 512 bytes: the help is longer.
    const { exitCode, stderr } = await commands.run(['run', '--help'], 'ulimit -f 1; exec > short')
    expect([exitCode, stderr]).toEqual([1, 'paritas: stdout: the file would become too large\n'])
    expect(commands.read('short')).toHaveLength(512)
  })
})

describe('a limit of the size of files: not even a temporary folder is left', () => {
  test.each([
    [0, ['measure'], /^paritas: cannot make a folder in .*: the file would become too large\n$/],
    [1, ['measure'], /^paritas: cannot write to .*: the file would become too large\n$/],
    [0, [...run, '--output', 'limited.txt'], /^paritas: the limit of file size is 0 B .*\n$/],
    [1, [...run, '--output', 'limited.txt'], /^paritas: the limit of file size is 512 B .*\n$/],
  ])('of %d blocks: %j', async (blocks, argv, line) => {
    const { exitCode, stderr } = await commands.run(argv, `ulimit -f ${blocks}`)
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(line)])
    expect(commands.has('limited.txt')).toBe(false)
  })
})

test('two runs to one file: the last one wins, and both end well', async () => {
  commands.write('out.txt.partial', 'mine')
  const both = [1, 2].map(() => commands.start([...run, '--output', 'out.txt']))
  const ended = await Promise.all(both.map((command) => command.ended))
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  expect(commands.read('out.txt')).toBe(all)
  expect(commands.read('out.txt.partial')).toBe('mine')
  expect(readdirSync(commands.folder).filter((name) => name.startsWith('.paritas-'))).toEqual([])
})
