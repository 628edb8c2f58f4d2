import { messageOf, UsageError } from '../base/index.ts'
import type { LinkLimit } from './faults.ts'
import { HostProcess, type HostProcessOptions } from './host-process.ts'
import type { HostPlace } from './settings.ts'

/** What a host is: off, on with a first process, or on the way from one to the other. */
type Power =
  | { readonly is: 'off' }
  | { readonly is: 'starting'; resolve(): void; reject(error: Error): void }
  | { readonly is: 'on'; readonly pid: number }
  | { readonly is: 'ending' }

/** One host of a laboratory. */
export class LabHost {
  readonly name: string
  readonly address: string
  readonly mac: string
  readonly lab: string
  readonly groups: readonly string[]
  speed: LinkLimit
  readonly #isInUserNamespace: boolean
  #power: Power = { is: 'off' }
  #isWanted = false
  readonly #entered = new Set<Promise<void>>()
  #gone: Promise<void> = Promise.resolve()
  #tellGone = (): void => {}

  constructor(
    place: HostPlace,
    lab: string,
    given: {
      readonly groups: readonly string[]
      readonly isInUserNamespace: boolean
      readonly speed: LinkLimit
    },
  ) {
    this.name = place.name
    this.address = place.address
    this.mac = place.mac
    this.lab = lab
    this.groups = given.groups
    this.speed = given.speed
    this.#isInUserNamespace = given.isInUserNamespace
  }

  get isOn(): boolean {
    return this.#power.is === 'on'
  }

  /** It is on, or on the way to it. */
  get isWanted(): boolean {
    return this.#isWanted
  }

  /** Of its first process, as this process sees it; null while it is off. */
  get pid(): number | null {
    return this.#power.is === 'on' ? this.#power.pid : null
  }

  /** How to enter it. Throws a `UsageError` while it is off. */
  get door() {
    if (this.#power.is !== 'on') throw new UsageError(`${this.name} is off`)
    const { lab, name: host, groups } = this
    return { lab, host, pid: this.#power.pid, groups, isInUserNamespace: this.#isInUserNamespace } as const
  }

  /** Starts a command in it. Throws a `UsageError` while it is off. */
  spawn(command: readonly string[], options?: HostProcessOptions): HostProcess {
    const started = new HostProcess(this.door, command, options)
    const ended = started.ended.then(
      () => {},
      () => {},
    )
    this.#entered.add(ended)
    void ended.then(() => this.#entered.delete(ended))
    return started
  }

  /** Resolves when nothing of it is left, nor of those that have entered it from here. */
  async gone(): Promise<void> {
    await this.#gone
    await Promise.all(this.#entered)
  }

  /** It is being started by `start`. Resolves when it is on. */
  async starting(start: () => Promise<void>): Promise<void> {
    this.#isWanted = true
    // Of what was there before the power went off, its link too.
    await this.#gone
    this.#gone = new Promise((resolve) => {
      this.#tellGone = resolve
    })
    await new Promise<void>((resolve, reject) => {
      this.#power = { is: 'starting', resolve, reject }
      // What waits for it to be gone waits no longer, either.
      start().catch((error: unknown) => this.hasEnded(messageOf(error)))
    })
  }

  /** Its power goes off: from now on it is on no more. */
  ending(): void {
    this.#isWanted = false
    this.#power = { is: 'ending' }
  }

  /** Its own processes say that it is up. */
  hasStarted(pid: number): void {
    const before = this.#power
    this.#power = { is: 'on', pid }
    if (before.is === 'starting') before.resolve()
  }

  /** All of it has ended, by whatever. */
  hasEnded(text: string): void {
    const before = this.#power
    this.#power = { is: 'off' }
    if (before.is !== 'ending') this.#isWanted = false
    if (before.is === 'starting')
      before.reject(new Error(`${this.name} cannot be started: ${text || 'it ended at once'}`))
    this.#tellGone()
  }
}
