import type { ProcessorHandle } from '../crew/processor-handle.ts'

/** Processors that fell silent together, as all of a host do: given up, they are told of as one loss. */
export class JointSilences {
  readonly #groups = new Map<ProcessorHandle, readonly ProcessorHandle[]>()
  readonly #told = new WeakSet<ProcessorHandle>()

  note(handles: readonly ProcessorHandle[]): void {
    for (const handle of handles) this.#groups.set(handle, handles)
  }

  /** They are heard again, or known to be lost. */
  forget(handles: readonly ProcessorHandle[]): void {
    for (const handle of handles) this.#groups.delete(handle)
  }

  /** All that fell silent with this one and are not heard, itself too, once; null if it fell silent alone. */
  takeWith(handle: ProcessorHandle): readonly ProcessorHandle[] | null {
    const group = this.#groups.get(handle)?.filter((one) => this.#groups.has(one)) ?? null
    if (group === null) return null
    this.forget(group)
    for (const one of group) this.#told.add(one)
    return group
  }

  /** It was told of with others. */
  isTold(handle: ProcessorHandle): boolean {
    return this.#told.has(handle)
  }
}
