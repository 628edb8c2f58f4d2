/**
 * Small programs to be lost and rebuilt. Each of them consumes every message that it was sent before it finishes, so
 * that at the end of a run all journals must match.
 */
import { assert } from '../../base/index.ts'
import type { Waiting } from '../../protocol/index.ts'
import { bursts } from './bursts.ts'
import type { SimulatedProcess, SimulatedProgram } from './process.ts'

const round = 0
const endsSeen = 1
const lateExpected = 2
const lateSeen = 3
const hasEnded = 4
/** Late messages sent to each rank, from this counter on. */
const lateSentTo = 8

const rounds = 9
const left = (self: SimulatedProcess): number => (self.rank + self.processes - 1) % self.processes
const right = (self: SimulatedProcess): number => (self.rank + 1) % self.processes

/** Deterministic: everybody passes a token to the right in every round. */
function ring(self: SimulatedProcess): Waiting {
  if (!self.first) self.add(round, 1)
  if (self.get(round) === rounds) return self.done()
  if (self.get(round) === 3) self.emit()
  self.send(right(self), 'token')
  return self.receive(left(self), 'token')
}

/** Rank 0 hands out tasks to whoever asks next, as the merge sort does. */
function farm(self: SimulatedProcess): Waiting {
  return self.rank === 0 ? handOut(self) : workOff(self)
}

function handOut(self: SimulatedProcess): Waiting {
  const tasks = 4 * self.processes
  for (const { from } of self.messages) {
    if (self.get(round) < tasks) {
      self.send(from, 'task', [self.get(round)], 24)
      self.add(round, 1)
      if (self.get(round) % 5 === 0) self.emit()
    } else {
      self.send(from, 'stop')
      self.add(endsSeen, 1)
    }
  }
  return self.get(endsSeen) === self.processes - 1 ? self.done() : self.receive(null, 'ask')
}

function workOff(self: SimulatedProcess): Waiting {
  if (self.messages[0]?.tag === 'stop') return self.done()
  self.send(0, 'ask')
  return self.receive(0)
}

/** Sends to anybody at random, itself too, and listens only afterwards: long mailboxes, nothing repeats itself. */
function gossip(self: SimulatedProcess): Waiting {
  hear(self)
  if (self.get(hasEnded) === 1) return listen(self)
  self.add(round, 1)
  if (self.get(round) > rounds) return end(self)
  talk(self, 3)
  return self.goOn()
}

/**
 * A ring with random late messages in between, which are consumed only at the end: out of the order of their channel.
 * Nobody repeats after a recovery what was done before it.
 */
function chatter(self: SimulatedProcess): Waiting {
  hear(self)
  if (self.get(hasEnded) === 1) return listen(self)
  self.add(round, 1)
  if (self.get(round) > rounds) return end(self)
  talk(self, 2)
  if (self.choose(4) === 0) self.emit()
  self.send(right(self), 'now', [], 4 * (1 + self.choose(4)))
  return self.receive(null, 'now')
}

function talk(self: SimulatedProcess, most: number): void {
  for (let count = self.choose(most); count > 0; count -= 1) {
    const to = self.choose(self.processes)
    self.send(to, 'late')
    self.add(lateSentTo + to, 1)
  }
}

function hear(self: SimulatedProcess): void {
  for (const message of self.messages) {
    if (message.tag === 'late') self.add(lateSeen, 1)
    if (message.tag !== 'end') continue
    self.add(endsSeen, 1)
    self.add(lateExpected, message.number(0))
  }
}

/** Tells everybody, itself too, how many late messages there were. */
function end(self: SimulatedProcess): Waiting {
  for (let to = 0; to < self.processes; to += 1) self.send(to, 'end', [self.get(lateSentTo + to)])
  self.set(hasEnded, 1)
  return self.receive()
}

function listen(self: SimulatedProcess): Waiting {
  const isOver = self.get(endsSeen) === self.processes && self.get(lateSeen) === self.get(lateExpected)
  return isOver ? self.done() : self.receive()
}

