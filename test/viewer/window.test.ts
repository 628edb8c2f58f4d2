/** The part of a diagram that a page shows: whatever is zoomed and moved, it stays within the diagram. */
import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { Window } from '../../src/viewer/window.ts'

const whole = { from: 0, to: 1000, unit: 'ms' } as const
const all = (): Window => new Window(whole, whole)

it('begins with what it is given; everything gets a little room', () => {
  expect(all()).toMatchObject({ from: -20, to: 1020 })
  expect(new Window(whole, { from: 200, to: 300 })).toMatchObject({ from: 200, to: 300 })
})

it('zooms around a time that stays where it is', () => {
  const shown = new Window(whole, { from: 200, to: 600 })
  shown.zoom(0.5, 0.25)
  expect(shown).toMatchObject({ from: 250, to: 450 })
  shown.zoom(2, 0.25)
  expect(shown).toMatchObject({ from: 200, to: 600 })
})

it('moves by shares, and to a place of the whole; tells of each change', () => {
  const shown = new Window(whole, { from: 200, to: 400 })
  let changes = 0
  shown.onChange = () => {
    changes += 1
  }
  shown.move(0.5)
  expect(shown).toMatchObject({ from: 300, to: 500 })
  shown.centre(0)
  expect(shown).toMatchObject({ from: -20, to: 180 })
  expect(shown.share.from).toBe(0)
  shown.showAll()
  expect([shown.share, changes]).toEqual([{ from: 0, to: 1 }, 3])
})

const action = fc.oneof(
  fc.record({ do: fc.constant('zoom' as const), by: fc.double({ min: 1e-9, max: 1e9, noNaN: true }) }),
  fc.record({ do: fc.constant('move' as const), by: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }),
  fc.record({ do: fc.constant('centre' as const), by: fc.double({ min: 0, max: 1, noNaN: true }) }),
)

test.prop([fc.array(action, { maxLength: 30 }), fc.constantFrom('ms' as const, 'events' as const)], { numRuns: 500 })(
  'stays within the diagram, and never becomes empty',
  (actions, unit) => {
    const shown = new Window({ ...whole, unit }, whole)
    for (const one of actions) {
      shown[one.do](one.by)
      expect(shown.from).toBeGreaterThanOrEqual(-20.001)
      expect(shown.to).toBeLessThanOrEqual(1020.001)
      expect(shown.to - shown.from).toBeGreaterThan(unit === 'events' ? 3.9 : 0.0009)
    }
  },
)
