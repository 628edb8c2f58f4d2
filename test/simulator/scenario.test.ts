import { describe, expect, it } from 'vitest'
import { runScenario } from '../../src/simulator/index.ts'

const scenario = (...lines: string[]): string => `${lines.join('\n')}\n`

describe('a scenario', () => {
  it('keeps comments and commands, and says what happened instead of what was expected', () => {
    const text = scenario(
      '# Why.',
      'machine processes=2; emit a0 x',
      'crash a0; settle until=recoveryBegan',
      '----',
      'wrong',
    )
    expect(runScenario(text)).toBe(
      scenario(
        '# Why.',
        'machine processes=2; emit a0 x',
        'crash a0; settle until=recoveryBegan',
        '----',
        'a0: step ended: 0 sent, 1 output, then continue',
        '  run step',
        'conductor: recovery begins, epoch 2, lost: a0',
        'conductor: processor 5 becomes a0 in epoch 2',
      ),
    )
  })

  it('delivers what a channel has lost as soon as that is sent again', () => {
    const text = runScenario(
      scenario(
        'machine channels=lossy choices=4',
        'send a0 a1 m1',
        `${'deliver a0->a1; '.repeat(2)}deliver a0->a1`,
        '----',
      ),
    )
    expect(text.match(/a1: a0 -> message 0 'm1'/g)).toHaveLength(1)
  })

  it('is unchanged where all is as expected', () => {
    const text = runScenario(scenario('machine processes=2', 'status', '----'))
    expect(runScenario(text)).toBe(text)
  })

  it.each([
    [['# Why.', 'machine processes=2', 'status'], "line 4: '----' must follow the commands"],
    [['machine processes=2', 'explode', '----'], "there is no command 'explode'"],
    [['status', '----'], "'status' needs a machine"],
    [['machine without=gravity', '----'], 'there is no rule gravity'],
    [['machine program=solitaire', '----'], 'there is no program solitaire'],
    [['machine', 'send a0 a1', '----'], 'the message is missing'],
    [['machine', 'deliver a0->a1', '----'], 'only 0 on a0->a1'],
    [['machine', 'crash a7', '----'], 'nobody is a7'],
  ])('%j is refused: %s', (lines, message) => {
    expect(() => runScenario(scenario(...lines))).toThrow(message)
  })
})
