// Each process writes into a fixed share of its pages, scattered over its memory, over and over, and sends a token round
// the ring now and then. So every interval of a checkpoint changes just that share.
import { defineProgram, integer, number, type Self, u32 } from 'paritas'

const size = {
  mebibytes: integer({ default: 64, min: 1, max: 1024, help: 'memory of each process' }),
  changed: number({ default: 10, min: 0, max: 100, help: 'pages that are written to, in percent' }),
  steps: integer({ default: 400, min: 1, help: 'steps of each process' }),
  passes: integer({ default: 500, min: 1, help: 'writes to each of those pages in one step' }),
}

const wordsPerPage = 1024
/** A prime, so that the pages it strides over are all different. */
const stride = 7919

function memory({ size: { mebibytes } }: { size: { mebibytes: number } }) {
  return { words: u32(mebibytes * 256 * wordsPerPage), step: u32() }
}

export default defineProgram({
  name: 'scattered-writes',
  description: 'writes to a fixed share of its pages, over and over',
  size,
  memory,
  start(self) {
    // Memory that was never written costs nothing, neither to copy nor to send: so it is all written once.
    for (let index = 0; index < self.memory.words.length; index += 1) self.memory.words[index] = index
    return self.next()
  },
  step(self) {
    write(self)
    self.memory.step += 1
    self.progress(self.memory.step, self.size.steps)
    return self.memory.step < self.size.steps ? self.next() : self.done(self.memory.step)
  },
})

function write(self: Self<typeof size, ReturnType<typeof memory>>): void {
  const { words, step } = self.memory
  const pages = words.length / wordsPerPage
  const changed = Math.round((pages * self.size.changed) / 100)
  for (let pass = 0; pass < self.size.passes; pass += 1) {
    for (let index = 0; index < changed; index += 1) {
      const page = (index * stride) % pages
      words[page * wordsPerPage + ((step + pass) % wordsPerPage)]! += pass + 1
    }
  }
}
