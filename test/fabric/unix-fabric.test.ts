import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import { createServer, connect as netConnect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/fabric/encode-frame.ts'
import { type Link, unixFabric } from '../../src/fabric/index.ts'
import { fabricContract } from './contract.ts'
import { type FabricUnderTest, nextTurn, received, useFabric } from './harness.ts'

const subject: FabricUnderTest = {
  name: 'unixFabric',
  make: unixFabric,
  freshAddress: (directory) => join(directory, 'a0.sock'),
}

fabricContract(subject)

describe('unixFabric', () => {
  const bench = useFabric(subject)

  it.each(['listen', 'connect'] as const)('says how long a path may be: %s', async (what) => {
    const path = `/tmp/${'p'.repeat(103)}`
    const attempt = what === 'listen' ? unixFabric().listen(path, () => {}) : unixFabric().connect(path, {})
    await expect(attempt).rejects.toThrow(`a socket's path may have 107 bytes, this one has 108: ${path}`)
  })

  it('takes a path of the greatest length', async () => {
    const path = `/tmp/paritas-${process.pid}-`.padEnd(107, 'p')
    const listener = await unixFabric().listen(path, () => {})
    const link = await unixFabric().connect(path, {})
    link.destroy()
    await listener.close('destroy')
  })

  it('says that a directory or a socket does not exist', async () => {
    const path = `${bench.address}/none`
    await expect(unixFabric().connect(path, {})).rejects.toThrow(/^cannot connect to .*none: there is no such socket$/)
  })

  it('says that nobody listens on a socket that was left behind', async () => {
    const server = createServer().listen(bench.address)
    await once(server, 'listening')
    renameSync(bench.address, `${bench.address}.old`)
    server.close()
    const attempt = unixFabric().connect(`${bench.address}.old`, {})
    await expect(attempt).rejects.toThrow(/^cannot connect to .*\.old: nobody listens there$/)
    rmSync(`${bench.address}.old`)
  })

  it.each([
    ['no hello', Buffer.from(encodeFrame({ type: 'grant' }).head)],
    ['another version', Buffer.from(encodeFrame({ paritas: 0, hello: {} }).head)],
    ['no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a hello without end', Buffer.alloc(100_000, 0x40)],
  ])('ends a connection that begins with %s, and goes on listening', async (_, bytes) => {
    const links: Link[] = []
    await bench.listen((link) => links.push(link))
    const stranger = netConnect(bench.address)
    stranger.on('error', () => {})
    const over = new Promise((resolve) => stranger.once('close', resolve))
    stranger.write(bytes)
    stranger.resume()
    await over
    expect(links).toEqual([])
    const link = await unixFabric().connect(bench.address, { welcome: true })
    link.send('hello')
    while (links.length === 0) await nextTurn()
    expect(links[0]!.peer).toEqual({ welcome: true })
    expect(await received(links[0]!, 1)).toEqual(['hello'])
  })
})
