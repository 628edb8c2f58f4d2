import { describe, expect, it } from 'vitest'
import { BrokenLinks } from '../../src/machine/launcher/crew/broken-links.ts'
import type { ProcessorHandle } from '../../src/machine/launcher/crew/processor-handle.ts'

/** Standings as in a machine of two application processors, a check processor and its backup: by id. */
const standings = new Map([
  [1, 2],
  [2, 2],
  [3, 1],
  [4, 1],
])
const handles = [...standings.keys()].map((id) => ({ id }) as ProcessorHandle)
const [a0, a1, c0, b0] = handles as [ProcessorHandle, ProcessorHandle, ProcessorHandle, ProcessorHandle]

function watch() {
  const [unwell, asked] = [new Set<ProcessorHandle>(), [] as ProcessorHandle[]]
  const links = new BrokenLinks({
    isWell: (handle) => !unwell.has(handle),
    standingOf: ({ id }) => standings.get(id)!,
    ask: (handle) => asked.push(handle),
  })
  const answerAll = (nowMs: number): void => {
    for (const handle of handles) if (!unwell.has(handle)) links.answered(handle, nowMs)
  }
  /** All that live answer both rounds; returns what is decided then. */
  const decided = (fromMs = 0) => {
    answerAll(fromMs + 10)
    expect(links.decide(fromMs + 699)).toBeNull()
    expect(links.decide(fromMs + 700)).toBeNull()
    answerAll(fromMs + 710)
    expect(links.decide(fromMs + 1399)).toBeNull()
    return links.decide(fromMs + 1400)
  }
  return { links, unwell, asked, answerAll, decided }
}

const why = 'its link broke (cut)'

describe('a link that stays broken between two that live', () => {
  it.each([
    ['an application processor and a check processor: the latter goes', a0, c0, c0],
    ['the other way round: the same goes', c0, a0, c0],
    ['two application processors: the one that was started later', a0, a1, a1],
    ['the other way round: still that one', a1, a0, a1],
  ])('%s', (_, reporter, target, goes) => {
    const { links, asked, decided } = watch()
    links.note(reporter, target, 'cut', 0)
    expect(asked).toEqual([reporter, target])
    expect(decided()).toEqual({ handle: goes, why })
    expect(asked).toEqual([reporter, target, reporter, target])
  })

  it('both tell of it: one goes, and what is told of it counts no more', () => {
    const { links, decided } = watch()
    links.note(a0, a1, 'cut', 0)
    links.note(a1, a0, 'cut', 5)
    expect(decided()).toEqual({ handle: a1, why })
    links.forget(a1)
    expect(links.isEmpty).toBe(true)
    expect(links.decide(10_000)).toBeNull()
  })

  it('the one goes to which more links are broken, as others say', () => {
    const { links, decided } = watch()
    links.note(a0, c0, 'cut', 0)
    links.note(a0, b0, 'cut', 0)
    expect(decided()).toEqual({ handle: a0, why })
  })

  it('others who cannot reach somebody speak against that one', () => {
    const { links, decided } = watch()
    links.note(a0, a1, 'cut', 0)
    links.note(c0, a0, 'cut', 0)
    links.note(b0, a0, 'cut', 0)
    expect(decided()).toEqual({ handle: a0, why })
  })

  it('an end that answers for another link too holds up only that one', () => {
    const { links, asked } = watch()
    links.note(a0, c0, 'cut', 0)
    for (const end of [a0, c0]) links.answered(end, 10)
    links.note(a1, c0, 'cut', 600)
    links.answered(c0, 690)
    expect(links.decide(700)).toBeNull()
    expect(asked).toEqual([a0, c0, a1, c0, a0, c0])
    for (const end of [a0, c0]) links.answered(end, 710)
    expect(links.decide(1399)).toBeNull()
    expect(links.decide(1400)).toEqual({ handle: c0, why })
  })
})

describe('nobody is given up', () => {
  it('whose link comes back in time', () => {
    const { links, answerAll } = watch()
    links.note(a0, a1, 'cut', 0)
    answerAll(10)
    expect(links.decide(700)).toBeNull()
    links.clear(a0, a1)
    answerAll(710)
    expect(links.decide(5000)).toBeNull()
  })

  it('for one who does not answer, the second time too: it is slow, and others find out if it is lost', () => {
    const { links, answerAll } = watch()
    links.note(a0, a1, 'cut', 0)
    links.answered(a0, 10)
    expect(links.decide(5000)).toBeNull()
    answerAll(5100)
    expect(links.decide(20_400)).toBeNull()
    links.answered(a0, 20_410)
    expect(links.decide(25_000)).toBeNull()
    links.answered(a1, 21_400)
    expect(links.decide(25_000)).toEqual({ handle: a1, why })
  })

  it('before four times as long as the slower one took to answer: a busy computer mends links as slowly', () => {
    const { links } = watch()
    links.note(a0, a1, 'cut', 0)
    links.answered(a0, 10)
    links.answered(a1, 900)
    expect(links.decide(3599)).toBeNull()
    expect(links.decide(3600)).toBeNull()
    links.answered(a0, 3610)
    links.answered(a1, 4600)
    expect(links.decide(7599)).toBeNull()
    expect(links.decide(7600)).toEqual({ handle: a1, why })
  })

  it('for one whose answer is older than the question', () => {
    const { links, answerAll } = watch()
    answerAll(0)
    links.note(a0, a1, 'cut', 100)
    expect(links.decide(5000)).toBeNull()
    expect(links.decide(9000)).toBeNull()
  })

  it('while there is something else against one of the two', () => {
    const { links, unwell, answerAll } = watch()
    links.note(a0, a1, 'cut', 0)
    answerAll(10)
    unwell.add(a1)
    expect(links.decide(5000)).toBeNull()
    unwell.clear()
    expect(links.decide(5100)).toBeNull()
    answerAll(5110)
    expect(links.decide(5800)).toEqual({ handle: a1, why })
  })

  it('twice within a second: what no code covers now is not asked for all the time', () => {
    const { links, decided } = watch()
    links.note(a0, a1, 'cut', 0)
    expect(decided()).not.toBeNull()
    expect(links.decide(2399)).toBeNull()
    expect(links.decide(2400)).not.toBeNull()
  })
})
