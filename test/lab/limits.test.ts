// Limits of hosts: processor time and memory, by control groups of either version.
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import { HostGroups } from '../../src/lab/host-groups.ts'
import { openLab } from '../../src/lab/index.ts'
import { removeGroup } from '../../src/machine/index.ts'
import { UnifiedGroups } from '../machine/group-files.ts'
import { labTest, runOn } from './on-hosts.ts'

labTest(
  'a host computes for its share of the time, and who takes more memory than it has dies, and nobody else',
  async () => {
    const lab = await openLab({ hosts: 1, cores: 0.2, memoryBytes: 64 * 1024 ** 2 })
    try {
      const burning = 'TIMEFORMAT="%3U %3S"; time timeout 1 sh -c "while :; do :; done"'
      const { said } = await runOn(lab, 'h1', 'bash', '-c', burning)
      const [user, system] = said.split(' ').map(Number)
      process.stderr.write(`0.2 of a core: ${(user! + system!).toFixed(3)} s of a second\n`)
      expect(user! + system!).toBeGreaterThan(0.05)
      // And what a core hands out ahead.
      expect(user! + system!).toBeLessThan(0.3)
      const keeping = 'set -o pipefail; head -c 200000000 /dev/zero | tail -c 200000000 > /dev/null; echo $?'
      expect((await runOn(lab, 'h1', 'bash', '-c', keeping)).said).toMatch(/^137$/m)
      expect((await runOn(lab, 'h1', 'echo', 'up')).said).toBe('up')
      expect(lab.host('h1').isOn).toBe(true)
    } finally {
      await lab.close()
    }
  },
)

describe('groups of version 2', () => {
  const own = '/sys/fs/cgroup/job'
  const limits = { cores: 0.25, memoryBytes: 512 * 1024 ** 2 }
  const started = new Map([[5, process.pid]])

  it('are one for both limits, below the own one, which is left for it; all is as it was when they are removed', () => {
    const files = new UnifiedGroups('/job', [5], started)
    const groups = new HostGroups(limits, 'paritas-lab-x', files)
    expect(files.names(own)).toEqual([])
    groups.make(['h1', 'h2'])
    expect(groups.foldersOf('h2')).toEqual([`${own}/paritas-lab-x/h2`])
    expect(files.state()).toEqual({
      [own]: '0 divided',
      [`${own}/paritas`]: '0 divided 200',
      [`${own}/paritas/launcher`]: '2 whole',
      ...{ [`${own}/paritas/h1`]: '0 whole 2500 10000', [`${own}/paritas/h2`]: '0 whole 2500 10000' },
    })
    expect(files.read(`${own}/paritas-lab-x/h1/memory.max`)).toBe(String(limits.memoryBytes))
    for (const group of groups.groups) removeGroup(group, files)
    expect(files.state()).toEqual({ [own]: '2 whole' })
  })

  it('that the system refuses: says so, and what to do', () => {
    const files = new UnifiedGroups('/job', [5], started)
    files.refused.set('memory.max', 'EIO: that disk again')
    const groups = new HostGroups(limits, 'paritas-lab-x', files)
    const line = `limits of hosts: control groups cannot be made in ${own} (EIO: that disk again); run it as root, or leave the limits out`
    expect(() => groups.make(['h1'])).toThrow(new UsageError(line))
  })

  it('without limits there are none', () => {
    const none = new HostGroups(
      { cores: null, memoryBytes: null },
      'paritas-lab-x',
      new UnifiedGroups('/job', [5], started),
    )
    expect([none.groups, none.foldersOf('h1')]).toEqual([[], []])
  })
})
