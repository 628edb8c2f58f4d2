import { noPages, type PageRanges, type PageTracker, type PageWatch, scale } from '../index.ts'
import type { PageScanner, Paging } from './load-addon.ts'

/** Page tracking by the kernel for memories with a shadow. */
export function createPageTracker(paging: Paging): PageTracker {
  const { PageScanner: Scanner, systemPageBytes } = paging
  return {
    systemPageBytes,
    watch: (live, pages, pageSizeBytes) => new KernelWatch(new Scanner(live), pages, pageSizeBytes, systemPageBytes),
  }
}

class KernelWatch implements PageWatch {
  readonly #scanner: PageScanner
  readonly #pages: number
  readonly #pageSizeBytes: number
  readonly #systemPageBytes: number
  #isArmed = false

  constructor(scanner: PageScanner, pages: number, pageSizeBytes: number, systemPageBytes: number) {
    this.#scanner = scanner
    this.#pages = pages
    this.#pageSizeBytes = pageSizeBytes
    this.#systemPageBytes = systemPageBytes
  }

  arm(): void {
    this.#scanner.arm()
    this.#isArmed = true
  }

  disarm(): void {
    this.#scanner.disarm()
    this.#isArmed = false
  }

  take(): PageRanges {
    return this.#scan(() => this.#scanner.take())
  }

  peek(): PageRanges {
    return this.#scan(() => this.#scanner.peek())
  }

  /** The kernel would see the writes, but each would be a fault. */
  note(first: number, end: number): void {
    if (!this.#isArmed) return
    const scale = this.#pageSizeBytes / this.#systemPageBytes
    this.#scanner.note(Math.floor(first * scale), Math.ceil(end * scale))
  }

  close(): void {
    this.#isArmed = false
    this.#scanner.close()
  }

  /** A scan that fails may have taken pages that it does not name: then all count as written. */
  #scan(scan: () => PageRanges): PageRanges {
    if (!this.#isArmed) return noPages
    try {
      return this.#inOwnPages(scan())
    } catch {
      return Uint32Array.of(0, this.#pages)
    }
  }

  #inOwnPages(ranges: PageRanges): PageRanges {
    if (this.#pageSizeBytes === this.#systemPageBytes) return ranges
    return scale(ranges, this.#systemPageBytes, this.#pageSizeBytes, this.#pages)
  }
}
