// What `paritas doctor` says of machines of many kinds, as facts, and of this one.
import { describe, expect, it, test } from 'vitest'
import { doctorLines } from '../../src/cli/doctor/doctor.ts'
import type { MachineFacts } from '../../src/cli/doctor/facts.ts'
import type { Finding } from '../../src/cli/doctor/finding.ts'
import { gatherFacts } from '../../src/cli/doctor/gather.ts'
import { judge } from '../../src/cli/doctor/judge.ts'
import { paintFor } from '../../src/cli/surroundings.ts'
import { measureFirstTouch } from '../../src/measure/index.ts'
import { paritas, Written } from './fake-machine.ts'
import { full, gibibyte, gone, here, mebibyte } from './machine-facts.ts'

const without = (reason: string, userfaultfd: Partial<MachineFacts['userfaultfd']> = {}): Partial<MachineFacts> => ({
  trackers: { shadow: gone(reason), lean: gone(reason), compare: here() },
  userfaultfd: { ...full.userfaultfd, ...userfaultfd },
})

const noAddon = (parts: Partial<MachineFacts> = {}): Partial<MachineFacts> => ({
  ...without('there is no native addon (No native build was found for platform=linux)'),
  addon: {
    state: 'missing',
    reason: 'there is no native addon (No native build was found for platform=linux arch=x64)',
    named: null,
    installer: 'node_modules/paritas/scripts/install-addon.mjs',
  },
  kernels: { hasSimd: true, native: null },
  ...parts,
})

const findings = (parts: Partial<MachineFacts>): readonly Finding[] => judge({ ...full, ...parts }).findings

function finding(topic: string, parts: Partial<MachineFacts>): Finding {
  const found = findings(parts).find((one) => one.topic === topic)
  if (found === undefined) throw new Error(`nothing is said of ${topic}`)
  return found
}

describe('shares of cores', () => {
  it('are told with what to do where control groups cannot be made, and nothing is missing for runs', () => {
    const shares = { why: 'the control group /g is mounted read-only', advice: 'run it as root' }
    expect(finding('shares of cores', { shares })).toEqual({
      ...{ topic: 'shares of cores', value: 'not here', state: 'slower', remark: shares.why },
      advice: 'For paritas evaluate --cores-each, run it as root.',
    })
  })
})

describe('the first touch of memory', () => {
  it('is good where the machine holds its memory', () => {
    expect(finding('first touch', {})).toMatchObject({ value: '1.0 us a page', state: 'good' })
  })

  it('is slower where the host has yet to give it', () => {
    expect(finding('first touch', { firstTouch: { atOnceUs: 3.9, meanUs: 10.2, bytes: gibibyte } })).toEqual({
      ...{ topic: 'first touch', value: '10 us a page', state: 'slower', advice: null },
      remark:
        'in the mean over 1.0 GiB, 3.9 us at once: the host has yet to give it, which makes first checkpoints and recoveries longer',
    })
  })

  it('is not mentioned where there is too little memory to try it', () => {
    expect(findings({ firstTouch: null }).map(({ topic }) => topic)).not.toContain('first touch')
  })

  it('is measured on whole pieces, each of which is new', () => {
    const { atOnceUs, meanUs, bytes } = measureFirstTouch(100 * mebibyte)
    expect(bytes).toBe(128 * mebibyte)
    // A page that is not new takes some hundredths of a microsecond.
    expect(Math.min(atOnceUs, meanUs)).toBeGreaterThan(0.1)
  })
})

