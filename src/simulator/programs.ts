/**
 * Small programs to be lost and rebuilt. Each of them consumes every message that it was sent before it finishes, so
 * that at the end of a run all journals must match.
 */
import type { Waiting } from '../protocol/index.ts'
import type { SimulatedProcess, SimulatedProgram } from './process.ts'

const round = 0
const endsSeen = 1
const lateExpected = 2
const lateSeen = 3
const hasEnded = 4
/** Late messages sent to each rank, from this counter on. */
const lateSentTo = 8

const rounds = 7
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

export const simulatedPrograms = { ring, farm, gossip, chatter } satisfies Record<string, SimulatedProgram>
