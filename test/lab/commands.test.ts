// `paritas lab` and its subcommands: what they say, and what they refuse in one line.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLab } from '../../src/lab/index.ts'
import { requireTools } from '../../src/lab/tools.ts'
import { paritas } from '../cli/fake-machine.ts'
import { Commands } from '../machine/run-command.ts'
import { root } from '../tidy/sources.ts'
import { Agent, labTest, runOn, SharedLab } from './on-hosts.ts'

const shared = new SharedLab()
const commands = new Commands()
beforeAll(() => shared.open({ hosts: 3, name: 'told', bandwidthBits: 1e9 }))
afterAll(async () => {
  await shared.close()
  await commands.remove()
})

const told = (...words: string[]) => paritas(['lab', ...words, '--lab', 'told'])
const line = (exitCode: number, text: string) => ({ exitCode, stdout: '', stderr: `paritas: ${text}\n` })
const done = (text: string) => ({ exitCode: 0, stdout: `${text}\n`, stderr: '' })

test.each([
  [[], 'say what is to run on the first host: paritas lab --hosts 3 -- COMMAND (bash gives a shell)'],
  [['bash'], "paritas lab has no command 'bash' (see paritas lab --help); what is to run stands behind --"],
  [['--hosts', '0', '--', 'x'], "--hosts must be a whole number from 1 to 100, but is '0'"],
  [['--cores', '0.01', '--', 'x'], "--cores must be from 0.1 to 1024 of a core, such as 0.25, but is '0.01'"],
  [['--memory', '1MiB', '--', 'x'], "--memory must be at least 16MiB, but is '1MiB'"],
  [
    ['--bandwidth', 'fast', '--', 'x'],
    "--bandwidth must be a rate from 8kbit to 400Gbit, such as 10Mbit, but is 'fast'",
  ],
  [['--name', '1', '--', 'x'], "--name must be letters, digits, - and _, and begin with a letter, but is '1'"],
  [['power-off'], "missing required argument 'host' (see paritas lab --help)"],
  [['lose', 'h1', 'h2', '120%'], "what is lost must be a percentage from 0% to 100%, but is '120%'"],
  [['slow', 'h1', '10'], "the rate must be a rate from 8kbit to 400Gbit, such as 10Mbit, but is '10'"],
  [['exec', 'h1'], 'say what is to run: paritas lab exec h1 -- COMMAND'],
])('bad usage: %j', async (words, text) => {
  expect(await paritas(['lab', ...words])).toMatchObject(line(1, text))
})

