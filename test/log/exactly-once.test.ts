import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyLog, type LogRules, logRules, type MessageLog } from '../../src/log/index.ts'

/**
 * Processes that do nothing but exchange messages, with captures, commits and losses as the scheme has them: g is the
 * recovery line, nobody is more than one checkpoint ahead, and a loss takes everybody back to g.
 */
interface Message {
  readonly from: number
  readonly sequence: number
  readonly interval: number
  readonly id: number
}

interface Checkpoint {
  readonly log: MessageLog
  readonly sent: readonly [number, number][]
  readonly consumed: readonly [number, number][]
}

interface Process extends Checkpoint {
  captured: number
  log: MessageLog
  /** Receiver and id of each message, in order. */
  sent: [number, number][]
  /** Sender and id of each message, in order. */
  consumed: [number, number][]
  mailbox: Message[]
  readonly kept: Map<number, Checkpoint>
}

type Frame = { type: 'message'; message: Message } | { type: 'ack'; sequence: number; consumedIn: number }

const count = 3

class Machine {
  g = 0
  #nextId = 1
  readonly #rules: LogRules
  readonly #capturesFirst: boolean
  readonly processes: Process[]
  readonly #links = new Map<string, Frame[]>()

  constructor(rules: LogRules, capturesFirst = true) {
    this.#rules = rules
    this.#capturesFirst = capturesFirst
    this.processes = Array.from({ length: count }, () => {
      const start = { log: emptyLog(), sent: [], consumed: [] }
      return { ...structuredClone(start), captured: 0, mailbox: [], kept: new Map([[0, start]]) }
    })
  }

  send(from: number, to: number): void {
    const process = this.processes[from]!
    const id = this.#nextId++
    const payload = Uint8Array.of(id >> 8, id)
    const entry = this.#rules.send(process.log, { to, interval: process.captured, tag: '', payload })
    process.sent.push([to, id])
    this.#put(from, to, { type: 'message', message: { from, sequence: entry.sequence, interval: entry.interval, id } })
  }

  deliver(from: number, to: number): void {
    const frame = this.#links.get(`${from}>${to}`)?.shift()
    const process = this.processes[to]!
    if (!frame) return
    if (frame.type === 'ack') {
      const { sequence, consumedIn } = frame
      this.#rules.acknowledge(process.log, { to: from, sequence, consumedIn, captured: process.captured })
    } else if (this.#rules.wasConsumed(process.log, from, frame.message.sequence)) {
      this.#acknowledge(to, frame.message)
    } else if (!process.mailbox.some((one) => one.from === from && one.sequence === frame.message.sequence)) {
      process.mailbox.push(frame.message)
    }
  }

  /** Consumes the `index`-th message of the mailbox, whatever came before it. */
  consume(rank: number, index: number): void {
    const process = this.processes[rank]!
    const message = process.mailbox[index % Math.max(1, process.mailbox.length)]
    if (!message) return
    if (this.#capturesFirst && message.interval > process.captured) this.capture(rank)
    process.mailbox = process.mailbox.filter((one) => one !== message)
    this.#rules.consume(process.log, message.from, message.sequence)
    process.consumed.push([message.from, message.id])
    this.#acknowledge(rank, message)
  }

  capture(rank: number): void {
    const process = this.processes[rank]!
    if (process.captured !== this.g) return
    process.captured += 1
    this.#rules.capture(process.log, process.captured)
    const { log, sent, consumed } = process
    process.kept.set(process.captured, structuredClone({ log, sent, consumed }))
    if (this.processes.every(({ captured }) => captured > this.g)) this.g += 1
  }

  /** Somebody is lost: what is in flight is gone, everybody goes back to g and sends again what its log says. */
  lose(): void {
    this.#links.clear()
    for (const process of this.processes) {
      Object.assign(process, structuredClone(process.kept.get(this.g)), { captured: this.g, mailbox: [] })
      this.#rules.rollBack(process.log, this.g)
    }
    for (const [from, { log }] of this.processes.entries()) {
      for (const { to, sequence, interval, payload } of this.#rules.replay(log)) {
        const id = payload[0]! * 256 + payload[1]!
        this.#put(from, to, { type: 'message', message: { from, sequence, interval, id } })
      }
    }
  }

  /** Delivers and consumes everything that is left, and says what is wrong then. */
  settle(): string | null {
    for (let round = 0; round < 200; round += 1) {
      for (let from = 0; from < count; from += 1) for (let to = 0; to < count; to += 1) this.deliver(from, to)
      for (let rank = 0; rank < count; rank += 1) this.consume(rank, 0)
    }
    return this.wrong()
  }

  wrong(): string | null {
    for (const [rank, { sent, consumed }] of this.processes.entries()) {
      const ids = consumed.map(([, id]) => id)
      if (new Set(ids).size < ids.length) return 'DUPLICATE'
      for (const [from, id] of consumed) {
        if (!this.processes[from]!.sent.some(([to, one]) => to === rank && one === id)) return 'ORPHAN'
      }
      for (const [to, id] of sent) {
        if (!this.processes[to]!.consumed.some(([from, one]) => from === rank && one === id)) return 'LOST'
      }
    }
    return null
  }

  /** Whether each channel's messages were consumed in the order in which they were sent. */
  inOrder(): boolean {
    return this.processes.every(({ consumed }) =>
      [0, 1, 2].every((from) => {
        const ids = consumed.filter(([one]) => one === from).map(([, id]) => id)
        return ids.every((id, index) => index === 0 || ids[index - 1]! < id)
      }),
    )
  }

  #acknowledge(rank: number, { from, sequence }: Message): void {
    this.#put(rank, from, { type: 'ack', sequence, consumedIn: this.processes[rank]!.captured })
  }

