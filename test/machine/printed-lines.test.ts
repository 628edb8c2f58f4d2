/** What becomes of lines that a program logs or prints, over a recovery. */
import { afterAll, expect, test } from 'vitest'
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
      self.log('at', { count: self.memory.count })
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
    const expected = [100, 200, 300, 400].flatMap((count) => [`at { count: ${count} }`, 'two', 'lines'])
    expect(own).toEqual(expected.map((text) => `process ${rank}: ${text}`))
  }
  const printed = stderr.trimEnd().split('\n')
  for (const line of printed) expect(line).toMatch(/^process [01]: (printed \d00|one|two)$/)
  for (const rank of [0, 1]) expect(printed).toContain(`process ${rank}: printed 400`)
})
