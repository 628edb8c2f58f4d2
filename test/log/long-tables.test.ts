import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { emptyLog, logRules, type MessageLog } from '../../src/log/index.ts'

const rules = logRules('default')
const count = 5000
const sequences = Array.from({ length: count }, (_, sequence) => sequence)

function sentLog(): MessageLog {
  const log = emptyLog()
  for (const _ of sequences) rules.send(log, { to: 1, interval: 3, tag: 'x', payload: new Uint8Array(0) })
  return log
}

function shuffled(): number[] {
  const random = seededRandom(7)
  const left = [...sequences]
  return sequences.map(() => left.splice(random.integer(0, left.length - 1), 1)[0]!)
}

const orders: readonly [string, () => readonly number[]][] = [
  ['in the order of sending', () => sequences],
  ['backwards', () => [...sequences].reverse()],
  ['in any order', shuffled],
]

describe('a table of thousands of rows', () => {
  it.each(orders)('is empty once all is acknowledged %s, each row counted once', (_, order) => {
    const log = sentLog()
    for (const [index, sequence] of order().entries()) {
      const ack = { to: 1, sequence, consumedIn: 3, captured: 3 }
      expect(rules.acknowledge(log, ack)?.sequence).toBe(sequence)
      expect(rules.acknowledge(log, ack)).toBeNull()
      if (index % 500 === 0) expect(rules.replay(log)).toHaveLength(count - index - 1)
    }
    expect(rules.replay(log)).toEqual([])
    rules.capture(log, 4)
    expect(log.sent.size).toBe(0)
  })

  it('holds in the next checkpoint exactly what is not consumed before it', () => {
    const log = sentLog()
    for (const sequence of shuffled().slice(0, 3000)) {
      rules.acknowledge(log, { to: 1, sequence, consumedIn: sequence % 3 === 0 ? 4 : 3, captured: 3 })
    }
    const left = rules.replay(log).map(({ sequence }) => sequence)
    rules.capture(log, 4)
    const held = log.sent.get(1)!.map(({ sequence, consumedIn }) => ({ sequence, consumedIn }))
    expect(held.filter(({ consumedIn }) => consumedIn === null).map(({ sequence }) => sequence)).toEqual(left)
    expect(
      held.every(({ sequence, consumedIn }) => consumedIn === null || (consumedIn === 4 && sequence % 3 === 0)),
    ).toBe(true)
  })

  it('forgets all receipts at once when the gap before them closes', () => {
    const log = emptyLog()
    for (const sequence of sequences.slice(1)) rules.consume(log, 0, sequence)
    expect(log.received.get(0)!.receipts).toHaveLength(count - 1)
    rules.consume(log, 0, 0)
    expect(log.received.get(0)).toEqual({ watermark: count, receipts: [] })
  })
})
