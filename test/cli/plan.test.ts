import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'
import { parseHosts } from '../../src/cli/hosts-file.ts'
import { paritas } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-plan-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = join(folder, 'hosts.yaml')
function plan(hosts: string, ...options: readonly string[]) {
  writeFileSync(file, hosts)
  return paritas(['plan', '--hosts', file, ...options])
}

const six = 'hosts:\n  - name: n1..n6\n    processors: 2\n'

describe('paritas plan', () => {
  test("shows the paper's layout: several processors in each host, and two hosts more", async () => {
    const { exitCode, stdout, stderr } = await plan(six, '--processes', '8', '--code', 'groups', '--tolerate', '2')
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatchInlineSnapshot(`
      "host   processors   places
      n1     2 of 2       a0 a1
      n2     2 of 2       a2 a3
      n3     2 of 2       a4 a5
      n4     2 of 2       a6 a7
      n5     2 of 2       c0 c1
      n6     2 of 2       b0 b1

      ✔ any one host can be lost: all 6 losses are covered

      code          12 places on 6 hosts                                  survives 1 of 1
      release log   the conductor's and 1 replica, each on another host   survives 1 of 1
      store         3 members, of which more than half must be left       survives 1 of 1
      after such a loss not every place finds room on the others: the run goes on unprotected until a host comes
      "
    `)
  })

  test('shows groups of any two losses likewise: two members of each in a host, and four hosts more', async () => {
    const grouped = ['--processes', '8', '--tolerate', '2', '--group-size', '4']
    const { exitCode, stdout } = await plan(six.replace('n6', 'n8'), ...grouped)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^✔ any 2 hosts together can be lost: all 28 losses are covered$/m)
    expect(stdout).toMatch(/^code +16 places on 8 hosts +survives 2 of 2$/m)
  })

  test('names each loss that is not survived, and the weakest parts, and ends with exit code 3', async () => {
    const { exitCode, stdout, stderr } = await plan('hosts: [n1, n2, n3, n4]', '--tolerate', '2')
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/✗ of 6 losses of 2 hosts together, 1 is not covered:\n {4}n\d with n\d\n/)
    expect(stdout).toMatch(/^code .* survives 1 of 2, the weakest part$/m)
    expect(stderr).toBe('paritas: the code and the store survive only 1 loss at a time, and 2 were asked for\n')
  })

  test('says the memory of a program on each host, and takes racks for what is lost', async () => {
    const hosts = 'hosts:\n  - {name: n1..n2, rack: east}\n  - {name: n3..n4, rack: west}\n  - n5\n'
    const { exitCode, stdout } = await plan(hosts, '--domain', 'rack', 'ring', '--processes', '2')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^host +rack +processors +memory +places$/m)
    expect(stdout).toMatch(/✔ any one rack can be lost: all 3 losses are covered/)
  })

  test('--json has it all, and the text goes to stderr', async () => {
    const { exitCode, stdout, stderr } = await plan(six, '--json', '--processes', '2')
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^host /)
    expect(JSON.parse(stdout)).toMatchObject({
      setting: { processes: 2, code: 'reed-solomon', tolerate: 1, domain: 'host', losses: 1 },
      survivals: [{ losses: 1, ways: 6, counted: 6, uncovered: 0, examples: [], uncoveredShareMax: 0 }],
      ...{ survives: { code: 1, 'release log': 1, store: 1 }, weakest: [], replicas: 1, storeMembers: 3 },
    })
  })

  test.each([
    [
      ['--processes', '9'],
      /^paritas: the hosts have room for 10 processors, and the run has 11/,
      six.replace('n6', 'n5'),
    ],
    [['--code', 'xor'], /^paritas: --code must be reed-solomon or groups, but is 'xor'/, six],
    [
      ['--scheme', 'mirror', '--group-size', '2'],
      /^paritas: --scheme mirror --group-size 2: mirrors have no groups;/,
      six,
    ],
    [
      ['--scheme', 'none'],
      /^paritas: --scheme none keeps nothing on other hosts: choose enhanced, n\+1-parity or mirror/,
      six,
    ],
    [['--scheme', 'disk'], /^paritas: --scheme disk keeps nothing on other hosts/, six],
    [['--group-size', '0'], /^paritas: --group-size must be a whole number from 1 to 240, but is '0'/, six],
    [['--processes', '241'], /^paritas: --processes 241: one group has at most 240; make several, such as by /, six],
    [['--size', 'n=1'], /^paritas: --size is for a program: name it, too/, six],
    [['--domain', 'row'], /^paritas: --domain must be host or rack, but is 'row'/, six],
    [['--scheme', 'mirror', '--tolerate', '2'], /^paritas: --scheme mirror --tolerate 2: a mirror holds one copy/, six],
  ])('%j is refused in one line', async (options, line, hosts) => {
    const { exitCode, stderr } = await plan(hosts, ...options)
    expect(stderr).toMatch(line)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(exitCode).toBe(1)
  })

  test('a file that is not there is told in one line', async () => {
    const { exitCode, stderr } = await paritas(['plan', '--hosts', join(folder, 'none.yaml')])
    expect([exitCode, stderr]).toEqual([1, `paritas: ${join(folder, 'none.yaml')}: no such file or folder\n`])
  })
})

