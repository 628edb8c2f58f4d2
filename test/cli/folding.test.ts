import { stripVTControlCharacters } from 'node:util'
import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { fold } from '../../src/cli/folding.ts'

test.each([
  ['what fits stays', '  elapsed   2.51 s', 18, ['  elapsed   2.51 s']],
  [
    'a remark goes on below itself',
    '  memory for protection   13.6 MiB   the half of the memory of the program itself',
    64,
    [
      '  memory for protection   13.6 MiB   the half of the memory of',
      '                                     the program itself',
    ],
  ],
  [
    'or below the column before, where it has no room',
    '  memory for protection   13.6 MiB   the half of the memory of it',
    50,
    ['  memory for protection   13.6 MiB   the half of', '                          the memory of it'],
  ],
  [
    'plain text goes on below its first word',
    '  one two three four five six',
    26,
    ['  one two three four five', '  six'],
  ],
  [
    'a word that is too long stands alone',
    'see https://example.org/a/long/address now',
    12,
    ['see', '  https://example.org/a/long/address', '  now'],
  ],
  ['colours take no room', '\x1b[31mab\x1b[39m \x1b[31mcd\x1b[39m', 5, ['\x1b[31mab\x1b[39m \x1b[31mcd\x1b[39m']],
  ['where nothing is said of the width, nothing is folded', 'a b', undefined, ['a b']],
])('%s', (_, line, width, lines) => {
  expect(fold(line, width)).toEqual(lines)
})

const word = fc.string({ unit: fc.constantFrom('a', 'b', '%', '1'), minLength: 1, maxLength: 12 })
const line = fc.array(fc.tuple(fc.constantFrom(' ', '  ', '   '), word), { minLength: 1, maxLength: 20 })

property.prop([line, fc.integer({ min: 12, max: 100 })])(
  'no word is broken or lost, no line is too wide',
  (words, width) => {
    const whole = words.map(([gap, one]) => gap + one).join('')
    const lines = fold(whole, width)
    expect(lines.join(' ').split(/ +/).filter(Boolean)).toEqual(whole.split(/ +/).filter(Boolean))
    for (const one of lines) {
      const text = stripVTControlCharacters(one)
      if (text.trim().includes(' ')) expect(text.length).toBeLessThanOrEqual(width)
    }
  },
)
