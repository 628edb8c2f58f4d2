import type { Link } from '../../fabric/index.ts'
import type { BundleAnswer, BundleWanted } from '../wire/bundles.ts'
import type { ProgramBundle } from './program-bundle.ts'

/** More questions than a host has any use for at a time. */
const dueMax = 16

/** Answers what a host asks for over one link, each part when the link has room for it. */
export class BundleSender {
  readonly #link: Pick<Link, 'closed' | 'send' | 'whenDrained'>
  readonly #find: (digest: string) => ProgramBundle | null
  readonly #due: BundleWanted[] = []
  #isSending = false

  /** `find`: the bundle of that digest, if it is here. */
  constructor(link: Pick<Link, 'closed' | 'send' | 'whenDrained'>, find: (digest: string) => ProgramBundle | null) {
    this.#link = link
    this.#find = find
  }

  /** Takes a question that `fromDaemonProblem` has no objection to. Returns why the link is to be closed; null: go on. */
  answer(wanted: BundleWanted): string | null {
    if (this.#due.length === dueMax) return `more than ${dueMax} questions for parts of a program bundle at once`
    this.#due.push(wanted)
    void this.#send()
    return null
  }

  async #send(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    for (let next = this.#due[0]; next !== undefined && !this.#link.closed; next = this.#due[0]) {
      await this.#link.whenDrained()
      this.#due.shift()
      this.#link.send(answerTo(next, this.#find(next.digest)))
    }
    this.#isSending = false
  }
}

/** The part that is asked for, or that there is none. */
export function answerTo({ digest, file, offset, bytesMax }: BundleWanted, bundle: ProgramBundle | null): BundleAnswer {
  // A manifest comes whole, however little was asked for.
  const part = bundle?.part(file, offset, file === null ? Number.POSITIVE_INFINITY : bytesMax) ?? null
  return part === null ? { type: 'bundleMissing', digest } : { type: 'bundlePart', digest, ...part }
}
