// Shares of processor time: where control groups can be made, what is written to them, and that nothing of them is left.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import { lookForShares, ProcessorShares, type RunNews } from '../../src/machine/index.ts'
import { findGroupTree, type WhyReadOnly } from '../../src/machine/shares/group-tree.ts'
import { coresEachMin, limitFiles, weightFile } from '../../src/machine/shares/limit-files.ts'
import { UnifiedGroups } from './group-files.ts'
import { finished, lossesOf, runProgram } from './run-program.ts'

const everythingIsWritable: WhyReadOnly = () => null
const systemd = '/sys/fs/cgroup/user.slice/run-7.scope'
/** Process 10 is looked for: started by 9, which was started by 1; it has started 11. */
const family = {
  '/proc/10/stat': '10 (x) S 9',
  '/proc/9/stat': '9 (n) S 1',
  '/proc/11/stat': '11 (e) S 10',
  '/proc/12/stat': '12 (s) S 1',
}

const unified = (changes: Record<string, string> = {}): Record<string, string> => ({
  '/proc/self/cgroup': '0::/user.slice/run-7.scope\n',
  '/proc/self/mountinfo': '33 22 0:29 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n',
  [`${systemd}/cgroup.controllers`]: 'cpuset cpu memory\n',
  [`${systemd}/cgroup.subtree_control`]: '\n',
  [`${systemd}/cgroup.type`]: 'domain\n',
  [`${systemd}/cgroup.procs`]: '9\n10\n11\n',
  ...family,
  ...changes,
})

const find = (files: Record<string, string>, whyReadOnly = everythingIsWritable) =>
  findGroupTree((path) => files[path] ?? null, whyReadOnly, 10)

describe('where groups are made', () => {
  test.each([
    [
      'version 1, with a hierarchy of its own',
      {
        '/proc/self/cgroup': '4:memory:/m\n1:cpu:/\n0::/\n',
        '/proc/self/mountinfo':
          '30 25 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n31 25 0:27 / /sys/fs/cgroup/u rw - cgroup2 c rw\n',
      },
      { version: 1, folder: '/sys/fs/cgroup/cpu', isDivided: true, hasToBeLeft: false },
    ],
    [
      'version 1, one of two in a hierarchy, in a container that has its own part mounted',
      {
        '/proc/self/cgroup': '3:cpu,cpuacct:/docker/abc/job\n',
        '/proc/self/mountinfo': '30 25 0:26 /docker/abc /sys/fs/c\\040g rw master:5 - cgroup cgroup rw,cpu,cpuacct\n',
      },
      { version: 1, folder: '/sys/fs/c g/job', isDivided: true, hasToBeLeft: false },
    ],
    ['version 2, a delegated one', unified(), { version: 2, folder: systemd, isDivided: false, hasToBeLeft: true }],
    [
      'version 2, divided already',
      unified({ [`${systemd}/cgroup.subtree_control`]: 'cpu memory\n', [`${systemd}/cgroup.procs`]: '12\n' }),
      { version: 2, folder: systemd, isDivided: true, hasToBeLeft: false },
    ],
    [
      'version 2, the group of all groups, which nobody has to leave',
      {
        ...unified({ '/proc/self/cgroup': '0::/\n' }),
        ...{ '/sys/fs/cgroup/cgroup.controllers': 'cpu\n', '/sys/fs/cgroup/cgroup.procs': '12\n' },
      },
      { version: 2, folder: '/sys/fs/cgroup', isDivided: false, hasToBeLeft: false },
    ],
  ])('%s', (_, files, tree) => {
    expect(find(files)).toEqual(tree)
  })

  test.each<[string, Record<string, string>, string, string]>([
    ['without /proc', {}, '', 'only Linux has control groups'],
    ['not mounted', { '/proc/self/cgroup': '1:cpu:/\n0::/\n' }, '', 'no control groups of processor time are mounted'],
    [
      'not delegated',
      unified({ [`${systemd}/cgroup.controllers`]: 'memory pids\n' }),
      ...(['', `the control group ${systemd} cannot limit processor time`] as const),
    ],
    [
      'with others in it',
      unified({ [`${systemd}/cgroup.procs`]: '9\n10\n12\n' }),
      ...(['', `the control group ${systemd} cannot be divided: other processes are in it (pid 12)`] as const),
    ],
    ['another user', unified(), 'EACCES', `the control group ${systemd} must not be changed by this user`],
    ['mounted read-only', unified(), 'EROFS', `the control group ${systemd} is mounted read-only`],
  ])('%s: says why not, and what to do', (_, files, code, why) => {
    const found = find(files, (path) => (code !== '' && path.endsWith('.scope') ? code : null))
    expect(found).toEqual({ why, advice: expect.stringMatching(/systemd-run|mount|docker|Linux/) })
  })
})

describe('what is written', () => {
  it('is time in periods of 10 ms, and as much weight as so many processes have', () => {
    expect(limitFiles(2, 0.14)).toEqual([['cpu.max', '1400 10000']])
    const files = [
      ['cpu.cfs_period_us', '10000'],
      ['cpu.cfs_quota_us', '25000'],
    ]
    expect(limitFiles(1, 2.5)).toEqual(files)
    expect(limitFiles(2, coresEachMin)).toEqual([['cpu.max', '1000 10000']])
    expect([weightFile(1, 12), weightFile(2, 12), weightFile(2, 0)]).toEqual([
      ...[
        ['cpu.shares', '12288'],
        ['cpu.weight', '1200'],
        ['cpu.weight', '100'],
      ],
    ])
    expect(weightFile(2, 240)).toEqual(['cpu.weight', '10000'])
  })
})

