import { afterAll, describe, expect, it } from 'vitest'
import { refusalText } from '../../src/machine/limits/refusal.ts'
import { processorEnvironment } from '../../src/machine/local/processor-entry.ts'
import { MemoryLimitError } from '../../src/memory/index.ts'
import { Commands } from './run-command.ts'

describe('the options of Node that processors get', () => {
  it.each([
    ['--inspect', ''],
    ['--inspect=127.0.0.1:9333 --enable-source-maps', '--enable-source-maps'],
    ['--max-old-space-size=99 --inspect-brk', '--max-old-space-size=99'],
    ['--inspect-port 0 --no-warnings', '--no-warnings'],
    ['--require ./inspect.js', '--require ./inspect.js'],
  ])('are those of %s without a debugger', (given, expected) => {
    const env = processorEnvironment({ NODE_OPTIONS: given, HOME: '/h' }, { mayConnect: false, addon: null })
    expect(env).toEqual({ NODE_OPTIONS: expected, HOME: '/h' })
  })
})

describe('what the system refuses', () => {
  const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code })

  it.each([
    [withCode('EAGAIN', 'EAGAIN'), '(EAGAIN)'],
    [withCode('spawn /usr/bin/node EMFILE', 'EMFILE'), '(spawn /usr/bin/node EMFILE)'],
    [withCode('Worker initialization failure', 'ERR_WORKER_INIT_FAILED'), '(Worker initialization failure, ERR_'],
  ])('is told in one line: %s', (error, text) => {
    expect(refusalText(error)).toContain(text)
  })

  it('is addresses too, but no limit of our own and nothing else', () => {
    expect(refusalText(new MemoryLimitError('the protected memory', 2 ** 32, null))).toMatch(/ulimit -v/)
    expect(refusalText(new MemoryLimitError('the protected memory', 2 ** 33, 2 ** 32))).toBeNull()
    expect(refusalText(withCode('no such file', 'ENOENT'))).toBeNull()
    expect(refusalText(undefined)).toBeNull()
  })
})

describe('a debugger', () => {
  const commands = new Commands()
  afterAll(() => commands.remove())
  const listening = /^Debugger listening on/gm
  const small = ['run', 'ring', '--size', 'rounds=3', '--processes', '2']

  it('comes to the command alone with NODE_OPTIONS, and no processor complains', async () => {
    const { exitCode, stderr } = await commands.run(small, 'export NODE_OPTIONS=--inspect=127.0.0.1:0')
    expect(exitCode, stderr).toBe(0)
    expect(stderr.match(listening)).toHaveLength(1)
    expect(stderr).not.toContain('address already in use')
  })

  it.each(['a1', 'checkpoint'])('comes to %s on request', async (who) => {
    const { exitCode, stderr } = await commands.run([...small, '--inspect-rank', who])
    expect(exitCode, stderr).toBe(0)
    expect(stderr.match(listening)).toHaveLength(1)
    expect(stderr).not.toContain('address already in use')
  })
})
