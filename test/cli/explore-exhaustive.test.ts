import { describe, expect, it } from 'vitest'
import { readExhaustiveArguments } from '../../src/cli/explore-exhaustive.ts'
import { UsageError } from '../../src/program/index.ts'
import { paritas } from './fake-machine.ts'

describe('paritas explore --exhaustive', () => {
  it('explores every world that is not broken on purpose', () => {
    expect(readExhaustiveArguments({})).toEqual({
      worlds: [
        ...['channel', 'three', 'ring', 'triangle', 'commit', 'recovery'],
        ...['freeze-to-commit', 'freeze-to-capture'],
      ],
      isJson: false,
    })
  })

  it('or the one that is named', () => {
    expect(readExhaustiveArguments({ world: 'literal-lost', json: true })).toEqual({
      worlds: ['literal-lost'],
      isJson: true,
    })
  })

  it('refuses a name that is none', () => {
    expect(() => readExhaustiveArguments({ world: 'square' })).toThrow(UsageError)
    expect(() => readExhaustiveArguments({ world: 'square' })).toThrow("there is no 'square': there are channel, ")
  })

  it.each(['--exhaustive', '--world=commit'])('refuses %s beside an option for seeds', async (option) => {
    const { exitCode, stderr } = await paritas(['explore', option, '--seeds', '10'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^paritas: option '--\w+.*' cannot be used with option '--seeds <n>'/)
  })
})
