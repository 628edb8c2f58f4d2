// However a laboratory ends, nothing of it is left: no process, no namespace, no link, no rule, no control group, no folder.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'
import { callLab, findLab, openLab, removeEndedLabs, runningLabs } from '../../src/lab/index.ts'
import { contentOf } from '../../src/lab/processes.ts'
import { labFolder, readRecord } from '../../src/lab/record.ts'
import { ownerOf, stateOf } from '../../src/ownership/index.ts'
import { patient } from '../load.ts'
import { Commands } from '../machine/run-command.ts'
import { labTest, runOn } from './on-hosts.ts'

const commands = new Commands()
afterAll(() => commands.remove())

const kinds = ['net', 'mnt', 'uts', 'ipc', 'pid'] as const

/** By process, the namespaces that it is in. */
function namespaces(): Map<number, string[]> {
  const all = new Map<number, string[]>()
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    try {
      all.set(
        pid,
        kinds.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`)),
      )
    } catch {
      // It has ended meanwhile, or is the kernel's.
    }
  }
  return all
}

const ownNamespaces = kinds.map((kind) => readlinkSync(`/proc/self/ns/${kind}`))
const said = (program: string, ...args: string[]): string => {
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  })
}

/** What of this computer itself a laboratory could change. */
const surroundings = (): unknown => ({
  links: said('ip', '-o', 'link').replaceAll(/ state \w+.*/g, ''),
  addresses: said('ip', '-o', 'addr'),
  rules: said('nft', 'list', 'ruleset'),
  netns: existsSync('/run/netns') ? readdirSync('/run/netns') : [],
  mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
  groups: readFileSync('/proc/self/cgroup', 'utf8'),
})

/** What there is of one laboratory that is running, so that it can be looked for later. */
async function traces(name: string): Promise<() => string[]> {
  const answer = await callLab(name, { type: 'list' })
  const hosts = answer?.type === 'state' ? answer.state.hosts : []
  const record = readRecord(labFolder(name))!
  const first = [record.operator!.pid, ...hosts.map(({ pid }) => pid!)]
  const before = namespaces()
  const its = new Set(first.flatMap((pid) => before.get(pid)!))
  for (const one of ownNamespaces) its.delete(one)
  // A host has one of each kind of its own, and the operator three.
  expect(its.size).toBe(5 * hosts.length + 3)
  const folders = [labFolder(name), ...record.groups.map(({ folder }) => folder)]
  for (const folder of folders) expect(existsSync(folder)).toBe(true)
  // Numbers of namespaces come again at once, so what is in them counts by its own number and beginning.
  const there = [...before].filter(([, spaces]) => spaces.some((one) => its.has(one))).map(([pid]) => ownerOf(pid))
  const isInGroup = (pid: number): boolean => contentOf(`/proc/${pid}/cgroup`).includes(`/paritas-lab-${name}-`)
  return () => {
    const living = there.filter((one) => stateOf(one) === 'lives').map(({ pid }) => pid)
    const pids = new Set([...living, ...[...namespaces().keys()].filter(isInGroup)])
    return [...[...pids].map((pid) => `process ${pid}`), ...folders.filter((folder) => existsSync(folder))]
  }
}

async function untilNothingIsLeft(left: () => string[]): Promise<number> {
  const began = performance.now()
  while (left().length > 0) {
    if (performance.now() - began > patient(10_000)) expect(left()).toEqual([])
    await sleep(5)
  }
  return performance.now() - began
}

async function untilRunning(name: string): Promise<void> {
  while (!(await runningLabs()).running.some((one) => one.name === name)) await sleep(20)
}

const start = (name: string, ...command: string[]) =>
  commands.start(['lab', '--hosts', '2', '--cores', '0.5', '--memory', '64MiB', '--name', name, '--', ...command])

labTest('when its command ends, with that one’s exit code', async () => {
  const before = surroundings()
  const lab = start('ends', 'sh', '-c', 'cat /proc/sys/kernel/hostname; read -r _; exit 7')
  const { exitCode, stdout, stderr } = await lab.ended
  expect([exitCode, stdout]).toEqual([7, 'h1\n'])
  expect(stderr).toBe('ends: 2 hosts of 0.5 cores and 64.0 MiB; h1 at 10.0.0.1 to h2 at 10.0.0.2; sh runs on h1\n')
  expect(existsSync(labFolder('ends'))).toBe(false)
  expect(surroundings()).toEqual(before)
})

labTest('when it is interrupted, and its command with it', async () => {
  const before = surroundings()
  const lab = start('stops', 'sleep', '1000')
  await untilRunning('stops')
  const left = await traces('stops')
  lab.signal('SIGINT')
  const { exitCode, stderr } = await lab.ended
  expect([exitCode, stderr.split('\n').at(-2)]).toEqual([130, 'paritas: interrupted'])
  expect(left()).toEqual([])
  expect(surroundings()).toEqual(before)
})

labTest('when it is killed; and when those who would clean up are killed too, once the next one starts', async () => {
  const before = surroundings()
  const lab = start('killed', 'sh', '-c', 'trap "" TERM HUP INT; sleep 1000 & (sleep 1000 & kill -STOP $!); wait')
  await untilRunning('killed')
  const left = await traces('killed')
  process.kill(lab.pid, 'SIGKILL')
  await lab.ended
  const tookMs = await untilNothingIsLeft(left)
  process.stderr.write(`killed: nothing left after ${tookMs.toFixed(0)} ms\n`)
  expect(surroundings()).toEqual(before)

  const other = start('forsaken', 'sleep', '1000')
  await untilRunning('forsaken')
  const otherLeft = await traces('forsaken')
  const [guard] = [...namespaces().keys()].filter((pid) =>
    contentOf(`/proc/${pid}/cmdline`).includes('lab-guard.cjs\0forsaken'),
  )
  for (const pid of [guard!, other.pid]) process.kill(pid, 'SIGKILL')
  await other.ended
  // The kernel itself ends all processes; the folders are for whoever comes next.
  while (otherLeft().some((one) => one.startsWith('process'))) await sleep(5)
  expect(otherLeft()).toHaveLength(1 + readRecord(labFolder('forsaken'))!.groups.length)
  expect((await removeEndedLabs()).removed).toEqual(['forsaken'])
  expect(otherLeft()).toEqual([])
  expect(surroundings()).toEqual(before)
})

labTest('when it is killed while it stands still, in which it answers nobody', async () => {
  const lab = start('frozen', 'sleep', '1000')
  await untilRunning('frozen')
  const left = await traces('frozen')
  lab.signal('SIGSTOP')
  expect((await runningLabs()).silent).toContain('frozen')
  expect(left()).not.toEqual([])
  lab.signal('SIGKILL')
  await lab.ended
  await untilNothingIsLeft(left)
})

labTest('when its operator is killed: that is said, and it is closed', async () => {
  const lab = start('headless', 'sleep', '1000')
  await untilRunning('headless')
  const left = await traces('headless')
  process.kill(readRecord(labFolder('headless'))!.operator!.pid, 'SIGKILL')
  const { exitCode, stderr } = await lab.ended
  expect(exitCode).toBe(1)
  expect(stderr).toContain('paritas: the laboratory headless was ended from outside\n')
  expect(left()).toEqual([])
})

labTest(
  'two stand side by side, with the same addresses, and what is done to one is not done to the other',
  async () => {
    const [left, right] = await Promise.all([
      openLab({ hosts: 2, name: 'left' }),
      openLab({ hosts: 2, name: 'right', cores: 1 }),
    ])
    try {
      await expect(openLab({ hosts: 1, name: 'left' })).rejects.toThrow('there is a laboratory left already')
      await expect(findLab(undefined)).rejects.toThrow(/^several laboratories are running: choose one by --lab .*left/)
      expect(await findLab('right')).toBe('right')
      await left.powerOff('h2')
      await left.cut('h1', 'h2')
      expect(right.state()).toMatchObject({ cuts: [], hosts: [{ isOn: true }, { isOn: true }] })
      await left.close()
      expect((await runOn(right, 'h2', 'cat', '/proc/sys/kernel/hostname')).said).toBe('h2')
    } finally {
      await Promise.all([left.close(), right.close()])
    }
  },
)
