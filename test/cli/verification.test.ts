import { describe, expect, test } from 'vitest'
import { describeError } from '../../src/cli/failure.ts'
import { verifyRun } from '../../src/cli/run/verification.ts'
import { defineProgram } from '../../src/program/index.ts'

const run = { size: {}, processes: 1, input: null, results: [1], emitted: [] }

const verify = (body: () => unknown) =>
  verifyRun(
    defineProgram({
      name: 'mine',
      memory: () => ({}),
      start: (self) => self.done(),
      step: (self) => self.done(),
      verify: body as () => null,
    }),
    run,
  )

describe('verify', () => {
  test('says that a run is right, or what is wrong, at once or later', async () => {
    expect(await verify(() => null)).toEqual({ kind: 'right', line: 'result verified by the program' })
    expect(await verify(async () => null)).toEqual({ kind: 'right', line: 'result verified by the program' })
    expect(await verify(() => 'line 3')).toEqual({ kind: 'wrong', what: 'line 3' })
    expect(await verify(async () => 'line 3')).toEqual({ kind: 'wrong', what: 'line 3' })
  })

  test.each<[unknown, string]>([
    [false, 'false'],
    [true, 'true'],
    [undefined, 'nothing'],
    ['', "''"],
    [' \n', "' \\n'"],
    [0, '0'],
    [new Error('all wrong'), 'an object of class Error'],
    [['line 3'], 'an array'],
  ])('that returns %o ends the run with exit code 2', async (returned, given) => {
    for (const body of [() => returned, async () => returned]) {
      const error: unknown = await verify(body).catch((thrown: unknown) => thrown)
      expect(describeError(error)).toEqual({
        exitCode: 2,
        error: `verify of program 'mine' must return a text that says what is wrong, or null, but returned ${given}`,
        detail: null,
      })
    }
  })
})