describe('a machine that has everything', () => {
  it('is told so, and what is used', () => {
    const diagnosis = judge(full)
    expect(diagnosis.uses).toEqual({ tracker: 'shadow', kernels: 'AVX-512' })
    expect(`${doctorLines(full, diagnosis, '1.2.3', paintFor(new Written(), {})).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      Paritas 1.2.3 on Linux 6.18, x64, Node 20.20.2

        ✔ page tracking        shadow          the kernel knows which pages were written
        ✔ lean memory          possible        with --memory lean, for programs that need half of the memory
        ✔ native addon         compiled        on this machine
        ✔ loops over pages     AVX-512         in native code, beside WASM SIMD
        ✔ pages on their way   shared memory   nothing of them is copied on the way
        ✔ large pages          madvise         whatever it is: Paritas asks for none
        ✔ memory               5.0 GiB free    of 8.0 GiB
        ✔ first touch          1.0 us a page   in the mean over 1.0 GiB, 0.8 us at once
        ✔ processor            8 cores
        ✔ shares of cores      possible        with paritas evaluate --cores-each, by control groups of version 2
        ✔ limits               enough          20,000 open files and 65,530 memory maps; Paritas locks no memory

      Runs find what has changed by page tracking, and compute parity with AVX-512.

      ✔ Nothing is missing.

      "
    `)
  })
})

describe('page tracking', () => {
  test.each<[string, Partial<MachineFacts>, string, string | null]>([
    [
      'in a container',
      without('userfaultfd is refused: Operation not permitted', { isFiltered: true }),
      'a seccomp filter forbids userfaultfd, as those of containers do, so all pages are compared',
      'Allow it in the container: docker run --security-opt seccomp=FILE, with a profile that lists userfaultfd.',
    ],
    [
      'in a container whose filter hides the system call',
      without('userfaultfd is refused: Function not implemented', { isFiltered: true }),
      'this kernel has no userfaultfd, or a seccomp filter hides it, so all pages are compared',
      'Allow userfaultfd in the seccomp profile of the container, or use a kernel with CONFIG_USERFAULTFD.',
    ],
    [
      'with a kernel without userfaultfd',
      without('userfaultfd is refused: Function not implemented'),
      'this kernel has no userfaultfd, so all pages are compared',
      'Use a kernel with CONFIG_USERFAULTFD, which those of all distributions have.',
    ],
    [
      'where only root may',
      without('userfaultfd is refused: Operation not permitted'),
      'only root may call userfaultfd here, so all pages are compared',
      'Allow it to all users: sudo sysctl -w vm.unprivileged_userfaultfd=1',
    ],
    [
      'where even root may not',
      {
        ...without('userfaultfd is refused: Operation not permitted'),
        system: { ...full.system, isRoot: true },
      },
      'userfaultfd is forbidden here, most likely by a security module, so all pages are compared',
      'Allow userfaultfd to this process in the rules of SELinux, AppArmor or what else decides here.',
    ],
    [
      'on an old kernel',
      {
        ...without('userfaultfd has no WP_ASYNC: Invalid argument'),
        system: { ...full.system, release: '5.10.0-28-amd64' },
      },
      'Linux 5.10 cannot tell what was written, so all pages are compared',
      'Use Linux 6.7 or newer.',
    ],
    [
      'on a kernel that is new, but lacks it',
      without('PAGEMAP_SCAN fails: Inappropriate ioctl for device'),
      'PAGEMAP_SCAN fails: Inappropriate ioctl for device, so all pages are compared',
      null,
    ],
    [
      'without /proc',
      without('/proc/self/pagemap cannot be opened: No such file or directory'),
      '/proc/self/pagemap cannot be opened, so all pages are compared',
      'Mount /proc, without restrictions for this user.',
    ],
    [
      'on macOS',
      { ...without('page tracking needs Linux'), system: { ...full.system, platform: 'darwin', release: '23.4.0' } },
      'only Linux can tell what was written, so all pages are compared',
      null,
    ],
    [
      'without the addon',
      noAddon(),
      'without the native addon nobody tells what was written, so all pages are compared',
      null,
    ],
  ])('%s', (_, parts, remark, advice) => {
    expect(finding('page tracking', parts)).toEqual({
      ...{ topic: 'page tracking', value: 'compare', remark, state: 'slower', advice },
    })
    expect(judge({ ...full, ...parts }).uses.tracker).toBe('compare')
    expect(findings(parts).map(({ topic }) => topic)).not.toContain('lean memory')
  })

  it('is possible in the lean way where that is all that there is', () => {
    const trackers = { ...full.trackers, shadow: gone('userfaultfd has no WP_ASYNC: Invalid argument') }
    const parts = { trackers, system: { ...full.system, release: '6.5.1' } }
    expect(finding('page tracking', parts)).toMatchObject({ value: 'compare', advice: 'Use Linux 6.7 or newer.' })
    expect(finding('lean memory', parts)).toMatchObject({ value: 'possible', state: 'good' })
  })
})

