import type { ProcessorHandle } from './processor-handle.ts'

type Listener = Pick<ProcessorHandle, 'send'>

/**
 * Tells those who will need as much memory as a process uses, which are check processors and spares, how much that is by
 * now: of the process that uses most.
 */
export class ExpectedMemory<Handle extends Listener = ProcessorHandle> {
  readonly #isProcess: (handle: Handle) => boolean
  #pages: readonly number[] = []
  #count = 0

  /** `isProcess`: whether a processor holds a process, which knows best what it uses. */
  constructor(isProcess: (handle: Handle) => boolean) {
    this.#isProcess = isProcess
  }

  /** A process uses these pages of its own, in runs. */
  note(pages: readonly number[], living: readonly Handle[]): void {
    const count = pages.reduce((sum, end, i) => (i % 2 === 1 ? sum + end - pages[i - 1]! : sum), 0)
    if (count <= this.#count) return
    this.#pages = pages
    this.#count = count
    for (const handle of living) this.tell(handle)
  }

  /** One has become ready, or there is news. */
  tell(handle: Handle): void {
    if (this.#count > 0 && !this.#isProcess(handle)) handle.send({ type: 'expect', pages: this.#pages })
  }
}
