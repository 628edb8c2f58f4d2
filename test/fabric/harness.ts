import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Fabric, FabricOptions, Link, LinkEnd, Listener } from '../../src/fabric/index.ts'

export { nextTurn }

export interface FabricUnderTest {
  /** Exported name of the factory in src/fabric/index.ts, so that a child process can make one too. */
  readonly name: string
  make(options?: FabricOptions): Fabric
  /** An address where nobody listens yet; `directory` is the test's own. */
  freshAddress(directory: string): string
}

export interface Bench {
  readonly address: string
  /** Listens at `address` until the test is over. */
  listen(onLink: (link: Link) => void, options?: FabricOptions, onTurnedAway?: (why: string) => void): Promise<Listener>
  /** Stops listening, so that somebody else can do so there. */
  closeAll(): Promise<void>
  /** Both ends of a link: `near` is the one that connected, and says that it is processor 7. */
  pair(farOptions?: FabricOptions, nearOptions?: FabricOptions): Promise<{ near: Link; far: Link }>
}

/** Gives every test an address of its own, and checks that nothing is left at it. */
export function useFabric({ make, freshAddress }: FabricUnderTest): Bench {
  let directory = ''
  let address = ''
  let listeners: Listener[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'paritas-'))
    address = freshAddress(directory)
  })
  const closeAll = async (): Promise<void> => {
    for (const listener of listeners) await listener.close('destroy')
    listeners = []
  }
  afterEach(async () => {
    await closeAll()
    expect(readdirSync(directory)).toEqual([])
    rmSync(directory, { recursive: true })
  })
  return {
    closeAll,
    get address() {
      return address
    },
    async listen(onLink, options, onTurnedAway) {
      const listener = await make(options).listen(address, onLink, onTurnedAway)
      listeners.push(listener)
      return listener
    },
    async pair(farOptions, nearOptions) {
      let accept: (link: Link) => void = () => {}
      const accepted = new Promise<Link>((resolve) => {
        accept = resolve
      })
      await this.listen(accept, farOptions)
      const near = await make(nearOptions).connect(address, { processor: 7 })
      return { near, far: await accepted }
    },
  }
}

/** The next `count` messages on `link`; rejects if the link is over before. */
export function received<Message = unknown>(link: Link, count: number): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    const messages: Message[] = []
    link.onClose = (end) => reject(new Error(`${end.kind} after ${messages.length} of ${count}: ${end.detail}`))
    link.onMessage = (message) => {
      messages.push(message as Message)
      if (messages.length === count) resolve(messages)
    }
  })
}

/** How the link ends; reads and drops what comes. Fails the test when it is told twice. */
export function ended(link: Link): Promise<LinkEnd> {
  link.onMessage ??= () => {}
  return new Promise((resolve) => {
    let times = 0
    link.onClose = (end) => {
      times += 1
      expect(times).toBe(1)
      resolve(end)
    }
  })
}

/** Bytes that differ at every place where a wrong cut could hide. */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index ^ (index >>> 8) ^ (index >>> 16)) & 0xff
  return bytes
}

/** Waits until the kernel takes no more of what `link` has queued. */
export async function quiet(link: Link): Promise<void> {
  let queuedBytes = link.queuedBytes
  for (let unchangedTurns = 0; unchangedTurns < 20; unchangedTurns += 1) {
    await nextTurn()
    if (link.queuedBytes !== queuedBytes) unchangedTurns = 0
    queuedBytes = link.queuedBytes
  }
}
