/** What is said of a program that waits for ever. */
import { expect, test } from 'vitest'
import { deadlock } from '../../src/machine/launcher/foreman/endings.ts'

test.each([
  ['a', "'a'"],
  ["it's", "'it\\'s'"],
  ['two\nlines', "'two\\nlines'"],
])('a tag %j that nobody sends is named in one line', (tag, shown) => {
  const rest = { epoch: 1, steps: 1, resting: true, sent: 0, arrived: 0 }
  const rests = [
    { ...rest, waitsFor: [{ from: 1, tag }] },
    { ...rest, waitsFor: [] },
  ]
  expect(deadlock(rests).message).toBe(
    `the program waits for ever, and no message is under way: process 0 for ${shown} from process 1; all others are done`,
  )
})