describe('groups of version 2', () => {
  const own = '/sys/fs/cgroup/job'
  const started = new Map([
    [process.pid, 4],
    [5, process.pid],
  ])
  const untouched = { [own]: '3 whole' }

  it('are made below the own one, which is left for it, and all is as it was at the end', () => {
    const groups = new UnifiedGroups('/job', [4, 5], started)
    const shares = ProcessorShares.open('--cores-each 0.5', 0.5, groups)
    shares.admit(70)
    shares.admit(71)
    const limited = '1 whole 5000 10000'
    expect(groups.state()).toEqual({
      [own]: '0 divided',
      [`${own}/paritas`]: '0 divided 200',
      [`${own}/paritas/launcher`]: '3 whole',
      ...{ [`${own}/paritas/p70`]: limited, [`${own}/paritas/p71`]: limited },
    })
    groups.end(70)
    shares.release(70)
    expect(Object.keys(groups.state())).not.toContain(`${own}/paritas/p70`)
    groups.end(71)
    shares.close()
    shares.close()
    expect(groups.state()).toEqual(untouched)
  })

  it('are taken back where the system refuses one of them, with a line that says what it said', () => {
    for (const name of ['cgroup.subtree_control', 'cpu.max', 'cgroup.procs']) {
      const groups = new UnifiedGroups('/job', [4, 5], started)
      groups.refused.set(name, 'EIO: that disk again')
      const open = () => ProcessorShares.open('--cores-each 0.5', 0.5, groups)
      expect(open, name).toThrow(
        `--cores-each 0.5: the control group ${own} cannot be divided (EIO: that disk again); run it as root, or leave the option out`,
      )
      groups.refused.clear()
      expect(Object.keys(groups.state()), name).toEqual([own])
    }
  })

  it('of a launcher that was killed are removed by the next one, and those of a living one are not', () => {
    const groups = new UnifiedGroups('/job', [4, 5], started)
    const first = ProcessorShares.open('first', 0.5, groups)
    const [mine] = groups.names(own)
    first.close()
    const killed = `${own}/${mine!.replace(/^paritas-\d+/, 'paritas-4194303')}`
    const foreign = `${own}/paritas-else`
    for (const folder of [killed, `${killed}/p9`, `${killed}/launcher`, foreign]) groups.make(folder)
    const second = ProcessorShares.open('second', 0.5, groups)
    expect(groups.names(own).sort()).toEqual([mine, 'paritas-else'].sort())
    second.close()
  })
})

/** The group of processor time that a process is in, by the end of its path. */
const groupOf = (pid: number): string =>
  /^(?:\d+:(?:[^:\n]*,)?cpu(?:,[^:\n]*)?|0:):(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))![1]!

const wish = '--cores-each 0.2'
const tree = lookForShares()

test('on this machine a process gets its share and no more, or one line says why not', async () => {
  if ('why' in tree) {
    const open = () => ProcessorShares.open(wish, 0.2)
    expect(open).toThrow(UsageError)
    expect(open).toThrow(`${wish}: ${tree.why}; ${tree.advice}`)
    return
  }
  const shares = ProcessorShares.open(wish, 0.2)
  const script =
    "process.once('message', () => { const began = process.cpuUsage(), end = Date.now() + 500; while (Date.now() < end); process.send(process.cpuUsage(began)) })"
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  shares.admit(child.pid!)
  expect(groupOf(child.pid!)).toMatch(new RegExp(`/paritas-[\\w-]+/p${child.pid}$`))
  child.send('go')
  const { user, system } = await new Promise<NodeJS.CpuUsage>((resolve) => child.once('message', resolve))
  // A fifth of 500 ms, and what a core hands out ahead.
  expect(user + system).toBeLessThan(250_000)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
  shares.release(child.pid!)
  shares.close()
  expect(readFileSync('/proc/self/cgroup', 'utf8')).not.toContain('paritas-')
})

test('each processor of a run has a group of its own, replacements too, and none is taken for lost', async () => {
  if ('why' in tree) {
    expect(() => ProcessorShares.open(wish, 0.2)).toThrow(UsageError)
    return
  }
  const shares = ProcessorShares.open(wish, 0.2)
  const groups: string[] = []
  const note = (pid: number): number => groups.push(groupOf(pid).replace(/^.*\/(p\d+)$/, '$1'))
  const pids: number[] = []
  const onNews = (news: RunNews): void => {
    if (news.type !== 'started' && news.type !== 'replaced') return
    const those = news.type === 'started' ? news.processors.map(({ pid }) => pid) : [news.pid]
    for (const pid of those) {
      pids.push(pid)
      note(pid)
    }
  }
  const ran = await runProgram({
    ...{ program: 'shortest-paths', sizes: ['graphs=10'], onNews },
    faults: [{ kind: 'kill', who: 'a1', when: { kind: 'progress', share: 0.5 } }],
    options: { processes: 2, spares: 0, timeoutMs: 100, shares },
  })
  shares.close()
  expect([ran.complaint, lossesOf(ran)]).toEqual([null, [['a1']]])
  expect(finished(ran).recoveries).toHaveLength(1)
  expect(pids.length).toBe(5)
  expect(groups).toEqual(pids.map((pid) => `p${pid}`))
})
