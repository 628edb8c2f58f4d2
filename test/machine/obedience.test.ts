import { expect, test } from 'vitest'
import { Obedience } from '../../src/machine/launcher/conductors/obedience.ts'

function appointed(): Obedience {
  const obedience = new Obedience()
  obedience.appoint(1)
  expect(obedience.obeys(1, 3)).toBe(true)
  return obedience
}

test('who took over is obeyed, and the one before is not any more, whatever it still says', () => {
  const obedience = appointed()
  expect(obedience.obeys(2, 4)).toBe(true)
  expect([obedience.obeys(1, 3), obedience.obeys(1, 4)]).toEqual([false, false])
  expect(obedience.official).toBe(2)
})

test('from the moment that it is on record, before its first order', () => {
  const obedience = appointed()
  obedience.appoint(2)
  expect(obedience.obeys(1, 3)).toBe(false)
  expect(obedience.obeys(2, 4)).toBe(true)
})

test('of one conductor, what was held back in an epoch before comes too', () => {
  const obedience = appointed()
  expect([obedience.obeys(1, 4), obedience.obeys(1, 3), obedience.obeys(1, 4)]).toEqual([true, true, true])
  expect(obedience.epoch).toBe(4)
})

test('one that took over before may do so again', () => {
  const obedience = appointed()
  expect(obedience.obeys(2, 4)).toBe(true)
  expect(obedience.obeys(1, 5)).toBe(true)
  expect(obedience.obeys(2, 4)).toBe(false)
})
