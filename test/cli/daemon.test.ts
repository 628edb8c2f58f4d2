/** Daemons, and runs on hosts, that cannot be: each is said in one line. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runDaemon } from '../../src/cli/daemon/daemon.ts'
import type { Surroundings } from '../../src/cli/surroundings.ts'
import { Commands } from '../machine/run-command.ts'

const commands = new Commands()
let taken: Server
let port: number

beforeAll(async () => {
  taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  port = (taken.address() as { port: number }).port
  commands.write('hosts.yaml', `hosts:\n  - n1\n  - { name: n2, address: '127.0.0.1:${port}' }\n`)
  commands.write('free.yaml', "hosts:\n  - { name: n1, address: '127.77.0.1:7477' }\n")
  commands.write('away.yaml', "hosts:\n  - { name: n3, address: '127.0.0.1:9' }\n")
})
afterAll(async () => {
  taken.close()
  await commands.remove()
})

it('says in one line that something else listens there, and what to do', async () => {
  const { stderr } = await commands.run(['daemon', '--hosts', 'hosts.yaml', '--name', 'n2'])
  expect(stderr.trimEnd()).toBe(
    `paritas: the daemon cannot listen on 127.0.0.1:${port}: something else listens there; end that, or give this host another port in the file of hosts`,
  )
})

it('ends also when it is interrupted while it begins', async () => {
  vi.stubEnv('TMPDIR', commands.folder)
  const said: string[] = []
  // Its daemon opens from then on, and this comes before it is open.
  const signals = { on: (_: string, interrupt: () => void) => queueMicrotask(interrupt), off: () => {} }
  const stdout = { write: (line: string) => said.push(line) }
  const hostsPath = join(commands.folder, 'free.yaml')
  const running = runDaemon({ hostsPath, name: 'n1' }, { signals, stdout, version: '1' } as unknown as Surroundings)
  await expect(running).rejects.toThrow('interrupted')
  expect(said[0]).toBe('ending every processor\n')
  vi.unstubAllEnvs()
})

const onHosts = ['run', 'merge-sort', '--on', 'hosts.yaml']
it.each([
  [['daemon', '--name', 'n1'], "required option '--hosts <file>' not specified"],
  [['daemon', '--hosts', 'none.yaml', '--name', 'n1'], 'none.yaml: no such file or folder'],
  [['daemon', '--hosts', 'hosts.yaml', '--name', 'n9'], "hosts.yaml has no host 'n9'; it has 'n1' and 'n2'"],
  [['daemon', '--hosts', 'hosts.yaml', '--name', 'n1'], "no address for the host 'n1': add 'address: HOST:PORT'"],
  [['daemon', '--hosts', 'hosts.yaml', '--name', 'n2'], 'something else listens there'],
  [onHosts, "hosts.yaml: the host 'n1' has no address: add 'address: HOST:PORT'"],
  [[...onHosts, '--checkpoint-dir', 'd'], '--on: checkpoints on disk are for one computer; leave out --checkpoint-dir'],
  [[...onHosts, '--conductors', '2'], '--on: several conductors are for one computer; leave out --conductors'],
  [[...onHosts, '--inspect-rank', '1'], '--on: a debugger comes to processors of this computer only'],
  [['run', 'merge-sort', '--on', 'away.yaml'], 'none of the hosts takes processors'],
])('%j says what is wrong', async (args, line) => {
  const { exitCode, stderr } = await commands.run(args)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(line)])
})
