import { describe, expect, it } from 'vitest'
import { messageOf, UsageError } from '../../src/base/index.ts'
import { f64, memoryLayout, type Program, u8, validateProgram } from '../../src/program/index.ts'

const good = {
  name: 'demo',
  memory: () => ({ sum: f64() }),
  start: () => null,
  step: () => null,
}

describe('a module', () => {
  it('with a program passes as it is', () => {
    expect(validateProgram(good)).toBe(good)
  })

  it.each([
    [undefined, 'no default export: end the module with `export default defineProgram({ ... })`'],
    [null, 'the default export must be what defineProgram({ ... }) returns, but is null'],
    [() => good, 'the default export must be what defineProgram({ ... }) returns, but is a function'],
    [{ ...good, name: undefined }, 'name must be a text, but is missing'],
    [{ ...good, name: '' }, "name must be a text, but is ''"],
    [{ ...good, description: 5 }, 'description must be a text, but is 5'],
    [{ ...good, memory: { sum: f64() } }, 'memory must be a function, but is an object'],
    [{ ...good, start: undefined }, 'start must be a function, but is missing'],
    [{ ...good, step: null }, 'step must be a function, but is null'],
    [{ ...good, vars: [] }, 'vars must be a function, but is an array'],
    [{ ...good, verify: 'yes' }, "verify must be a function, but is 'yes'"],
    [{ ...good, size: null }, 'size must be an object, but is null'],
    [{ ...good, size: { n: 5 } }, 'size.n must be made by integer, number, choice or text, but is 5'],
    [{ ...good, input: {} }, 'input.description must be a text, but is missing'],
    [{ ...good, input: { description: '' } }, 'input.parse must be a function, but is missing'],
    [
      { ...good, input: { description: '', read: () => null } },
      "input.files must be names of files, such as ['A', 'B'], but is missing",
    ],
    [
      { ...good, input: { description: '', files: [] } },
      "input.files must be names of files, such as ['A', 'B'], but is an array",
    ],
    [
      { ...good, input: { description: '', files: [5] } },
      "input.files must be names of files, such as ['A', 'B'], but is an array",
    ],
    [{ ...good, input: { description: '', files: ['A'] } }, 'input.read must be a function, but is missing'],
    [{ ...good, output: new Map() }, 'output.format must be a function, but is missing'],
    [{ ...good, step: undefined, setp: good.step }, "the program has 'setp': did you mean 'step'?"],
    [{ ...good, vefiry: () => null }, "the program has 'vefiry': did you mean 'verify'?"],
    [{ ...good, sizes: {} }, "the program has 'sizes': did you mean 'size'?"],
    [
      { ...good, helper: () => 1 },
      "the program has 'helper': there is only name, description, size, memory, vars, input, output, start, step, verify and verifiedAgainst",
    ],
    [{ ...good, input: { descripton: '', parse: () => null } }, "input has 'descripton': did you mean 'description'?"],
    [{ ...good, input: { description: '', file: ['A'] } }, "input has 'file': did you mean 'files'?"],
    [{ ...good, output: { fromat: () => '' } }, "output has 'fromat': did you mean 'format'?"],
  ])('%# without one is told what is missing', (exported, message) => {
    expect(() => validateProgram(exported)).toThrow(new UsageError(message))
  })
})

describe('memory()', () => {
  const layoutOf = (memory: unknown) =>
    memoryLayout({ ...good, memory } as unknown as Program, { rank: 2, processes: 3, size: {} })

  it('is laid out for the process it is asked for', () => {
    expect(layoutOf(({ rank }: { rank: number }) => ({ bytes: u8(rank * 8) })).bytes).toBe(16)
  })

  it.each([
    [() => null, 'must return fields by name, such as { total: f64() }, but returned null'],
    [() => [f64()], 'must return fields by name, such as { total: f64() }, but returned an array'],
    [() => f64(), 'must return fields by name, such as { total: f64() }, but returned a single field'],
    [() => ({ a: 5 }), "must return fields made by f64, u32 and the like, but 'a' is 5"],
    [() => ({ a: f64 }), "must return fields made by f64, u32 and the like, but 'a' is a function"],
    [() => ({ a: f64(Number.NaN) }), 'failed: f64(NaN): the count must be a whole number from 0 on'],
  ])('%# that is wrong names program and process', (memory, message) => {
    expect(() => layoutOf(memory)).toThrow(new UsageError(messageWith(message)))
  })

  it('that refuses sizes or processes has its own words', () => {
    const refuse = () => {
      throw new UsageError('3 processes make no square')
    }
    expect(() => layoutOf(refuse)).toThrow(new UsageError("program 'demo': 3 processes make no square"))
  })

  const messageWith = (rest: string): string => `program 'demo': memory() of process 2 ${rest}`
})

describe('the line of an error', () => {
  it.each([
    [new Error('one\ntwo'), 'one'],
    [new RangeError(), 'RangeError'],
    ['text', "'text'"],
    [undefined, 'nothing'],
    [new Map(), 'an object of class Map'],
    [Object.create(null), 'an object'],
    [new Error("a:1: '\u001b[2J\u0000\u009b' is no number\r"), "a:1: '\\x1b[2J\\x00\\x9b' is no number\\x0d"],
    [
      new Error(`a:1: '${'x'.repeat(10_000)}' is no number`),
      `a:1: '${'x'.repeat(114)}…${'x'.repeat(66)}' is no number`,
    ],
  ])('%#', (thrown, line) => {
    expect(messageOf(thrown)).toBe(line)
  })
})
