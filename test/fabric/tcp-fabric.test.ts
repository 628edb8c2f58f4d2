import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tcpFabric, unixFabric } from '../../src/fabric/index.ts'
import { sharedMemory } from '../../src/memory/native/index.ts'
import { fabricContract } from './contract.ts'
import { resumedContract } from './resumed-contract.ts'
import { type ProxiedFabric, sessionsContract } from './sessions-contract.ts'

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

  it('waits for an answer no longer than it is told', async () => {
    // A network that is kept for documents: nobody answers from there, and nobody refuses.
    const attempt = tcpFabric({ connectMsMax: 50 }).connect('192.0.2.1:4711', {})
    await expect(attempt).rejects.toThrow(/^cannot connect to 192\.0\.2\.1:4711: /)
  })
})
