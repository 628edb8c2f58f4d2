import { copyPageBytes, type WasmPageWatch, type WatchPages } from './page-watch.ts'

const wordsPerPage = copyPageBytes / 8

/** Below so many pages, comparing costs less than asking what was written. */
const watchedPagesMin = 256

/**
 * Shares of changed pages from which on the other way of finding them is cheaper. Between them the way stays as it is,
 * since changing it costs something too.
 */
const compareFromShare = 0.3
const watchUpToShare = 0.15

/**
 * Carries what a module has changed in its memory over into the protected memory. Changed pages are found by comparing,
 * or by a watch where the system has one and few pages change.
 */
export class MemoryCopy {
  readonly #target: Uint8Array
  readonly #targetWords: BigUint64Array
  readonly #watchPages: WatchPages
  #source: Uint8Array = new Uint8Array()
  #sourceWords: BigUint64Array = new BigUint64Array()
  #watch: WasmPageWatch | null = null
  #isArmed = false
  #isNew = true

  /** `target` is the protected memory, on a multiple of 8 bytes. */
  constructor(target: Uint8Array, watchPages: WatchPages) {
    this.#target = target
    this.#targetWords = new BigUint64Array(target.buffer, target.byteOffset, target.length / 8)
    this.#watchPages = watchPages
  }

  /** Makes the protected memory the same as the module's, which is `buffer` now: another one each time it has grown. */
  carryOver(buffer: ArrayBufferLike): void {
    if (buffer !== this.#source.buffer) this.#lookAt(buffer)
    const changedPages = this.#isArmed ? this.#copyRuns(this.#watch!.take()) : this.#copyDifferent()
    this.#chooseWay(changedPages)
  }

  #lookAt(buffer: ArrayBufferLike): void {
    this.#watch?.close()
    this.#watch = null
    this.#isArmed = false
    this.#isNew = true
    this.#source = new Uint8Array(buffer)
    this.#sourceWords = new BigUint64Array(buffer)
  }

  get #pages(): number {
    return this.#source.length / copyPageBytes
  }

  #chooseWay(changedPages: number): void {
    if (this.#pages < watchedPagesMin) return
    const share = changedPages / this.#pages
    if (this.#isArmed) {
      if (share < compareFromShare) return
      this.#watch!.disarm()
      this.#isArmed = false
      return
    }
    // What the first step has filled says nothing of the next one.
    if (share > watchUpToShare && !this.#isNew) return
    this.#isNew = false
    this.#watch ??= this.#watchPages(this.#source)
    if (this.#watch === null) return
    this.#watch.arm()
    this.#isArmed = true
  }

  /** Returns how many pages it has copied, as does `#copyDifferent`. */
  #copyRuns(runs: Uint32Array): number {
    let pages = 0
    for (let index = 0; index < runs.length; index += 2) pages += this.#copy(runs[index]!, runs[index + 1]!)
    return pages
  }

  #copyDifferent(): number {
    let pages = 0
    let first = -1
    for (let page = 0; page < this.#pages; page += 1) {
      if (differs(this.#sourceWords, this.#targetWords, page * wordsPerPage)) {
        if (first < 0) first = page
      } else if (first >= 0) {
        pages += this.#copy(first, page)
        first = -1
      }
    }
    return first < 0 ? pages : pages + this.#copy(first, this.#pages)
  }

  #copy(first: number, end: number): number {
    this.#target.set(this.#source.subarray(first * copyPageBytes, end * copyPageBytes), first * copyPageBytes)
    return end - first
  }
}

/** Whether the pages from word `from` on differ. Words of 64 bits as whole numbers: floating point would not tell 0 from -0. */
function differs(left: BigUint64Array, right: BigUint64Array, from: number): boolean {
  for (let word = from; word < from + wordsPerPage; word += 1) if (left[word] !== right[word]) return true
  return false
}
