import { renameSync, watch } from 'node:fs'
import { join } from 'node:path'
import { LinkProxy, type StrikeKind } from '../fabric/proxy.ts'

export interface ProxiesOptions {
  /** What befalls the next frame between two processors; null for nothing. */
  strike(frame: Uint8Array, name: string): StrikeKind | null
  onFrame?(frame: Uint8Array, link: string): void
}

/** Stands before every processor that comes to listen in the folder of a run. */
export class Proxies {
  readonly #options: ProxiesOptions
  readonly #folder: string
  readonly #watcher: ReturnType<typeof watch>
  readonly #proxies = new Map<string, LinkProxy>()
  #failure: unknown = null

  constructor(folder: string, options: ProxiesOptions) {
    this.#folder = folder
    this.#options = options
    this.#watcher = watch(folder, (_, name) => {
      if (name && /^p\d+\.sock$/.test(name) && !this.#proxies.has(name)) this.#standBefore(name)
    })
  }

  get strikes(): number {
    return [...this.#proxies.values()].reduce((sum, { strikes }) => sum + strikes, 0)
  }

  get links(): number {
    return [...this.#proxies.values()].reduce((sum, { links }) => sum + links, 0)
  }

  async close(): Promise<void> {
    this.#watcher.close()
    for (const proxy of this.#proxies.values()) await proxy.close()
    if (this.#failure) throw this.#failure
  }

  /** A socket goes on listening under another name. */
  #standBefore(name: string): void {
    const [path, behind] = [join(this.#folder, name), join(this.#folder, `behind-${name}`)]
    const { strike, onFrame } = this.#options
    const proxy = new LinkProxy({
      ...{ listen: { path }, target: { path: behind }, strike: (_, frame) => strike(frame, name) },
      ...(onFrame ? { onFrame: (frame, link) => onFrame(frame, `${name} ${link}`) } : {}),
    })
    try {
      renameSync(path, behind)
    } catch {
      // Its processor has ended again.
      return
    }
    this.#proxies.set(name, proxy)
    proxy.open().catch((error: unknown) => {
      this.#failure = error
    })
  }
}
