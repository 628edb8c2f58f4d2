import { defineProgram, type StepOutcome, u32 } from '../../../program/index.ts'
import type { ProgramRunner } from '../application-driver.ts'
import { pageSizeBytes } from '../place-driver.ts'
import type { HostListener } from '../program-host.ts'

/** One part of an image, and a beginning of another. */
export const scratchPages = 320

const wordsPerPage = pageSizeBytes / Uint32Array.BYTES_PER_ELEMENT

/** A program that has some memory, and waits for what never comes. */
export const scratchProgram = defineProgram({
  name: 'rehearsal',
  memory: () => ({ words: u32(scratchPages * wordsPerPage) }),
  start: (self) => self.receive({}),
  step: (self) => self.receive({}),
})

const waiting: StepOutcome = {
  sends: [],
  emits: [],
  logs: [],
  next: { kind: 'receive', patterns: [{ from: null, tag: null }] },
  vars: null,
}

/** Stands in for the thread of that program: writes a little of each page, and has nothing to do from then on. */
export class ScratchRunner implements ProgramRunner {
  readonly stepMs = null
  listener: HostListener | null = null
  begun = false
  readonly #later: (work: () => void) => void

  constructor(later: (work: () => void) => void) {
    this.#later = later
  }

  warm(): void {}
  warmNext(): void {}

  async begin(attachment: Parameters<ProgramRunner['begin']>[0]): Promise<void> {
    this.begun = true
    const { buffer, programOffset, rank } = await attachment
    const words = new Uint32Array(buffer, programOffset, scratchPages * wordsPerPage)
    for (let at = 0; at < words.length; at += wordsPerPage) words[at] = at + rank + 1
    this.listener?.attached()
  }

  run(): void {
    this.#later(() => this.listener?.ended(waiting))
  }

  async stop(): Promise<void> {
    this.begun = false
  }
}
