import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import { exploreExhaustive, readExhaustiveArguments } from '../../src/cli/explore/exhaustive.ts'
import { paritas, Written } from './fake-machine.ts'

describe('paritas explore --exhaustive', () => {
  it('explores every world that is not broken on purpose and can be explored to its end', () => {
    expect(readExhaustiveArguments({})).toEqual({
      worlds: [
        ...['channel', 'three', 'ring', 'message', 'commit', 'recovery', 'suspicion', 'timeout'],
        ...['suspicion-and-crash', 'disk', 'disk-beside', 'freeze-to-commit', 'freeze-to-capture'],
      ],
      leftOut: ['triangle', 'held-up', 'held-without-commits', 'channel-timeout', 'triangle-timeout'],
      delays: null,
      isJson: false,
    })
  })

  it('and with few delays those too that have too many interleavings', () => {
    const { worlds, leftOut } = readExhaustiveArguments({ delays: '1' })
    expect(worlds).toEqual(expect.arrayContaining(['triangle', 'channel-timeout', 'triangle-timeout']))
    expect(leftOut).toEqual([])
    expect(readExhaustiveArguments({ world: 'triangle' }).worlds).toEqual(['triangle'])
  })

  it('or the one that is named, with few delays', () => {
    expect(readExhaustiveArguments({ world: 'literal-lost', delays: '2', json: true })).toEqual({
      worlds: ['literal-lost'],
      leftOut: [],
      delays: 2,
      isJson: true,
    })
  })

  it('refuses a name that is none', () => {
    expect(() => readExhaustiveArguments({ world: 'square' })).toThrow(UsageError)
    expect(() => readExhaustiveArguments({ world: 'square' })).toThrow("there is no 'square': there are channel, ")
  })

  it('refuses what is no number of delays', () => {
    expect(() => readExhaustiveArguments({ delays: '1.5' })).toThrow('--delays must be a whole number from 0 to 100')
  })

  it('tells what every schedule with few delays has come to', async () => {
    const { exitCode, stdout } = await paritas(['explore', '--world', 'freeze-to-commit', '--delays', '1'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/\n {2}at most 0 delays: [\d ]+ states\n {2}at most 1 delay: [\d ]+ states\n/)
    expect(stdout.trim().split('\n').at(-1)).toBe('every schedule with at most 1 delay: no violation')
  })

  it('does not call a world right that it has not explored to its end', async () => {
    const stdout = new Written()
    const surroundings = { stdout, stderr: new Written(), env: {}, now: () => 0 }
    const args = readExhaustiveArguments({ world: 'channel' })
    await expect(exploreExhaustive(args, surroundings, { statesMax: 1000 })).rejects.toThrow(
      new UsageError(
        'channel: not explored to the end, there is no room for more states; no violation among those that were seen',
      ),
    )
    expect(stdout.text).toContain('stopped at a bound of states or memory')
    expect(stdout.text).not.toContain('no violation')
  })

  it.each(['--exhaustive', '--world=commit', '--delays=1'])('refuses %s beside an option for seeds', async (option) => {
    const { exitCode, stderr } = await paritas(['explore', option, '--seeds', '10'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^paritas: option '--\w+.*' cannot be used with option '--seeds <n>'/)
  })
})
