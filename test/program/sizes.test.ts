import { describe, expect, expectTypeOf, it } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import { choice, defaultSizes, integer, number, parseSizes, type Sizes, text } from '../../src/program/index.ts'
import { checkSizes } from '../../src/program/sizes.ts'

const size = {
  records: integer({ default: 1000, min: 1, max: 1_000_000, help: 'records' }),
  share: number({ default: 0.5, min: 0, help: 'share' }),
  order: choice(['up', 'down'], { default: 'up', help: 'order' }),
  title: text({ default: '', help: 'title' }),
}
const program = { name: 'demo', size }

describe('sizes', () => {
  it('have the types of their values', () => {
    expectTypeOf<Sizes<typeof size>>().toEqualTypeOf<{
      readonly records: number
      readonly share: number
      readonly order: 'up' | 'down'
      readonly title: string
    }>()
    // @ts-expect-error: the default must be one of the choices
    expect(() => choice(['up', 'down'], { default: 'left', help: '' })).toThrow(RangeError)
  })

  it('are the defaults unless they are set; the last setting wins', () => {
    expect(parseSizes(program, [])).toEqual({ records: 1000, share: 0.5, order: 'up', title: '' })
    expect(parseSizes(program, [])).toEqual(defaultSizes(size))
    const settings = ['records=5', 'order=down', 'title=a=b', 'records=6', 'share=.25']
    expect(parseSizes(program, settings)).toEqual({ records: 6, share: 0.25, order: 'down', title: 'a=b' })
    expect(parseSizes({ name: 'bare' }, [])).toEqual({})
  })

  it.each([
    ['1000000', 1_000_000],
    ['1_000', 1000],
    ['1e3', 1000],
    ['+7', 7],
  ])('read %s as %d', (given, value) => {
    expect(parseSizes(program, [`records=${given}`]).records).toBe(value)
  })

  it.each([
    ['0e-400', 0],
    ['5e-324', 5e-324],
    ['+9007199254740994', 9_007_199_254_740_994],
  ])('read %s as %d', (given, value) => {
    expect(parseSizes(program, [`share=${given}`]).share).toBe(value)
  })
})

describe('a wrong size says what is wrong and what would be right', () => {
  it.each([
    ['records=0', "size 'records' must be a whole number from 1 to 1000000, but is '0'"],
    ['records=2.5', "size 'records' must be a whole number from 1 to 1000000, but is '2.5'"],
    ['records=many', "size 'records' must be a whole number from 1 to 1000000, but is 'many'"],
    ['records=', "size 'records' must be a whole number from 1 to 1000000, but is ''"],
    ['records=0x10', "size 'records' must be a whole number from 1 to 1000000, but is '0x10'"],
    ['records=1_', "size 'records' must be a whole number from 1 to 1000000, but is '1_'"],
    ['records=0b11', "size 'records' must be a whole number from 1 to 1000000, but is '0b11'"],
    ['share=0x10', "size 'share' must be a number of at least 0, but is '0x10'"],
    ['share=1e-400', "size 'share' must be a number of at least 0, but is '1e-400'"],
    ['share=9007199254740993', "size 'share' must be a number of at least 0, but is '9007199254740993'"],
    ['share=-1', "size 'share' must be a number of at least 0, but is '-1'"],
    ['share=1e999', "size 'share' must be a number of at least 0, but is '1e999'"],
    ['order=left', "size 'order' must be up or down, but is 'left'"],
    ['records', "'records' sets no size: write name=value, such as records=1000"],
    ['=5', "'=5' sets no size: write name=value, such as records=1000"],
    ['recrods=5', "program 'demo' has no size 'recrods': its sizes are records, share, order and title"],
    ['toString=5', "program 'demo' has no size 'toString': its sizes are records, share, order and title"],
  ])('%s', (setting, message) => {
    expect(() => parseSizes(program, [setting])).toThrow(new UsageError(message))
  })

  it('of a program without sizes', () => {
    const message = "program 'bare' has no size 'records': it has no sizes"
    expect(() => parseSizes({ name: 'bare' }, ['records=5'])).toThrow(new UsageError(message))
  })

  it('in a default, to the author', () => {
    expect(() => integer({ default: 0, min: 1, help: '' })).toThrow(
      'the default of a size must be a whole number of at least 1, but is 0',
    )
    expect(() => number({ default: 3, max: 2, help: '' })).toThrow('must be a number of at most 2, but is 3')
  })

  it('in an option that there is not, to the author', () => {
    const bad = (options: object) => options as never
    expect(() => integer(bad({ default: 1, mni: 0, help: '' }))).toThrow("a size has 'mni': did you mean 'min'?")
    expect(() => number(bad({ defualt: 1, help: '' }))).toThrow("a size has 'defualt': did you mean 'default'?")
    expect(() => choice(['a'], bad({ default: 'a', hlep: '' }))).toThrow("a size has 'hlep': did you mean 'help'?")
    expect(() => text(bad({ default: '', max: 5, help: '' }))).toThrow(
      "a size has 'max': there is only default and help",
    )
  })

  it('in a text that UTF-8 cannot hold', () => {
    expect(() => checkSizes(program, { title: 'a\ud800' })).toThrow(
      "size 'title' must be a text that UTF-8 can hold, but is 'a",
    )
    expect(() => text({ default: '\udc00', help: '' })).toThrow(
      'the default of a size must be a text that UTF-8 can hold, but is',
    )
  })

  it('in one line, however long and strange the value is', () => {
    const act = (): unknown => parseSizes(program, [`order=${'x'.repeat(500)}`])
    expect(act).toThrow(new UsageError(`size 'order' must be up or down, but is '${'x'.repeat(60)}…'`))
    expect(() => parseSizes(program, ['order=a\nb'])).toThrow(
      new UsageError("size 'order' must be up or down, but is 'a\\nb'"),
    )
  })
})
