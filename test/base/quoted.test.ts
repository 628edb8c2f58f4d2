import { describe, expect, it } from 'vitest'
import { describeValue, oneLine, quoted } from '../../src/base/index.ts'

describe('a text of a program in one line', () => {
  it.each([
    ['plain', 'plain'],
    ['two\nlines', 'two\\nlines'],
    ['a\r\x1b[31m\u2028b\u2029', 'a\\u000d\\u001b[31m\\u2028b\\u2029'],
    ['half \ud800 of a pair', 'half \\ud800 of a pair'],
    ['x'.repeat(201), `${'x'.repeat(200)}…`],
  ])('%j', (text, line) => expect(oneLine(text)).toBe(line))

  it('is quoted so that its end can be seen', () => {
    expect(quoted("it's \\ over\n")).toBe("'it\\'s \\\\ over\\n'")
  })

  it('is a part of what values are called', () => {
    expect(describeValue('a\nb')).toBe("'a\\nb'")
    expect(describeValue('x'.repeat(61))).toBe(`'${'x'.repeat(60)}…'`)
  })
})