  #put(from: number, to: number, frame: Frame): void {
    const key = `${from}>${to}`
    this.#links.set(key, [...(this.#links.get(key) ?? []), frame])
  }
}

type Action = readonly [kind: 'send' | 'deliver' | 'consume' | 'capture' | 'lose', rank: number, other: number]

const action: fc.Arbitrary<Action> = fc.tuple(
  fc.constantFrom('send', 'deliver', 'deliver', 'consume', 'consume', 'capture', 'capture', 'lose'),
  fc.nat(count - 1),
  fc.nat(count - 1),
)
const schedule = fc.array(action, { maxLength: 120, size: 'max' })

function play(machine: Machine, actions: readonly Action[], inOrder: boolean): void {
  for (const [kind, rank, other] of actions) {
    if (kind === 'send') machine.send(rank, other)
    else if (kind === 'deliver') machine.deliver(rank, other)
    else if (kind === 'consume') machine.consume(rank, inOrder ? 0 : other)
    else if (kind === 'capture') machine.capture(rank)
    else machine.lose()
  }
}

const rules = logRules('default')

describe('the message log', () => {
  it('delivers exactly once, for any interleaving of sends, receives, captures, losses and replays', () => {
    fc.assert(
      fc.property(schedule, (actions) => {
        const machine = new Machine(rules)
        play(machine, actions, false)
        expect(machine.settle()).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('delivers in the order of each channel to a receiver that takes what comes first', () => {
    fc.assert(
      fc.property(schedule, (actions) => {
        const machine = new Machine(rules)
        play(machine, actions, true)
        expect(machine.settle()).toBeNull()
        expect(machine.inOrder()).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('holds only what crosses the recovery line: after a quiet capture the sent table is empty', () => {
    fc.assert(
      fc.property(schedule, (actions) => {
        const machine = new Machine(rules)
        play(machine, actions, true)
        machine.settle()
        const line = machine.g + 2
        while (machine.g < line) for (let rank = 0; rank < count; rank += 1) machine.capture(rank)
        for (const { log } of machine.processes) expect([...log.sent.values()].flat()).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})

/** Whether some schedule goes wrong. */
function fails(broken: LogRules, capturesFirst = true): boolean {
  const property = fc.property(schedule, (actions) => {
    const machine = new Machine(broken, capturesFirst)
    play(machine, actions, false)
    return machine.settle() === null
  })
  return fc.check(property, { numRuns: 2000, seed: 1, endOnFailure: true }).failed
}

describe('each rule is needed', () => {
  it("the paper's tables, taken literally, lose or double messages", () => {
    expect(fails(logRules('literal'))).toBe(true)
  })

  it('L1: an entry dropped as soon as it is acknowledged is missing after a recovery', () => {
    const capture: LogRules['capture'] = (log) => {
      for (const [to, entries] of log.sent)
        log.sent.set(
          to,
          entries.filter(({ consumedIn }) => consumedIn === null),
        )
    }
    expect(fails({ ...rules, capture })).toBe(true)
  })

  it('L3: a receipt forgotten by age is a message delivered twice', () => {
    const capture: LogRules['capture'] = (log, checkpoint) => {
      for (const received of log.received.values()) {
        received.receipts = received.receipts.filter(({ status }) => status !== 2)
      }
      rules.capture(log, checkpoint)
    }
    expect(fails({ ...rules, capture })).toBe(true)
  })

  it('L4: acknowledgements kept across a recovery lose a message in the next (trap 11)', () => {
    expect(fails({ ...rules, rollBack: () => {} })).toBe(true)
  })

  it('M2: without a capture before a message of a later interval there are orphans (trap 6)', () => {
    expect(fails(rules, false)).toBe(true)
  })
})