/** Rank 0 hands out numbers to whoever is free and adds up what comes back: in any order, always to the same sum. */
function sum(self: SimulatedProcess): Waiting {
  if (self.rank > 0) return square(self)
  const last = 3 * self.processes
  for (const message of self.messages) {
    self.add(sumSoFar, message.number(0))
    self.add(answersLeft, -1)
  }
  const free = self.first ? ranksBelow(self.processes).slice(1) : self.messages.map(({ from }) => from)
  for (const worker of free) {
    if (self.get(round) === last) {
      self.send(worker, 'stop')
      continue
    }
    self.add(round, 1)
    self.add(answersLeft, 1)
    self.send(worker, 'number', [self.get(round)], 8)
  }
  if (self.get(answersLeft) > 0) return self.receive(null, 'square')
  assert(self.get(sumSoFar) === (last * (last + 1) * (2 * last + 1)) / 6, 'the sum does not depend on the order')
  return self.done()
}

function square(self: SimulatedProcess): Waiting {
  const [message] = self.messages
  if (message?.tag === 'stop') return self.done()
  if (message) self.send(0, 'square', [message.number(0) ** 2], 8)
  return self.receive(0)
}

const sumSoFar = 1
const answersLeft = 2

const ranksBelow = (count: number): number[] => Array.from({ length: count }, (_, rank) => rank)

/** Everybody sends to everybody in every round, and waits for one message from each at once. */
function storm(self: SimulatedProcess): Waiting {
  if (!self.first) self.add(round, 1)
  if (self.get(round) === stormRounds) return self.done()
  const others = ranksBelow(self.processes).filter((rank) => rank !== self.rank)
  for (const other of others) self.send(other, 'storm', [], 16)
  return self.receiveAll(others.map((from) => ({ from, tag: 'storm' })))
}

const stormRounds = 4

/**
 * Everybody sends each other as many messages of two tags, in random order, and wants them in random order too: from a
 * sender or any, with a tag or any.
 */
function wants(self: SimulatedProcess): Waiting {
  for (const { from, tag } of self.messages) self.add(wantedOf + from, -(tag === 'x' ? 1 : tagRoom))
  if (self.first) {
    for (const rank of ranksBelow(self.processes)) {
      self.set(toSend + rank, perTag * (1 + tagRoom))
      self.set(wantedOf + rank, perTag * (1 + tagRoom))
    }
  }
  const unsent = ranksBelow(self.processes).filter((rank) => self.get(toSend + rank) > 0)
  if (unsent.length > 0) {
    for (let count = 1 + self.choose(3); count > 0; count -= 1) sendEither(self, unsent)
    return self.goOn()
  }
  const open = ranksBelow(self.processes).filter((rank) => self.get(wantedOf + rank) > 0)
  if (open.length === 0) return self.done()
  const from = open[self.choose(open.length)]!
  const tag = tagLeft(self, wantedOf + from)
  return self.receive(self.choose(2) === 0 ? from : null, self.choose(2) === 0 ? tag : null)
}

const perTag = 4
/** The second tag's count lies above the first one's, in the same number. */
const tagRoom = 16
const toSend = 8
const wantedOf = 16

function sendEither(self: SimulatedProcess, ranks: readonly number[]): void {
  const to = ranks[self.choose(ranks.length)]!
  if (self.get(toSend + to) === 0) return
  const tag = tagLeft(self, toSend + to)
  self.add(toSend + to, -(tag === 'x' ? 1 : tagRoom))
  self.send(to, tag, [], 4 * (1 + self.choose(3)))
}

/** One of the tags of which the counter has some left. */
function tagLeft(self: SimulatedProcess, counter: number): 'x' | 'y' {
  const left = self.get(counter)
  const [x, y] = [left % tagRoom, Math.floor(left / tagRoom)]
  return y === 0 || (x > 0 && self.choose(2) === 0) ? 'x' : 'y'
}

/** Only computes: no message ever makes it capture or shows that it went back. */
function compute(self: SimulatedProcess): Waiting {
  self.add(round, 1)
  const index = self.get(round) % computed
  self.add(firstComputed + index, self.get(round))
  if (self.get(round) % 9 === 0) self.emit()
  if (self.get(round) < computeSteps) return self.goOn()
  let total = 0
  for (let one = 0; one < computed; one += 1) total += self.get(firstComputed + one)
  assert(total === (computeSteps * (computeSteps + 1)) / 2, 'every step counts once')
  return self.done()
}

const computeSteps = 40
const computed = 12
const firstComputed = 8

export const simulatedPrograms = {
  ring,
  farm,
  gossip,
  chatter,
  sum,
  storm,
  wants,
  compute,
  bursts,
} satisfies Record<string, SimulatedProgram>

export type ProgramName = keyof typeof simulatedPrograms
