// Averages numbers around a ring: in every round each process passes its values on to the right and takes the mean of
// its own and those that come from the left. The mean of all stays what it was, and every process draws near to it.
import { defineProgram, f64, integer, u32 } from 'paritas'

export default defineProgram({
  name: 'ring',
  description: 'averages numbers around a ring of processes',
  size: {
    values: integer({ default: 1000, min: 1, help: 'values in each process' }),
    rounds: integer({ default: 1000, min: 1, help: 'times that the values go one place on' }),
  },

  memory: ({ size }) => ({ round: u32(), values: f64(size.values) }),

  start(self) {
    self.memory.values.set(firstValues(self.rank, self.size.values))
    self.send(self.right, 'values', self.memory.values)
    return self.receive({ from: self.left, tag: 'values' })
  },

  step(self, [message]) {
    takeMean(self.memory.values, message!.value as Float64Array)
    self.memory.round += 1
    self.progress(self.memory.round, self.size.rounds)
    if (self.memory.round === self.size.rounds) return self.done(meanOf(self.memory.values))
    self.send(self.right, 'values', self.memory.values)
    return self.receive({ from: self.left, tag: 'values' })
  },

  // The same sums, in the same order, without any messages.
  verifiedAgainst: 'the same sums done without messages',
  verify({ size, processes, results }) {
    const ring = Array.from({ length: processes }, (_, rank) => firstValues(rank, size.values))
    for (let round = 0; round < size.rounds; round += 1) {
      const before = ring.map((values) => values.slice())
      ring.forEach((values, rank) => {
        takeMean(values, before.at(rank - 1)!)
      })
    }
    const wrong = ring.findIndex((values, rank) => results[rank] !== meanOf(values))
    if (wrong === -1) return null
    return `process ${wrong} found a mean of ${results[wrong]}, but it is ${meanOf(ring[wrong]!)}`
  },
})

function firstValues(rank: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => rank * 100 + (index % 10))
}

function takeMean(values: Float64Array, others: Float64Array): void {
  for (let index = 0; index < values.length; index += 1) values[index] = (values[index]! + others[index]!) / 2
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
