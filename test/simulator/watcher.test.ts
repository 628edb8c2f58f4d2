/** Whoever fetches what several conductors release: what comes twice, and what comes late. */
import { describe, expect, it } from 'vitest'
import type { OutputKind, ReleaseEffect } from '../../src/protocol/index.ts'
import { Watcher } from '../../src/simulator/candidates/watcher.ts'
import { encodePayload } from '../../src/simulator/oracle/journal.ts'

type Entry = ReleaseEffect['entry']

const output = (index: number, id = index, kind: OutputKind = 'emit'): Entry => ({
  ...{ type: 'output', rank: 0, index, kind },
  payload: encodePayload(id),
})
const tookBack = (released: number, isFinished = false): Entry => ({
  type: 'tookBack',
  outputs: [{ released, isFinished }],
})

function watching() {
  const shown: number[] = []
  const said: string[] = []
  const watcher = new Watcher(
    ({ index }) => shown.push(index),
    ({ kind }) => said.push(kind),
  )
  const take = (number: number, entry: Entry): void => watcher.take({ type: 'release', number, entry })
  const leave = (number: number, entry: Entry): void => watcher.noteLeaving({ type: 'release', number, entry })
  return { shown, said, take, leave }
}

describe('what comes again under a number', () => {
  it.each([
    ['the same output', output(0), output(0), []],
    ['other bytes', output(0, 1), output(0, 2), ['LOST']],
    ['the end in place of an output', output(0, 1), output(0, 1, 'done'), ['LOST']],
    ['another output', output(0, 1), output(1, 1), ['LOST']],
    ['something of another kind', tookBack(0), output(0), ['LOST']],
    ['the same return to the disk', tookBack(1, true), tookBack(1, true), []],
    ['one to other outputs', tookBack(1), tookBack(2), ['LOST']],
    ['one before the end', tookBack(1, true), tookBack(1, false), ['LOST']],
  ])('%s', (_, before, again, found) => {
    const { said, take } = watching()
    take(1, before)
    take(1, again)
    expect(said).toEqual(found)
  })
})

it('does not show what was taken back while it was on its way', () => {
  const { shown, said, take, leave } = watching()
  leave(3, tookBack(1))
  take(1, output(0))
  take(2, output(1))
  take(3, tookBack(1))
  take(4, output(1))
  expect(shown).toEqual([0, 1])
  expect(said).toEqual([])
})
