/** What `bench/start.ts` runs: each process says when it began, and works for a while in short steps. */
import { defineProgram, f64, integer, u32 } from 'paritas'

const stepMs = 10

const nowMs = (): number => performance.timeOrigin + performance.now()

export default defineProgram({
  name: 'first-step',
  size: { workMs: integer({ default: 0, min: 0, max: 60_000, help: 'what each process works, in milliseconds' }) },
  memory: () => ({ beganMs: f64(), steps: u32() }),
  start(self) {
    self.memory.beganMs = nowMs()
    return self.size.workMs === 0 ? self.done(self.memory.beganMs) : self.next()
  },
  step(self) {
    for (const endMs = performance.now() + stepMs; performance.now() < endMs; );
    self.memory.steps += 1
    return self.memory.steps * stepMs < self.size.workMs ? self.next() : self.done(self.memory.beganMs)
  },
})
