import type { ProcessorHandle } from './processor-handle.ts'

/** Longer than a living processor takes, however busy the computer is; one that is frozen would never answer. */
const waitMsMax = 3000

/** Has every processor send what it has not sent of the trace, before it is ended. */
export class LastLines {
  #awaited: Set<ProcessorHandle> | null = null
  #settle: (() => void) | null = null

  /** Resolves when all of these have sent their lines or are gone, or have had time enough. */
  async gather(handles: readonly ProcessorHandle[]): Promise<void> {
    const answering = handles.filter(({ link, silent, status }) => link !== null && !silent && status !== 'gone')
    if (answering.length === 0) return
    this.#awaited = new Set(answering)
    const settled = new Promise<void>((resolve) => {
      this.#settle = resolve
    })
    const timer = setTimeout(() => this.#settle?.(), waitMsMax)
    for (const handle of answering) handle.send({ type: 'flushTrace' })
    await settled
    clearTimeout(timer)
    this.#awaited = null
  }

  /** A processor has sent all its lines, or is gone. */
  strikeOff(handle: ProcessorHandle): void {
    this.#awaited?.delete(handle)
    if (this.#awaited?.size === 0) this.#settle?.()
  }
}
