/** What becomes of lines that a program logs or prints, over a recovery. */
import { afterAll, expect, test } from 'vitest'
import { WholeLines } from '../../src/machine/program/printed-lines.ts'
import { Commands } from './run-command.ts'

const commands = new Commands()
afterAll(() => commands.remove())

const program = `import { defineProgram, u32 } from 'paritas'

export default defineProgram({
  name: 'talks',
  memory: () => ({ count: u32() }),
  start: (self) => self.next(),
  step(self) {
    const end = performance.now() + 1
    while (performance.now() < end) {}
    self.memory.count += 1
    self.progress(self.memory.count, 400)
    if (self.memory.count % 100 === 0) {
      self.log('at', { count: self.memory.count }, new URL('http://a/b').searchParams)
      self.log('two\\nlines')
      self.emit(self.memory.count)
      console.log('printed', self.memory.count)
      process.stderr.write('one\\ntwo\\n')
    }
    return self.memory.count < 400 ? self.next() : self.done()
  },
  verify: ({ emitted }) => (emitted.join() === '100,200,300,400,100,200,300,400' ? null : emitted.join()),
})
`

test('a line that is logged is shown once with rank and time, one that is printed at once with its rank', async () => {
  commands.write('talks.ts', program)
  const { exitCode, stdout, stderr } = await commands.run([
    ...['run', './talks.ts', '--processes', '2', '--timeout', '20ms', '--kill', '1@60%'],
  ])
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('killing application processor')])
  const logged = stdout.split('\n').filter((line) => line.includes('  process '))
  for (const line of logged) expect(line).toMatch(/^ +[\d.]+ m?s {2}process [01]: /)
  for (const rank of [0, 1]) {
    const own = logged
      .map((line) => line.replace(/^ +[\d.]+ m?s {2}/, ''))
      .filter((line) => line.startsWith(`process ${rank}`))
    const expected = [100, 200, 300, 400].flatMap((count) => [
      `at { count: ${count} } URLSearchParams {}`,
      'two',
      'lines',
    ])
    expect(own).toEqual(expected.map((text) => `process ${rank}: ${text}`))
  }
  const printed = stderr.trimEnd().split('\n')
  for (const line of printed) expect(line).toMatch(/^process [01]: (printed \d00|one|two)$/)
  for (const rank of [0, 1]) expect(printed).toContain(`process ${rank}: printed 400`)
})

test('a line that is printed in a step that never ends comes at once, also one that comes in pieces', async () => {
  commands.write(
    'endless.ts',
    `import { defineProgram } from 'paritas'

export default defineProgram({
  name: 'endless', memory: () => ({}), start: (self) => self.next(),
  step(self) {
    process.stdout.write('raw, ')
    console.error('error')
    process.stdout.write(Buffer.from('and its €\\n').subarray(0, 9))
    process.stdout.write(Buffer.from('and its €\\n').subarray(9))
    for (let line = 0; ; line += 1) {
      if (line < 4) console.log('line', line)
    }
    return self.done()
  },
})
`,
  )
  // A pipe that both streams of the command share.
  const command = commands.start(['run', './endless.ts', '--processes', '1'], 'exec 2>&1')
  await command.said(/^process 0: error\nprocess 0: raw, and its €\n(process 0: line \d\n){4}/m)
  command.signal('SIGINT')
  expect((await command.ended).exitCode).toBe(130)
})

test('what a program prints last comes before the run fails, ended where it has no end', async () => {
  commands.write(
    'last.ts',
    `import { defineProgram } from 'paritas'

export default defineProgram({
  name: 'last', memory: () => ({}), start: (self) => self.next(),
  step(self) {
    process.stdout.write('the end')
    if (self.rank === 0) throw new Error('of it')
    return self.done()
  },
})
`,
  )
  const { exitCode, stderr } = await commands.run(['run', './last.ts', '--processes', '1'])
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/^(process 0: the end\n)+paritas: process 0 failed: Error: of it\n/),
  ])
})

test('a terminal shows each line by itself, and not in the line of progress', async () => {
  commands.write(
    'slow.ts',
    `import { defineProgram } from 'paritas'

export default defineProgram({
  name: 'slow', memory: () => ({}), start: (self) => self.next(),
  step(self) {
    for (let line = 0; line < 4; line += 1) {
      for (const end = performance.now() + 400; performance.now() < end; );
      console.log('line', line)
    }
    return self.done()
  },
})
`,
  )
  const inTerminal = 'export TERM=xterm; exec script -qefc "stty cols 80; \\"$0\\" $*" /dev/null'
  const { exitCode, stdout } = await commands.run(['run', './slow.ts', '--processes', '1'], inTerminal)
  expect(exitCode).toBe(0)
  const before = stdout.split('process 0: line').slice(0, -1)
  expect(before).toHaveLength(4)
  for (const text of before) expect(text.endsWith('\r\x1b[2K')).toBe(true)
  expect(stdout).toMatch(/ {2}\d\.\d s/)
})

test('lines that come in pieces are put together by their bytes', () => {
  let written = ''
  const lines = new WholeLines('> ', (bytes) => {
    written += bytes
  })
  for (const piece of ['a', 'b\nc', '\n\n', '', 'd\ne']) lines.add(Buffer.from(piece))
  expect(written).toBe('> ab\n> c\n> \n> d\n')
  lines.end()
  lines.end()
  expect(written).toBe('> ab\n> c\n> \n> d\n> e\n')
})
