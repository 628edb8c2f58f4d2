import { describe, expect, test } from 'vitest'
import { parseFreeze, parseKill } from '../../src/cli/run/faults.ts'

const context = { processes: 4, spares: 1, conductors: 2, scheme: 'enhanced', code: { checks: 2, copies: 2 } } as const

describe('--kill', () => {
  test.each([
    ['2@50%', { who: 'a2', when: { kind: 'progress', share: 0.5 } }],
    ['0@12.5%', { who: 'a0', when: { kind: 'progress', share: 0.125 } }],
    ['checkpoint@1.5s', { who: 'c0', when: { kind: 'time', ms: 1500 } }],
    ['backup@250ms', { who: 'b0', when: { kind: 'time', ms: 250 } }],
    ['c1@1s', { who: 'c1', when: { kind: 'time', ms: 1000 } }],
    ['conductor@40%', { who: 'conductor', when: { kind: 'progress', share: 0.4 } }],
    ['spare@commit:3', { who: 'spare', when: { kind: 'commit', checkpoint: 3 } }],
    ['random@every:1s', { who: 'random', when: { kind: 'every', ms: 1000 } }],
    ['2@every:250ms', { who: 'a2', when: { kind: 'every', ms: 250 } }],
    ['random@0%', { who: 'random', when: { kind: 'progress', share: 0 } }],
  ])('%s', (text, fault) => {
    expect(parseKill(text, context)).toEqual({ kind: 'kill', ...fault })
  })

  test.each([
    ['2', '--kill 2: write WHO@WHEN, such as 2@50%, checkpoint@1.5s or random@commit:3'],
    ['@50%', '--kill @50%: write WHO@WHEN, such as 2@50%, checkpoint@1.5s or random@commit:3'],
    ['2@', '--kill 2@: write WHO@WHEN, such as 2@50%, checkpoint@1.5s or random@commit:3'],
    ['2@1s@2s', '--kill 2@1s@2s: write WHO@WHEN, such as 2@50%, checkpoint@1.5s or random@commit:3'],
    ['4@50%', '--kill 4@50%: there is no process 4: processes are 0 to 3'],
    [
      'all@50%',
      "--kill all@50%: 'all' is neither the number of a process nor checkpoint, backup, spare, conductor or random",
    ],
    [
      '-1@50%',
      "--kill -1@50%: '-1' is neither the number of a process nor checkpoint, backup, spare, conductor or random",
    ],
    ['2@101%', '--kill 2@101%: progress goes up to 100%'],
    ['2@soon', "--kill 2@soon: 'soon' is no time: write 1.5s, 250ms, 40%, commit:3 or every:1s"],
    ['2@commit:x', "--kill 2@commit:x: 'commit:x' is no time: write 1.5s, 250ms, 40%, commit:3 or every:1s"],
    ['2@every:', "--kill 2@every:: the time after 'every:' must be a duration such as 500ms, 1.5s or 2m, but is ''"],
    ['2@every:0s', "--kill 2@every:0s: the time after 'every:' must be at least 1ms"],
    ['2@every:50%', "--kill 2@every:50%: the time after 'every:' must be a duration"],
    ['2@commit:0', '--kill 2@commit:0: commits are counted from 1'],
    ['2@5x', "--kill 2@5x: the time must be a duration such as 500ms, 1.5s or 2m, but is '5x'"],
  ])('%s is refused', (text, message) => {
    expect(() => parseKill(text, context)).toThrow(message)
  })

  test('whoever is hit must be there', () => {
    expect(() => parseKill('1@1s', { ...context, processes: 1 })).toThrow('there is only process 0')
    expect(() => parseKill('spare@1s', { ...context, spares: 0 })).toThrow('there is no spare: --spares is 0')
    expect(() => parseKill('conductor@1s', { ...context, conductors: 1 })).toThrow(
      'this command itself conducts; with --conductors 2 one of two processes does, and the other takes over',
    )
    const bare = { ...context, scheme: 'none', code: null } as const
    expect(() => parseKill('backup@1s', bare)).toThrow('there is no backup processor with --scheme none')
    expect(() => parseKill('1@commit:2', bare)).toThrow('nothing is committed with --scheme none')
  })
})

describe('--freeze', () => {
  test.each([
    ['1@0.5s+3s', 'a1', 3000],
    ['1@0.5s', 'a1', null],
    ['random@0.5s+250ms', 'random', 250],
  ])('%s', (text, who, thawAfterMs) => {
    expect(parseFreeze(text, context)).toEqual({ kind: 'freeze', who, when: { kind: 'time', ms: 500 }, thawAfterMs })
  })

  test.each([
    ['1@0.5s+', "--freeze 1@0.5s+: the part after '+' must be a duration such as 500ms, 1.5s or 2m, but is ''"],
    ['9@0.5s+1s', '--freeze 9@0.5s+1s: there is no process 9: processes are 0 to 3'],
  ])('%s is refused', (text, message) => {
    expect(() => parseFreeze(text, context)).toThrow(message)
  })
})
