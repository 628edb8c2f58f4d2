/** What a run needs, compared with what the machine gives: made-up machines, and real limits on a real command. */
import { afterAll, describe, expect, it, test } from 'vitest'
import { groupLimits } from '../../src/machine/limits/control-groups.ts'
import { type Limits, readLimits } from '../../src/machine/limits/limits.ts'
import { shortages } from '../../src/machine/limits/needs.ts'
import { full } from '../cli/machine-facts.ts'
import { Commands } from './run-command.ts'

describe('control groups', () => {
  const reading = (files: Readonly<Record<string, string>>) => groupLimits((path) => files[path] ?? null)

  it('of version 2 limit together with those around them', () => {
    const group = '/sys/fs/cgroup/system.slice'
    expect(
      reading({
        '/proc/self/cgroup': '0::/system.slice/job.service\n',
        [`${group}/job.service/memory.max`]: 'max\n',
        [`${group}/job.service/memory.current`]: '1000\n',
        [`${group}/memory.max`]: '1073741824\n',
        [`${group}/memory.current`]: '734003200\n',
        [`${group}/memory.stat`]: 'anon 5\ninactive_file 209715200\n',
        [`${group}/job.service/cpu.max`]: '150000 100000\n',
        [`${group}/cpu.max`]: '400000 100000\n',
        [`${group}/job.service/pids.max`]: '100\n',
        [`${group}/job.service/pids.current`]: '90\n',
        [`${group}/pids.max`]: '50\n',
        [`${group}/pids.current`]: '30\n',
      }),
    ).toEqual({
      memory: { limitBytes: 2 ** 30, usedBytes: 500 * 2 ** 20 },
      cores: 1.5,
      threads: { limit: 100, used: 90 },
    })
  })

  it('of version 1 limit too, also where the path is that of the host', () => {
    expect(
      reading({
        '/proc/self/cgroup': '5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n3:pids:/docker/abc\n0::/\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '536870912\n',
        '/sys/fs/cgroup/memory/memory.usage_in_bytes': '104857600\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
        '/sys/fs/cgroup/pids/docker/abc/pids.max': '64\n',
      }),
    ).toEqual({
      memory: { limitBytes: 2 ** 29, usedBytes: 100 * 2 ** 20 },
      cores: 0.5,
      threads: { limit: 64, used: 0 },
    })
  })

  it('without limits limit nothing', () => {
    const unlimited = { memory: null, cores: null, threads: null }
    expect(reading({})).toEqual(unlimited)
    expect(
      reading({
        '/proc/self/cgroup': '5:memory:/\n4:cpu,cpuacct:/\n0::/\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
        '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
        '/sys/fs/cgroup/cpu.max': 'max 100000\n',
      }),
    ).toEqual(unlimited)
  })
})