describe('the native addon', () => {
  test.each<[string, Partial<MachineFacts>, Partial<Finding>]>([
    ['prebuilt', { addon: { state: 'prebuilt', path: '/p' } }, { value: 'prebuilt', state: 'good' }],
    [
      'named',
      { addon: { state: 'named', path: '/p/a.node' } },
      { remark: 'by PARITAS_ADDON: /p/a.node', state: 'good' },
    ],
    [
      'switched off',
      noAddon({ addon: { state: 'off' } }),
      { value: 'off', advice: 'Unset the environment variable PARITAS_ADDON.' },
    ],
    [
      'named, but not there',
      noAddon({ addon: { state: 'missing', reason: '', named: '/no/such', installer: '' } }),
      {
        remark: 'PARITAS_ADDON names /no/such, which cannot be loaded',
        advice: 'Unset the environment variable PARITAS_ADDON.',
      },
    ],
    [
      'not there, without a compiler',
      noAddon({ tools: { ...full.tools, compiler: null } }),
      {
        remark: 'there is no prebuilt one, and no C++ compiler to compile it',
        advice:
          'Install a compiler (apt install g++ make python3, dnf install gcc-c++ make python3, apk add g++ make python3); ' +
          'then: node node_modules/paritas/scripts/install-addon.mjs',
      },
    ],
    [
      'not there on macOS, without any tool',
      noAddon({
        tools: { compiler: null, make: null, python: null },
        system: { ...full.system, platform: 'darwin' },
      }),
      {
        remark: 'there is no prebuilt one, and no C++ compiler, make or Python 3 to compile it',
        advice:
          'Install a compiler (xcode-select --install); then: node node_modules/paritas/scripts/install-addon.mjs',
      },
    ],
    [
      'not there, although there is all that it takes',
      noAddon(),
      {
        remark: 'although there is a compiler: No native build was found',
        advice: 'See why: PARITAS_INSTALL_VERBOSE=1 node node_modules/paritas/scripts/install-addon.mjs',
      },
    ],
  ])('%s', (_, parts, expected) => {
    expect(finding('native addon', parts)).toMatchObject(expected)
  })
})

test.each<[MachineFacts['kernels'], string, Finding['state']]>([
  [{ hasSimd: true, native: 'avx512' }, 'AVX-512', 'good'],
  [{ hasSimd: true, native: 'avx2' }, 'AVX2', 'good'],
  [{ hasSimd: true, native: 'plain' }, 'WASM SIMD', 'good'],
  [{ hasSimd: true, native: null }, 'WASM SIMD', 'slower'],
  [{ hasSimd: false, native: 'avx2' }, 'JavaScript', 'slower'],
])('loops over pages with %j', (kernels, value, state) => {
  expect(finding('loops over pages', { kernels })).toMatchObject({ value, state })
  expect(judge({ ...full, kernels }).uses.kernels).toBe(value)
})

test.each<[MachineFacts['sharedMemory'], string, Partial<Finding>]>([
  [{ state: 'here' }, 'linux', { value: 'shared memory', state: 'good' }],
  [{ state: 'off' }, 'linux', { value: 'sockets', advice: 'Unset the variable PARITAS_SHARED_MEMORY.' }],
  [{ state: 'none' }, 'linux', { value: 'sockets', remark: 'without the native addon', state: 'slower' }],
  [{ state: 'none' }, 'darwin', { value: 'sockets', remark: 'only Linux can share their memory' }],
  [
    { state: 'refused', reason: 'memfd_create fails: Operation not permitted' },
    'linux',
    { remark: 'their memory cannot be shared: memfd_create fails: Operation not permitted', state: 'slower' },
  ],
])('pages on their way with shared memory %j on %s', (sharedMemory, platform, expected) => {
  const system = { ...full.system, platform }
  expect(finding('pages on their way', { sharedMemory, system })).toMatchObject(expected)
})

