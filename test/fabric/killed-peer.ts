import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Link } from '../../src/fabric/index.ts'
import { type Bench, ended, type FabricUnderTest, nextTurn, pattern, received } from './harness.ts'

/** What is seen of a peer that dies: it runs in a process of its own, from peer.ts. */
export function killedPeerTests({ name }: FabricUnderTest, bench: Bench): void {
  let directory = ''
  let peers: ChildProcess[] = []

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'paritas-peer-'))
    const entry = fileURLToPath(new URL('./peer.ts', import.meta.url))
    const outfile = join(directory, 'peer.mjs')
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })
  })
  afterEach(() => {
    for (const peer of peers) peer.kill('SIGKILL')
    peers = []
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  async function peerThat(behaviour: 'reads' | 'floods'): Promise<{ link: Link; peer: ChildProcess }> {
    let peer: ChildProcess | null = null
    const accepted = new Promise<Link>((resolve, reject) => {
      bench.listen(resolve).then(() => {
        peer = fork(join(directory, 'peer.mjs'), [name, bench.address, behaviour], { execArgv: [] })
        peer.on('exit', (code) => reject(new Error(`the peer ended with ${code}`)))
        peers.push(peer)
      }, reject)
    })
    const link = await accepted
    return { link, peer: peer! }
  }

  it('is seen as the end of the link when it is killed', async () => {
    const { link, peer } = await peerThat('reads')
    expect(link.peer).toEqual({ behaviour: 'reads' })
    expect(await received(link, 1)).toEqual(['ready'])
    const end = ended(link)
    peer.kill('SIGKILL')
    expect(['ended', 'lost']).toContain((await end).kind)
  })

  it('is seen as the end when it is killed while much is queued for it', async () => {
    const { link, peer } = await peerThat('reads')
    expect(await received(link, 1)).toEqual(['ready'])
    const end = ended(link)
    peer.kill('SIGSTOP')
    for (let sent = 0; sent < 20; sent += 1) link.send({ bytes: pattern(1_000_000) })
    const drained = link.whenDrained(0)
    await nextTurn()
    peer.kill('SIGKILL')
    expect(['ended', 'lost']).toContain((await end).kind)
    await drained
    expect(link.queuedBytes).toBe(0)
  })

  it('is seen as the end when it is killed while it sends', async () => {
    const { link, peer } = await peerThat('floods')
    await received(link, 10)
    const end = ended(link)
    peer.kill('SIGKILL')
    expect(['ended', 'lost']).toContain((await end).kind)
    await once(peer, 'exit')
  })
}
