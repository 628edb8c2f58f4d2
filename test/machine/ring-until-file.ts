/**
 * A number goes around a ring until the file `until` is there, and counts the rounds; everybody emits each that comes by.
 * The first is done with the last round, which it does not emit. The source of a program.
 */
export const ringUntilFile = `
  import { existsSync } from 'node:fs'
  import { defineProgram, f64, text, u32 } from 'paritas'

  export default defineProgram({
    name: 'ring-until-file',
    size: { until: text({ default: '', help: 'file that ends the run' }) },
    memory: () => ({ round: u32(), values: f64(50_000) }),
    start(self) {
      if (self.rank === 0) self.send(self.right, 'round', 1)
      return self.receive({ from: self.left })
    },
    step(self, [{ tag, value }]) {
      self.memory.round += 1
      const { round, values } = self.memory
      if (value !== round) throw new Error('round ' + value + ' in round ' + round)
      for (let at = round % 50; at < values.length; at += 50) values[at] += 1
      const isFirst = self.rank === 0
      if (isFirst && tag === 'last') return self.done(round)
      self.emit(round)
      const next = isFirst && existsSync(self.size.until) ? 'last' : tag
      self.send(self.right, next, isFirst ? round + 1 : round)
      return !isFirst && next === 'last' ? self.done(round) : self.receive({ from: self.left })
    },
    output: { format: String },
  })`

/** What four processes emit, by rank, in so many rounds. */
export function emittedIn(rounds: number): number[] {
  const all = Array.from({ length: rounds }, (_, index) => index + 1)
  return [...all.slice(0, -1), ...all, ...all, ...all]
}
