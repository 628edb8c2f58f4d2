import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Arrived,
  emptyMailbox,
  type Mailbox,
  matchMailbox,
  messagesIn,
  putInMailbox,
  type ReceivePattern,
  takeFromMailbox,
} from '../../src/protocol/application/mailbox.ts'

const message = (from: number, sequence: number, tag: string): Arrived => ({
  from,
  sequence,
  interval: 0,
  tag,
  payload: new Uint8Array(0),
})

const fits = ({ from, tag }: ReceivePattern, one: Arrived): boolean =>
  (from === null || from === one.from) && (tag === null || tag === one.tag)

/** What a mailbox should do, as a plain list: the first that fits for each pattern, in order. */
function matchList(list: readonly Arrived[], patterns: readonly ReceivePattern[]): Arrived[] | null {
  const taken: Arrived[] = []
  for (const pattern of patterns) {
    const found = list.find((one) => fits(pattern, one) && !taken.includes(one))
    if (!found) return null
    taken.push(found)
  }
  return taken
}

const pattern = fc.record({
  from: fc.constantFrom(null, 0, 1, 2),
  tag: fc.constantFrom(null, 'x', 'y'),
})
const action = fc.oneof(
  fc.record({ from: fc.nat(2), tag: fc.constantFrom('x', 'y'), count: fc.constantFrom(1, 1, 3, 700) }),
  fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => ({ patterns, times: 1 })),
  pattern.map((one) => ({ patterns: [one], times: 600 })),
)

describe('a mailbox', () => {
  it('offers what a plain list would, short or long', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const mailbox = emptyMailbox()
        let list: Arrived[] = []
        const next = [0, 0, 0]
        for (const one of actions) {
          if ('count' in one) {
            for (let count = 0; count < one.count; count += 1) {
              const arrived = message(one.from, next[one.from]!++, one.tag)
              putInMailbox(mailbox, arrived)
              list.push(arrived)
            }
            continue
          }
          for (let count = 0; count < one.times; count += 1) {
            const matched = matchMailbox(mailbox, one.patterns)
            expect(matched).toEqual(matchList(list, one.patterns))
            if (!matched) break
            for (const taken of matched) takeFromMailbox(mailbox, taken)
            list = list.filter((left) => !matched.includes(left))
          }
        }
        expect([...messagesIn(mailbox)]).toEqual(list)
      }),
      { numRuns: 50 },
    )
  })

  it('takes a repetition for what it is, wherever the message lies', () => {
    const mailbox = filled(1000)
    for (let sequence = 0; sequence < 1000; sequence += 1) putInMailbox(mailbox, message(0, sequence, 'x'))
    expect([...messagesIn(mailbox)].map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1000 }, (_, k) => k))
  })

  it('puts one that was overtaken before those of its channel that followed it', () => {
    const mailbox = emptyMailbox()
    for (const sequence of [0, 1, 3, 4]) putInMailbox(mailbox, message(0, sequence, 'x'))
    putInMailbox(mailbox, message(1, 0, 'x'))
    putInMailbox(mailbox, message(0, 2, 'x'))
    expect([...messagesIn(mailbox)].map(({ from, sequence }) => `${from}/${sequence}`)).toEqual([
      '0/0',
      '0/1',
      '1/0',
      '0/2',
      '0/3',
      '0/4',
    ])
  })

  it('is the same data again when everything was taken', () => {
    const mailbox = filled(1000)
    for (const one of [...messagesIn(mailbox)].reverse()) takeFromMailbox(mailbox, one)
    expect(mailbox).toEqual({ ...emptyMailbox(), highest: new Map([[0, 999]]) })
  })
})

function filled(count: number): Mailbox {
  const mailbox = emptyMailbox()
  for (let sequence = 0; sequence < count; sequence += 1) putInMailbox(mailbox, message(0, sequence, 'x'))
  return mailbox
}
