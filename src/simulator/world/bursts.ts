/**
 * The nearest thing to a program that starts processes: there are none to start here, since a machine has its ranks from
 * the beginning. Instead everybody computes for a while, then suddenly splits a task into many and hands them to anybody,
 * all in one step; whoever gets one splits it again just as suddenly, or does it. What is done comes back to the rank
 * that the task began at, which must get back exactly as much as it gave away.
 */
import { assert } from '../../base/index.ts'
import type { Waiting } from '../../protocol/index.ts'
import type { SimulatedProcess } from './process.ts'

/** Counters of a process. */
const [stepsLeft, doneSoFar, endsSeen] = [0, 1, 2]

const taskSize = 9
const quietSteps = 6

export function bursts(self: SimulatedProcess): Waiting {
  for (const message of self.messages) {
    if (message.tag === 'task') work(self, message.number(0), message.number(1))
    else if (message.tag === 'done') noteDone(self, message.number(0))
    else self.add(endsSeen, 1)
  }
  if (self.first) self.set(stepsLeft, 1 + self.choose(quietSteps))
  if (self.get(stepsLeft) > 0) {
    self.add(stepsLeft, -1)
    if (self.get(stepsLeft) === 0) split(self, taskSize, self.rank)
    return self.goOn()
  }
  // Nobody ends before all of its tasks are done, so none is left when all have ended.
  return self.get(endsSeen) === self.processes ? self.done() : self.receive()
}

function work(self: SimulatedProcess, size: number, origin: number): void {
  if (size > 1 && self.choose(4) > 0) split(self, size, origin)
  else self.send(origin, 'done', [size])
}

/** Each part is at most half of the task, so there is an end to it. */
function split(self: SimulatedProcess, size: number, origin: number): void {
  for (let left = size; left > 0; ) {
    const part = Math.min(left, 1 + self.choose(Math.ceil(size / 2)))
    self.send(self.choose(self.processes), 'task', [part, origin], 8 + 4 * part)
    left -= part
  }
}

function noteDone(self: SimulatedProcess, size: number): void {
  self.add(doneSoFar, size)
  assert(self.get(doneSoFar) <= taskSize, 'no part of a task is done twice')
  if (self.get(doneSoFar) < taskSize) return
  for (let to = 0; to < self.processes; to += 1) self.send(to, 'end')
}