describe('the threads of a user', () => {
  const files = (user: number, capabilities: string, everyone: number): Readonly<Record<string, string>> => ({
    '/proc/self/limits': 'Max processes             100                  100                processes \n',
    '/proc/self/status': `Uid:\t${user}\t0\nCapEff:\t${capabilities}\n`,
    '/proc/loadavg': `0.10 0.20 0.30 2/${everyone} 4711\n`,
  })
  const reading = (found: Readonly<Record<string, string>>) => readLimits((path) => found[path] ?? null).limits

  it('are counted where they are limited', () => {
    const ours = {
      ...files(1000, '0000000000000000', 80),
      [`/proc/${process.pid}/status`]: 'Uid:\t1000\nThreads:\t7\n',
    }
    expect(reading(ours)).toMatchObject({ threads: 100, threadsUsed: 7, threadsOf: 'user' })
  })

  it('are not limited for root, nor with a capability for it', () => {
    expect(reading(files(0, '0000000000000000', 80)).threads).toBe(Number.POSITIVE_INFINITY)
    expect(reading(files(1000, '0000000001000000', 80)).threads).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what a machine has no room for', () => {
  const machine = (limits: Partial<Limits['limits']>, memory: Partial<Limits['memory']> = {}): Limits => ({
    limits: { ...full.limits, ...limits },
    memory: { ...full.memory, ...memory },
    groupCores: null,
  })
  const size = { processors: 7, memoryBytes: 2 ** 30 }
  const names = (found: Limits, processors = 7): string[] =>
    shortages({ ...size, processors }, found).map(({ what }) => what)

  it('is nothing where all limits are high', () => {
    expect(names(machine({}))).toEqual([])
  })

  it.each([
    ['open files', { openFiles: 127 }, { openFiles: 128 }],
    ['threads', { threads: 608, threadsUsed: 500 }, { threads: 609, threadsUsed: 500 }],
    ['address space', { addressSpaceBytes: 33 * 2 ** 30 }, { addressSpaceBytes: 34 * 2 ** 30 }],
    ['written memory', { dataBytes: 2 ** 27 }, { dataBytes: 2 ** 28 }],
    ['file size', { fileBytes: 2 ** 17 - 1 }, { fileBytes: 2 ** 17 }],
  ])('is told of %s that are too few, and not of just enough', (what, few, enough) => {
    expect(names(machine(few))).toEqual([what])
    expect(names(machine(enough))).toEqual([])
  })

  it('grows with the processors', () => {
    expect(names(machine({ openFiles: 128 }), 29)).toEqual([])
    expect(names(machine({ openFiles: 128 }), 30)).toEqual(['open files'])
  })

  it('is memory too, and that of the control group where it leaves less', () => {
    const group = { limitBytes: 2 * 2 ** 30, usedBytes: 2 ** 30 }
    expect(shortages(size, machine({}, { group }))).toMatchObject([{ what: 'memory', setBy: 'its control group' }])
    expect(names(machine({}, { group: { ...group, usedBytes: 0 } }))).toEqual([])
  })
})

describe('a command under limits', () => {
  const commands = new Commands()
  afterAll(() => commands.remove())

  /** Exit code 1 and one line, which is returned. */
  async function refused(limits: string, ...options: readonly string[]): Promise<string> {
    const { exitCode, stderr } = await commands.run(['run', 'ring', '--size', 'rounds=1', ...options], limits)
    expect(stderr).toMatch(/^paritas: .*\n$/)
    expect(exitCode, stderr).toBe(1)
    return stderr
  }

  test('of open files, too few to load it', async () => {
    expect(await refused('ulimit -n 60')).toBe(
      'paritas: the limit of open files is 60 (ulimit -n), and paritas needs 128: allow more (ulimit -n 4096)\n',
    )
  })

  test('of open files, too few for so many processes', async () => {
    expect(await refused('ulimit -n 140', '--processes', '64')).toBe(
      'paritas: the limit of open files is 140 (ulimit -n), and a run of 67 processors needs 241: allow more (ulimit -n 4096) or use fewer processes (--processes)\n',
    )
  })

  test.each([3_000_000, 12_000_000, 15_000_000, 22_000_000, 26_000_000])(
    'of %i KiB of addresses',
    async (kibibytes) => {
      expect(await refused(`ulimit -v ${kibibytes}`)).toMatch(
        /^paritas: the limit of address space is \d+\.\d GiB \(ulimit -v\), and a run of 7 processors needs 34\.0 GiB: lift the limit \(ulimit -v unlimited\)$/m,
      )
    },
  )

  test('of written memory', async () => {
    expect(await refused('ulimit -d 200000')).toMatch(/the limit of written memory is 195 MiB \(ulimit -d\)/)
  })

  test('of the size of files', async () => {
    expect(await refused('ulimit -f 0')).toMatch(/the limit of file size is 0 B \(ulimit -f\), and .* needs 128 KiB/)
    expect(await refused('ulimit -f 10')).toMatch(/the limit of file size is 5\.0 KiB \(ulimit -f\)/)
  })

  test('of just as many addresses as are asked for, also when a place is rebuilt', async () => {
    const args = ['matrix-multiplication', '--processes', '4', '--size', 'n=256', '--kill', '1@50%']
    const { exitCode, stderr } = await commands.run(['run', ...args], `ulimit -v ${34 * 2 ** 20}`)
    expect([exitCode, stderr]).toEqual([0, ''])
  })

  test('in a folder that has been removed', async () => {
    expect(await refused('mkdir gone && cd gone && rmdir ../gone')).toBe(
      'paritas: the folder that this was started in has been removed: change to one that exists\n',
    )
  })
})
