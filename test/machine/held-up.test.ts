/** A process that puts out more than may wait for a commit, while no commit is possible. */
import { afterAll, expect, test } from 'vitest'
import { Commands } from './run-command.ts'

const commands = new Commands()
afterAll(() => commands.remove())

/** Process 0 is in one step until a file is there; process 1 emits 400 times 16 KiB. */
const program = `import { existsSync } from 'node:fs'
import { defineProgram, u32 } from 'paritas'

export default defineProgram({
  name: 'babbles',
  memory: () => ({ count: u32() }),
  start: (self) => self.next(),
  step(self) {
    if (self.rank === 0) {
      while (!existsSync('go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
      return self.done(Date.now())
    }
    self.memory.count += 1
    self.emit({ at: Date.now(), text: 'x'.repeat(16384) })
    return self.memory.count < 400 ? self.next() : self.done(0)
  },
  verify({ results, emitted }) {
    const before = emitted.filter(({ at }) => at < results[0]).length
    return emitted.length === 400 && before > 50 && before < 66 ? null : before + ' of ' + emitted.length
  },
})
`

test('holds no more than the buffer, says what it waits for, and goes on', async () => {
  commands.write('babbles.ts', program)
  const options = ['--processes', '2', '--buffer', '1MiB', '--timeout', 'never']
  const command = commands.start(['run', './babbles.ts', ...options])
  await command.said(/ waits: /)
  commands.write('go', '')
  const { exitCode, stdout, stderr } = await command.ended
  commands.expectNothingLeft()
  expect([exitCode, stderr]).toEqual([0, ''])
  const [line, ...others] = stdout.split('\n').filter((one) => one.includes(' waits: '))
  expect(line).toMatch(
    /process 1 waits: 1(\.\d+)? MiB of output and messages cannot be committed before process 0 has ended step 1$/,
  )
  expect(others).toEqual([])
})