describe('a file of hosts', () => {
  it('has names, ranges of names, racks and room', () => {
    const hosts = parseHosts('h', 'hosts:\n- a\n- &x {name: n08..n10, rack: r1, processors: 4}\n- name: 7\n  rack:\n')
    expect(hosts).toEqual([
      { name: 'a', rack: null, processorsMax: null, address: null },
      { name: 'n08', rack: 'r1', processorsMax: 4, address: null },
      { name: 'n09', rack: 'r1', processorsMax: 4, address: null },
      { name: 'n10', rack: 'r1', processorsMax: 4, address: null },
      { name: '7', rack: null, processorsMax: null, address: null },
    ])
  })

  it.each([
    ['10.0.0.1', { host: '10.0.0.1', port: 7400 }],
    ['n1.example:80', { host: 'n1.example', port: 80 }],
    ['[fd00::1]', { host: 'fd00::1', port: 7400 }],
    ['[fd00::1]:9000', { host: 'fd00::1', port: 9000 }],
  ])('has addresses, such as %s', (written, address) => {
    expect(parseHosts('h', `hosts: [{ name: a, address: "${written}" }]`)[0]!.address).toEqual(address)
  })

  it.each([
    ['', "h:1:1: there must be a list of hosts: 'hosts:', and below it '- name: n1'"],
    ['hosts: 5', "h:1:8: 'hosts' must be a list, such as '- name: n1'"],
    ['hosts: []', "h:1:8: 'hosts' must be a list, such as '- name: n1'"],
    ['hosst: [a]', "h:1:1: has 'hosst': did you mean 'hosts'?"],
    ['hosts:\n  - name: a\n    processors: -1', "h:3:17: 'processors' must be a whole number from 0 on"],
    ['hosts:\n  - rack: r', "h:2:5: a host must have a 'name'"],
    ['hosts:\n  - [a]', "h:2:5: a host is a name, or has 'name', 'address', 'rack' and 'processors'"],
    ['hosts: [a, b, a]', "h:1:8: there are two hosts with the name 'a'"],
    ['hosts: [n9..n2]', "h:1:9: 'n9..n2' is no range of names such as n1..n8"],
    ['hosts: [n1..m5]', "h:1:9: 'n1..m5' is no range of names such as n1..n8"],
    ['hosts: [n1..n99999]', "h:1:9: 'n1..n99999' is no range of names such as n1..n8"],
    ['hosts:\n  - name: true', "h:2:11: 'name' must be a text"],
    [
      'hosts: [{ name: a, address: "10.0.0.1:0" }]',
      "h:1:29: '10.0.0.1:0' is no address such as 10.0.0.1:7400, n1.example:7400 or [fd00::1]:7400",
    ],
    ['hosts: [{ name: a, address: "fd00::1" }]', "h:1:29: 'fd00::1' is no address such as"],
    [
      'hosts: [{ name: a, address: "0.0.0.0:7400" }]',
      "h:1:29: '0.0.0.0' is no address that others can connect to: give this host's own",
    ],
    ['hosts: [{ name: a, address: "[0:0::0]" }]', "'0:0::0' is no address that others can connect to"],
    ['hosts: [{ name: n1..n2, address: b }]', 'hosts with a range as their name cannot have one address: list each'],
    [
      'hosts: [{ name: a, address: b }, { name: c, address: "b:7400" }]',
      "h:1:8: the hosts 'a' and 'c' have the same address, b:7400",
    ],
  ])('%j is refused with its place', (text, message) => {
    expect(() => parseHosts('h', text)).toThrow(message)
  })

  it('that is no YAML is refused with the place of what is wrong', () => {
    expect(() => parseHosts('h', 'hosts:\n  - {name: a')).toThrow(/^h:2:\d+: .*flow map/i)
  })
})