test('a laboratory that is not there: which ones there are, or how to start one', async () => {
  const { exitCode, stderr } = await paritas(['lab', 'heal', '--lab', 'nowhere'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^paritas: no laboratory nowhere is running: (there (is|are) \w+|start one by paritas lab .*)/)
})

test('what is not installed is named, with the packages to get', () => {
  const has = (path: string): boolean => !/\/(nft|tc|ip)$/.test(path)
  expect(() => requireTools({ PATH: '/bin' }, has)).toThrow(
    'a laboratory needs ip, tc and nft: apt-get install iproute2 nftables',
  )
  expect(() => requireTools({ PATH: '/bin' }, () => true)).not.toThrow()
})

/** Without holding this process up, in which a laboratory is. */
async function started(program: string, args: readonly string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { exitCode: exitCode as number, stdout, stderr }
}

labTest('where no namespace may be made: why not, and what to do', async () => {
  // A user namespace in which there may be no more of the others: as for a user to whom they are forbidden.
  const forbid = 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$0" "$@"'
  const cli = [process.execPath, 'bin/paritas.js', 'lab', '--', 'true']
  const { exitCode, stderr } = await started('unshare', ['-Ur', 'sh', '-c', forbid, ...cli])
  expect(stderr).toBe(
    'paritas: no namespaces can be made here (unshare: unshare failed: No space left on device): in a container, start that with --privileged\n',
  )
  expect(exitCode).toBe(1)
})

labTest('whoever may make user namespaces only gets a laboratory in one, and what can happen in it', async () => {
  const rights = '-sys_admin,-net_admin'
  const without = [`--bounding-set=${rights}`, `--inh-caps=${rights}`, '--']
  const cli = `"${process.execPath}" bin/paritas.js lab`
  const all = ['power-off h2', 'power-on h2', 'cut h1 h2', 'slow h2 1Mbit', 'heal'].map((one) => `${cli} ${one}`)
  const command = [process.execPath, 'bin/paritas.js', 'lab', '--hosts', '2', '--', 'sh', '-c', all.join(' && ')]
  const { exitCode, stdout, stderr } = await started('setpriv', [...without, ...command])
  if (spawnSync('setpriv', [...without, 'unshare', '--user', '--map-root-user', 'true']).status !== 0) {
    return expect([exitCode, stderr]).toEqual([1, expect.stringContaining('no namespaces can be made here')])
  }
  expect([exitCode, stdout.split('\n').slice(0, 2)]).toEqual([0, ['h2 is off', 'h2 is on']])
})

labTest('faults are told in a line each, and shown by list', async () => {
  expect(await told('cut', 'h1', 'h2')).toMatchObject(done('nothing gets between h1 and h2 any more'))
  expect(await told('cut', 'h3', 'h1', '--one-way')).toMatchObject(done('nothing gets from h3 to h1 any more'))
  expect(await told('lose', 'h2', 'h3', '5%')).toMatchObject(done('5% of the packets are lost between h2 and h3'))
  expect(await told('slow', 'h3', '10Mbit')).toMatchObject(done('the link of h3 takes 10 Mbit/s'))
  expect(await told('power-off', 'h2')).toMatchObject(done('h2 is off'))
  const { stdout } = await paritas(['lab', 'list'])
  const its = /^told: [\s\S]*?(?=^\w|$(?![\s\S]))/m.exec(stdout)![0]
  expect(its).toBe(`told: 3 hosts, joined by links of 1 Gbit/s
  h1   10.0.0.1   on
  h2   10.0.0.2   off
  h3   10.0.0.3   on, 10 Mbit/s
  cut: nothing between h1 and h2
  cut: nothing from h3 to h1
  lost: 5% between h2 and h3
`)
  const json = JSON.parse((await paritas(['lab', 'list', '--json'])).stdout) as { laboratories: { name: string }[] }
  expect(json.laboratories.find(({ name }) => name === 'told')).toEqual(shared.lab.state())
  expect(await told('power-on', 'h2')).toMatchObject(done('h2 is on'))
  expect(await told('heal')).toMatchObject(done('all links are as they were'))
  expect(shared.lab.state()).toMatchObject({ cuts: [], losses: [], hosts: [{}, { isOn: true }, { slowBits: null }] })
})

labTest('what cannot be done is refused in a line', async () => {
  expect(await told('power-off', 'h9')).toMatchObject(line(1, 'told has no host h9: they are h1 to h3'))
  expect(await told('cut', 'h1', 'h1')).toMatchObject(line(1, 'cut h1 h1: name two hosts'))
  expect(await told('power-on', 'h1')).toMatchObject(line(1, 'h1 is on already'))
  await shared.lab.powerOff('h3')
  expect(await told('power-off', 'h3')).toMatchObject(line(1, 'h3 is off already'))
  expect(await paritas(['lab', 'exec', 'h3', '--lab', 'told', '--', 'true'])).toMatchObject(line(1, 'h3 is off'))
  await shared.lab.powerOn('h3')
})

labTest('exec runs a command on a host, with its exit code; on a host itself it is refused', async () => {
  const ran = await commands.start(['lab', 'exec', 'h2', '--lab', 'told', '--', 'sh', '-c', 'cat /etc/hosts; exit 3'])
    .ended
  expect(ran).toMatchObject({ exitCode: 3, stderr: '' })
  expect(ran.stdout.split('\n')).toEqual(expect.arrayContaining(['10.0.0.1 h1', '10.0.0.3 h3']))
  const cli = [process.execPath, 'bin/paritas.js', 'lab']
  const inside = await runOn(shared.lab, 'h1', ...cli, 'exec', 'h2', '--', 'true')
  expect(inside).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('paritas: a host cannot start anything on another one: use another terminal'),
  })
  // Everything else can be done from a host.
  expect(await runOn(shared.lab, 'h1', ...cli, 'power-off', 'h3')).toEqual({ exitCode: 0, said: 'h3 is off' })
  await shared.lab.powerOn('h3')
})

labTest('a command outside works on all hosts of its laboratory, without naming that', async () => {
  const cli = `"${process.execPath}" "${join(root, 'bin', 'paritas.js')}" lab`
  const script = `${cli} power-off h1 && ${cli} exec h2 -- cat /proc/sys/kernel/hostname`
  const ran = await commands.start(['lab', '--hosts', '2', '--outside', '--', 'sh', '-c', script]).ended
  expect(ran).toMatchObject({ exitCode: 0, stdout: 'h1 is off\nh2\n' })
  expect(ran.stderr).toMatch(/^lab\d+: 2 hosts; h1 at 10\.0\.0\.1 to h2 at 10\.0\.0\.2; sh runs outside\n$/)
  const refused = await commands.start(['lab', '--hosts', '1', '--outside', '--', './no-such-command']).ended
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('paritas: ./no-such-command cannot be started: spawn ./no-such-command ENOENT\n')
})

labTest('a delay is there where the kernel has netem, and is refused in a line elsewhere', async () => {
  const { exitCode, stderr } = await commands.start(['lab', '--hosts', '2', '--delay', '50ms', '--', 'true']).ended
  const refused =
    'paritas: this kernel cannot delay packets (it has no netem, CONFIG_NET_SCH_NETEM): leave the delay out, or use another kernel\n'
  if (exitCode !== 0) return expect([exitCode, stderr]).toEqual([1, refused])
  const lab = await openLab({ hosts: 2, delayMs: 50 })
  try {
    const [one] = await Promise.all(['h1', 'h2'].map((host) => Agent.start(lab, host)))
    // A packet there and one back to connect, and two to send and to echo.
    expect(await one!.echo('h2')).toBeGreaterThan(200)
  } finally {
    await lab.close()
  }
})
