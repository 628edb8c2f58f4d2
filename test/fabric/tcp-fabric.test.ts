import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeNews } from '../../src/fabric/encode-frame.ts'
import { bytesOfOpening, type Link, SlotPool, tcpAddress, tcpFabric, unixFabric } from '../../src/fabric/index.ts'
import { sharedMemory } from '../../src/memory/native/index.ts'
import { fabricContract } from './contract.ts'
import { ended, nextTurn } from './harness.ts'
import { resumedContract } from './resumed-contract.ts'
import { type ProxiedFabric, sessionsContract } from './sessions-contract.ts'
import { fabricWithSlots, slotsContract } from './slots-contract.ts'

let addresses = 0

/** All of 127.0.0.0/8 is this computer: each test has an address of its own, and what it ends in is an address too. */
const tcp: ProxiedFabric = {
  name: 'tcpFabric',
  make: tcpFabric,
  freshAddress() {
    addresses += 1
    return `127.${1 + (process.pid % 250)}.${1 + (addresses >> 7)}.${1 + (addresses & 127)}:4711`
  },
  frontOf: (address) => address.replace(':4711', ':4712'),
  parts(address) {
    const [host, port] = address.split(':') as [string, string]
    return { host, port: Number(port) }
  },
}

const unix: ProxiedFabric = {
  name: 'unixFabric',
  make: unixFabric,
  freshAddress: (directory) => join(directory, 'a0.sock'),
  frontOf: (address) => `${address}.front`,
  parts: (path) => ({ path }),
}

fabricContract(tcp)
// Nothing goes past the socket, though memory could be shared: for all that is known the peer is on another computer.
slotsContract(fabricWithSlots('tcpFabric with slots', sharedMemory(), tcp), false)
sessionsContract(tcp, null)
sessionsContract(unix, sharedMemory())
resumedContract(tcp)
resumedContract(unix)

describe('tcpFabric', () => {
  it.each(['localhost', ':80', '10.0.0.1:http', '10.0.0.1:70000'])(
    'says what an address is: not %s',
    async (address) => {
      await expect(tcpFabric().connect(address, {})).rejects.toThrow(`a TCP address is host:port, not ${address}`)
      await expect(tcpFabric().listen(address, () => {})).rejects.toThrow(`a TCP address is host:port, not ${address}`)
    },
  )

  it('takes no offer of memory, and makes none', async () => {
    const slots = new SlotPool({ slotBytes: 64 * 1024, slots: 4, sharing: sharedMemory() })
    const links: Link[] = []
    const listener = await tcpFabric({ slots }).listen('127.0.0.1:0', (link) => links.push(link))
    const [host, port] = listener.address.split(':') as [string, string]
    expect(host).toBe('127.0.0.1')
    const stranger = connect(Number(port), host)
    stranger.on('error', () => {})
    stranger.resume()
    stranger.write(bytesOfOpening({ processor: 4 }))
    while (links.length === 0) await nextTurn()
    const over = ended(links[0]!)
    stranger.write(
      encodeNews({ offer: { number: 1, pid: process.pid, descriptor: 3, bytes: 65_568, slotBytes: 65_536 } }).head,
    )
    const { kind, detail } = await over
    expect(kind).toBe('damaged')
    expect(detail).toContain('there is no lane beside this link')
    await listener.close('destroy')
  })

  it('listens at a port that is free where none is named, also at an address of version 6', async () => {
    const links: Link[] = []
    const listener = await tcpFabric().listen(tcpAddress('::1', 0), (link) => links.push(link))
    expect(listener.address).toMatch(/^\[::1\]:[1-9]\d*$/)
    const near = await tcpFabric().connect(listener.address, { first: true })
    while (links.length === 0) await nextTurn()
    expect(links[0]!.peer).toEqual({ first: true })
    near.destroy()
    await listener.close('destroy')
  })

  it('waits for an answer no longer than it is told', async () => {
    // A network that is kept for documents: nobody answers from there, and nobody refuses.
    const attempt = tcpFabric({ connectMsMax: 50 }).connect('192.0.2.1:4711', {})
    await expect(attempt).rejects.toThrow(/^cannot connect to 192\.0\.2\.1:4711: /)
  })
})
