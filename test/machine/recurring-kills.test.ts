import { expect, test } from 'vitest'
import { patient } from '../load.ts'
import { finished, runProgram } from './run-program.ts'

test(
  'somebody is killed again and again, the next only when the machine is whole, and the run comes to its end',
  async () => {
    const ran = await runProgram({
      program: 'ring',
      sizes: ['rounds=100'],
      // Far shorter than a recovery.
      faults: [{ kind: 'kill', who: 'random', when: { kind: 'every', ms: 1 } }],
      options: { timeoutMs: 50 },
    })
    const kills = ran.news.filter((one) => one.type === 'fault')
    expect(kills.length).toBeGreaterThanOrEqual(2)
    expect(finished(ran).recoveries.length).toBeGreaterThanOrEqual(2)
    expect(finished(ran).results).toHaveLength(4)
    expect(ran.complaint).toBeNull()
    expect(ran.news.some((one) => one.type === 'faultMissed')).toBe(false)
  },
  patient(120_000),
)
