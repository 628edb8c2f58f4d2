/** Ids of messages and outputs, each with a name for people. Ids ascend in the order in which they were given. */
export class Names {
  readonly #names: string[] = []
  readonly #repeats: boolean

  /** `repeats`: what is named alike is the same, so that a repetition is known as such; else every id is new. */
  constructor(repeats: boolean) {
    this.#repeats = repeats
  }

  /** The id of what is sent or put out under `tag`. */
  idFor(tag: string): number {
    const known = this.#repeats ? this.#names.indexOf(tag) : -1
    if (known >= 0) return known + 1
    const id = this.#names.length + 1
    this.#names.push(this.#repeats ? tag : `${tag}${id}`)
    return id
  }

  of(id: number): string {
    return this.#names[id - 1] ?? `message ${id}`
  }
}
