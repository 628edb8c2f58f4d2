import { type AddressInfo, connect, createServer } from 'node:net'
import type { Fabric } from './link.ts'
import { acceptLinks, type FabricOptions, meansOf, openLink } from './socket-fabric.ts'

/**
 * Links between computers. An address is `host:port`, as in `10.0.0.7:4711` or `[fd00::7]:4711`; who listens at port 0 is
 * given one that is free. Nothing on the way is kept secret, and no memory is shared, wherever the ends are.
 */
export function tcpFabric(options: FabricOptions = {}): Fabric {
  const means = meansOf(options, false)
  return {
    async listen(address, onLink, onTurnedAway = () => {}) {
      const server = createServer({ noDelay: true })
      const { host, port } = partsOf(address)
      const listener = await acceptLinks(server, { host, port }, address, means, onLink, onTurnedAway)
      return port > 0 ? listener : { ...listener, address: tcpAddress(host, (server.address() as AddressInfo).port) }
    },
    async connect(address, hello) {
      return openLink(connect({ ...partsOf(address), noDelay: true }), address, hello, means)
    },
  }
}

/** The address of a port at a host, which may be an address of version 6 as it is. */
export function tcpAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function partsOf(address: string): { readonly host: string; readonly port: number } {
  const [, host, digits] = /^(.+):(\d+)$/.exec(address) ?? []
  const port = Number(digits)
  if (host === undefined || port > 65_535) throw new Error(`a TCP address is host:port, not ${address}`)
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
}
