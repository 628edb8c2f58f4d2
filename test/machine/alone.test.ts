/** What a processor does that hears its launcher no more, and then nobody at all. */
import { afterAll, expect, test, vi } from 'vitest'
import { patient } from '../load.ts'
import { Commands } from './run-command.ts'

const commands = new Commands()
afterAll(() => commands.remove())

/** Each process counts in a file of its own until there is a file that says stop. */
const program = `import { existsSync, writeFileSync } from 'node:fs'
import { defineProgram, u32 } from 'paritas'

export default defineProgram({
  name: 'counts',
  memory: () => ({ count: u32() }),
  start: (self) => self.next(),
  step(self) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    self.memory.count += 1
    writeFileSync('count-' + self.rank, String(self.memory.count))
    return existsSync('stop') ? self.done() : self.next()
  },
})
`

const timeout = patient(20_000)
const until = (isTrue: () => void): Promise<void> => vi.waitFor(isTrue, { timeout, interval: 50 })
const count = (): number => (commands.has('count-0') ? Number(commands.read('count-0')) : 0)

async function untilItCounts(): Promise<void> {
  const before = count()
  await until(() => expect(count()).toBeGreaterThan(before + 5))
}

/** Fails if it stands still for so long. */
async function countsFor(ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end; ) await untilItCounts()
}

async function untilItStandsStill(): Promise<void> {
  let [last, sinceMs] = [count(), performance.now()]
  await until(() => {
    const now = count()
    if (now !== last) [last, sinceMs] = [now, performance.now()]
    expect(performance.now() - sinceMs).toBeGreaterThan(1000)
  })
}

test('it goes on while others hear it, stands still while nobody does, and goes on again', {
  timeout: 5 * timeout,
}, async () => {
  commands.write('counts.ts', program)
  const command = commands.start(['run', './counts.ts', '--processes', '2'])
  const [, ...others] = await command.processors()
  await untilItCounts()
  command.signal('SIGSTOP')
  try {
    await countsFor(4000)
    for (const pid of others) process.kill(pid, 'SIGSTOP')
    await untilItStandsStill()
    for (const pid of others) process.kill(pid, 'SIGCONT')
    await untilItCounts()
  } finally {
    command.signal('SIGCONT')
  }
  await untilItCounts()
  commands.write('stop', '')
  const { exitCode, stdout, stderr } = await command.ended
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(
    /application processor 0 \(pid \d+\) heard nobody for .*, and its program stood still until it did/,
  )
  commands.expectNothingLeft()
})