test('large pages are told of, and need nothing, whatever the setting', () => {
  for (const hugePages of ['always', 'madvise', 'never'] as const) {
    expect(finding('large pages', { hugePages })).toMatchObject({ value: hugePages, state: 'good', advice: null })
  }
  expect(findings({ hugePages: null }).map(({ topic }) => topic)).not.toContain('large pages')
})

describe('memory and processor', () => {
  const memory = (availableBytes: number, group: MachineFacts['memory']['group']) => ({
    memory: { totalBytes: 8 * gibibyte, availableBytes, group },
  })

  test.each([
    [memory(5 * gibibyte, null), '5.0 GiB free', 'of 8.0 GiB', 'good'],
    [memory(5 * gibibyte, { limitBytes: 16 * gibibyte, usedBytes: 0 }), '5.0 GiB free', 'of 8.0 GiB', 'good'],
    [
      memory(5 * gibibyte, { limitBytes: 2 * gibibyte, usedBytes: 512 * mebibyte }),
      '1.5 GiB free',
      'of the 2.0 GiB of its control group',
      'good',
    ],
    [
      memory(5 * gibibyte, { limitBytes: 512 * mebibyte, usedBytes: 600 * mebibyte }),
      '0 B free',
      'of the 512 MiB of its control group; 4 processes take 512 MiB before the program has any',
      'short',
    ],
    [
      memory(300 * mebibyte, null),
      '300 MiB free',
      'of 8.0 GiB; 4 processes take 512 MiB before the program has any',
      'short',
    ],
  ] as const)('memory %#', (parts, value, remark, state) => {
    expect(finding('memory', parts)).toMatchObject({ value, remark, state })
  })

  test.each([
    [8, null, '8 cores', '', 'good'],
    [8, 2.5, '2.5 cores', 'of 8, as its control group allows', 'good'],
    [8, 16, '8 cores', '', 'good'],
    [2, 0.5, '0.5 cores', 'of 2, as its control group allows', 'short'],
    [1, null, '1 core', '', 'short'],
  ] as const)('%i cores with a limit of %s', (present, groupLimit, value, remark, state) => {
    expect(finding('processor', { cores: { present, groupLimit } })).toMatchObject({ value, remark, state })
  })
})

const unknown: MachineFacts['limits'] = {
  ...{ openFiles: null, lockedBytes: null, addressSpaceBytes: null, dataBytes: null, fileBytes: null },
  ...{ threads: null, threadsUsed: 0, threadsOf: 'user', memoryMaps: null },
}

describe('limits', () => {
  const limits = (changes: Partial<MachineFacts['limits']>) => ({ limits: { ...full.limits, ...changes } })

  test.each<[string, Partial<MachineFacts['limits']>, string, string, string]>([
    [
      'open files',
      { openFiles: 100 },
      '100',
      'by ulimit -n: enough for about 0 processors',
      'Allow more (ulimit -n 4096) or use fewer processes (--processes).',
    ],
    [
      'threads',
      { threads: 300, threadsUsed: 120 },
      '300, 120 taken',
      'by ulimit -u: enough for about 11 processors',
      'Allow more (ulimit -u 4096) or use fewer processes (--processes).',
    ],
    [
      'threads',
      { threads: 100, threadsOf: 'group', threadsUsed: 0 },
      '100',
      'by pids.max of the control group: enough for about 6 processors',
      'Allow more (docker run --pids-limit 4096) or use fewer processes (--processes).',
    ],
    [
      'address space',
      { addressSpaceBytes: 4 * gibibyte },
      '4.0 GiB',
      'by ulimit -v: a processor needs 34.0 GiB',
      'Lift the limit (ulimit -v unlimited).',
    ],
    [
      'memory maps',
      { memoryMaps: 8192 },
      '8192',
      'less than Linux gives by itself; large memories may be in many pieces',
      'Allow more: sudo sysctl -w vm.max_map_count=65530',
    ],
  ])('of %s that are low', (topic, changes, value, remark, advice) => {
    expect(finding(topic, limits(changes))).toEqual({ topic, value, remark, state: 'short', advice })
    expect(findings(limits(changes)).map((one) => one.topic)).not.toContain('limits')
  })

  it('that are high take one line, and none where nothing is known of them', () => {
    const unlimited = limits({ openFiles: Number.POSITIVE_INFINITY, memoryMaps: null, lockedBytes: null })
    expect(finding('limits', unlimited).remark).toBe('any number of open files')
    expect(findings({ limits: unknown }).map(({ topic }) => topic)).toEqual([
      ...['page tracking', 'lean memory', 'native addon', 'loops over pages', 'pages on their way'],
      ...['large pages', 'memory', 'first touch', 'processor', 'shares of cores'],
    ])
  })
})

