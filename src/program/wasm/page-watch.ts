/** Finds which pages were written: pages in which nothing has changed are not copied, so that checkpoints stay small. */
export const copyPageBytes = 4096

/** Knows which pages of a piece of memory were written. It may name more, but never misses one. */
export interface WasmPageWatch {
  /** Pages are noticed from here on. */
  arm(): void
  /** Pages are not noticed any more, and writing them costs nothing extra. */
  disarm(): void
  /**
   * The pages written since `arm`, or since the last `take`, in runs: the first page of each run and the one after its
   * last, in turn. From the same instant on they are noticed anew.
   */
  take(): Uint32Array
  /** Before the memory can be freed. */
  close(): void
}

/** Watches `bytes`, which are whole pages of `copyPageBytes`; null where that cannot be done. */
export type WatchPages = (bytes: Uint8Array) => WasmPageWatch | null

const provided = new WeakMap<object, WatchPages>()

/** Lets the process that `self` belongs to watch pages, where the system can. */
export function provideWatch(self: object, watchPages: WatchPages): void {
  provided.set(self, watchPages)
}

/** What was provided for the process; watches nothing if nothing was. */
export function watchPagesOf(self: object): WatchPages {
  return provided.get(self) ?? (() => null)
}
