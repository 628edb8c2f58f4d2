/** What is told of whatever a program threw. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { describeValue, isUsageError, messageOf } from '../../src/base/index.ts'
import { describeFailure } from '../../src/machine/program/program-failure.ts'

const lines = (thrown: unknown): string[] =>
  describeFailure(thrown)
    .error.split('\n')
    .filter((line) => !line.startsWith('    at '))

describe('causes', () => {
  it('are told, each below what it caused, with its own frames', () => {
    const { error } = describeFailure(new Error('outer', { cause: new RangeError('inner') }))
    const own = error.split('\n').filter((line) => !line.includes('node_modules'))
    const frame = expect.stringMatching(/^ {4}at .*program-failure\.test\.ts:/)
    expect(own).toEqual(['Error: outer', frame, '  caused by RangeError: inner', frame])
  })

  it('may be anything', () => {
    expect(lines(new Error('outer', { cause: 'a text' }))).toEqual(['Error: outer', '  caused by thrown: a text'])
    expect(lines(new Error('outer', { cause: null }))).toEqual(['Error: outer', '  caused by thrown: null'])
    expect(lines(new Error('outer', { cause: undefined }))).toEqual(['Error: outer'])
  })

  it('may go round, or on and on', () => {
    const round = new Error('round')
    const other = new Error('other', { cause: round })
    round.cause = other
    expect(lines(round)).toEqual(['Error: round', '  caused by Error: other'])
    let deep = new Error('0')
    for (let depth = 1; depth < 50; depth += 1) deep = new Error(String(depth), { cause: deep })
    expect(lines(deep)).toHaveLength(6)
  })

  it('gathers errors, each told with its own causes and the frames of the program', () => {
    const inner = new RangeError('inner', { cause: 'a text' })
    const both = new AggregateError([inner, 'thrown alone', inner], 'all failed', { cause: new Error('why') })
    expect(lines(both)).toEqual([
      'AggregateError: all failed',
      '  gathers RangeError: inner',
      '  caused by thrown: a text',
      '  gathers thrown: thrown alone',
      '  caused by Error: why',
    ])
  })

  it('gathers more errors than anybody reads', () => {
    const many = new AggregateError(Array.from({ length: 100 }, (_, index) => new Error(`error ${index}`)))
    expect(lines(many).filter((line) => line.includes('gathers'))).toHaveLength(5)
  })
})

it('without a place, what was thrown in two processes is one thing though its text differs', () => {
  const [one, other] = [0, 1].map((rank) => describeFailure(`nothing in ${rank}`))
  expect(one!.site).toBe(other!.site)
  const bare = [0, 1].map((rank) => Object.assign(new TypeError(`in ${rank}`), { stack: undefined }))
  expect(describeFailure(bare[0]).site).toBe(describeFailure(bare[1]).site)
  expect(describeFailure(bare[0]).site).not.toBe(one!.site)
})

it('what is no error is told as it is, also where it has no text', () => {
  expect(lines({ code: 3 })).toEqual(['thrown: { code: 3 }'])
  expect(lines(Object.create(null))).toEqual(['thrown: [Object: null prototype] {}'])
  expect(lines(Symbol('s'))).toEqual(['thrown: Symbol(s)'])
  expect(lines(undefined)).toEqual(['thrown: undefined'])
})

describe('what cannot be read', () => {
  class HttpError extends Error {
    readonly response: { readonly status: number } | undefined = undefined
    override get message(): string {
      return `status ${this.response!.status}`
    }
  }
  const fails = (): never => {
    throw new Error('never')
  }
  const failing = (field: string, error = new Error('the message')): Error =>
    Object.defineProperty(error, field, { get: fails })
  const revoked = Proxy.revocable(new Error('x'), {})
  revoked.revoke()
  const shut = new Proxy(new Error('x'), { get: fails, getPrototypeOf: fails, ownKeys: fails, has: fails })

  it('of an error is told, with the place that threw it', () => {
    const why = "Cannot read properties of undefined (reading 'status')"
    const { error, site } = describeFailure(new HttpError())
    expect(error).toContain(`Error: (its message cannot be read: ${why})\n    at `)
    expect(site).toMatch(/program-failure\.test\.ts:\d+:\d+$/)
  })

  it.each([
    ['stack', failing('stack'), 'Error: the message'],
    ['name', failing('name'), '(its name cannot be read: never): the message'],
    ['cause', failing('cause'), 'Error: the message\n  caused by thrown: what cannot be read'],
    ['code', failing('code'), 'Error: the message'],
    ['a frozen one', Object.freeze(failing('message')), 'Error: (its message cannot be read: never)'],
    [
      'a name without text',
      Object.assign(new Error('m'), { name: Object.create(null) }),
      expect.stringMatching(/: m$/),
    ],
    ['a name that is a symbol', Object.assign(new Error('m'), { name: Symbol('s') }), 'Symbol(s): m'],
    [
      'a cause of the kind',
      new Error('m', { cause: failing('message') }),
      expect.stringMatching(/^Error: m\n {2}caused by Error: \(its/),
    ],
    ['a revoked proxy', revoked.proxy, 'thrown: <Revoked Proxy>'],
    ['a proxy that answers nothing', shut, expect.stringMatching(/^thrown: /)],
    ['what shows itself badly', { [inspect.custom]: fails, a: 1 }, expect.stringMatching(/^thrown: \{ a: 1/)],
  ])('%s', (_, thrown, expected) => {
    expect(lines(thrown).join('\n')).toEqual(expected)
    expect(messageOf(thrown)).not.toBe('')
    expect(describeValue(thrown)).not.toBe('')
    expect(isUsageError(thrown)).toBe(false)
  })
})