describe('what is gathered', () => {
  it('comes from /proc and /sys', () => {
    const files: Readonly<Record<string, string>> = {
      '/proc/sys/vm/unprivileged_userfaultfd': '1\n',
      '/proc/self/status': 'Name:\tnode\nSeccomp:\t2\nSeccomp_filters:\t1\n',
      '/sys/kernel/mm/transparent_hugepage/enabled': 'always madvise [never]\n',
      '/proc/meminfo': 'MemTotal: 4096 kB\nMemAvailable:    2048 kB\n',
      '/proc/sys/vm/max_map_count': '262144\n',
      '/proc/self/limits': [
        'Limit                     Soft Limit           Hard Limit           Units     ',
        'Max processes             300                  96365                processes ',
        'Max open files            1024                 20000                files     ',
        'Max locked memory         65536                65536                bytes     ',
        'Max address space         unlimited            unlimited            bytes     ',
      ].join('\n'),
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/pids.max': '200\n',
      '/sys/fs/cgroup/pids.current': '30\n',
    }
    const facts = gatherFacts({}, (path) => files[path] ?? null)
    expect(facts.userfaultfd).toEqual({ isUnprivileged: true, isFiltered: true })
    expect(facts.hugePages).toBe('never')
    expect(facts.memory).toMatchObject({ availableBytes: 2 * mebibyte, group: null })
    expect(facts.limits).toEqual({
      ...{ openFiles: 1024, lockedBytes: 65_536, addressSpaceBytes: Number.POSITIVE_INFINITY },
      ...{ threads: 200, threadsUsed: 30, threadsOf: 'group', memoryMaps: 262_144 },
      ...{ dataBytes: null, fileBytes: null },
    })
  })

  it('is null where there is neither', () => {
    const facts = gatherFacts({}, () => null)
    expect(facts).toMatchObject({
      userfaultfd: { isUnprivileged: null, isFiltered: null },
      hugePages: null,
      limits: unknown,
    })
    expect(facts.memory.availableBytes).toBeGreaterThan(0)
    expect(() => judge(facts)).not.toThrow()
  })
})

describe('paritas doctor', () => {
  it('says something of this machine, whatever it is, and exits with 0', async () => {
    const { exitCode, stdout, stderr } = await paritas(['doctor'])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Paritas 1\.2\.3 on /m)
    for (const topic of ['page tracking', 'native addon', 'loops over pages', 'memory', 'processor']) {
      expect(stdout).toMatch(new RegExp(`^ {2}[✔–!] ${topic} {3}`, 'm'))
    }
  })

  it('--json: one object on stdout, all else on stderr', async () => {
    const { exitCode, stdout, stderr } = await paritas(['doctor', '--json'])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('page tracking')
    const told = JSON.parse(stdout) as { uses: object; findings: Finding[]; facts: MachineFacts }
    expect(told.uses).toEqual({ tracker: expect.stringMatching(/^(shadow|compare)$/), kernels: expect.any(String) })
    expect(told.findings.map(({ topic }) => topic)).toContain('page tracking')
    expect(told.facts.system.nodeVersion).toBe(process.version)
  })

  it('with wrong usage: exit 1 and one line', async () => {
    const { exitCode, stderr } = await paritas(['doctor', 'who'])
    expect([exitCode, stderr]).toEqual([
      1,
      "paritas: too many arguments for 'doctor'. Expected 0 arguments but got 1 (see paritas doctor --help)\n",
    ])
  })
})
